/** An RPC service, served and called over Tubs on the simulated network. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcClient from "effect/rpc/RpcClient"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { CurrentPeer, ProvenPeer } from "../src/CurrentPeer.ts"
import { Tub } from "../src/Tub.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import * as TubSocket from "../src/TubSocket.ts"
import * as TubSocketServer from "../src/TubSocketServer.ts"
import { high, low } from "./Network.ts"
import { at, listen, type Network, program, protocol } from "./Sockets.ts"

export class TooLong extends Schema.TaggedError<TooLong>("test/TooLong")("TooLong", { limit: Schema.Int }) {}

export const Calls = RpcGroup.make(
  Rpc.make("Echo", { payload: { text: Schema.String }, success: Schema.String }),
  Rpc.make("Shorten", { payload: { text: Schema.String }, success: Schema.String, error: TooLong }),
  Rpc.make("Wait", { success: Schema.Void }),
  Rpc.make("WhoAmI", { success: Schema.String }),
  /** Who calls, again and again, once a second. */
  Rpc.make("WhoAmIStill", { success: Schema.String, stream: true }),
  Rpc.make("Count", { payload: { to: Schema.Int }, success: Schema.Int, stream: true })
).middleware(ProvenPeer)

/** What the server was seen doing. */
export interface Watched {
  /** A `Wait` that has begun, and one that was interrupted. */
  readonly waits: Queue.Queue<"begun" | "interrupted">
  /** How many numbers were counted. */
  counted: number
}

const handlers = (watched: Watched) =>
  Calls.toLayer({
    Echo: ({ text }) => Effect.succeed(text),
    Shorten: ({ text }) => (text.length > 10 ? Effect.fail(new TooLong({ limit: 10 })) : Effect.succeed(text)),
    Wait: () =>
      Effect.andThen(Queue.offer(watched.waits, "begun"), Effect.never).pipe(
        Effect.onInterrupt(() => Queue.offer(watched.waits, "interrupted"))
      ),
    WhoAmI: () => CurrentPeer,
    WhoAmIStill: () => Stream.repeat(Stream.fromEffect(CurrentPeer), Schedule.spaced("1 second")),
    Count: ({ to }) =>
      Stream.range(1, to).pipe(
        Stream.rechunk(1),
        Stream.tap(() =>
          Effect.sync(() => {
            watched.counted++
          })
        )
      )
  })

/** Starts a server, which is `high` if nothing else is said. `stop` ends it as a program ends. */
export const start = Effect.fnUntraced(function* (
  network: Network,
  options: {
    readonly self?: TubIdentity
    readonly protocol?: string
    readonly admit?: TubSocketServer.Options["admit"]
    readonly serialization?: Layer.Layer<RpcSerialization.RpcSerialization>
  } = {}
) {
  const { admit, self = high, serialization = RpcSerialization.layerNdjson } = options
  const watched: Watched = { waits: yield* Queue.unbounded<"begun" | "interrupted">(), counted: 0 }
  const sockets = TubSocketServer.layer({
    protocol: options.protocol ?? protocol,
    listen: listen(network),
    ...(admit === undefined ? {} : { admit })
  })
  const server = RpcServer.layer(Calls).pipe(
    Layer.provide([handlers(watched), ProvenPeer.layer]),
    Layer.provide(RpcServer.layerProtocolSocketServer),
    Layer.provide([sockets, serialization]),
    Layer.provide(Tub.layer(self))
  )
  const scope = yield* Scope.fork(yield* Effect.scope)
  yield* Scope.provide(Layer.build(server), scope)
  return { watched, stop: Scope.close(scope, Exit.void) }
})

/** A client of the server, which is `low` if nothing else is said. */
export const call = Effect.fnUntraced(function* (
  network: Network,
  options: {
    readonly self?: TubIdentity
    readonly there?: TubIdentity
    readonly serialization?: Layer.Layer<RpcSerialization.RpcSerialization>
  } = {}
) {
  const { self = low, serialization = RpcSerialization.layerNdjson, there = high } = options
  const client = RpcClient.layerProtocolSocket().pipe(
    Layer.provide([TubSocket.layer(at(there), { protocol }), serialization]),
    Layer.provide(program(network, self))
  )
  return yield* Effect.provideContext(
    RpcClient.make(Calls),
    Context.pick(RpcClient.Protocol)(yield* Layer.build(client))
  )
})

/** Lets time go by, in which the clients ping. */
export const pass = (seconds: number) => Effect.repeat(TestClock.adjust("1 second"), { times: seconds - 1 })
