/**
 * One scene of the demo: one Tub dials another over a real socket and real TLS, and both ends are listened in on.
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import * as Hint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector } from "@effect-foolscap/tub/Connector"
import type { Endpoint, ListenFailed } from "@effect-foolscap/tub/Endpoint"
import { HintHandler } from "@effect-foolscap/tub/HintHandler"
import { Links } from "@effect-foolscap/tub/Links"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { type Moment, tap } from "./Tap.ts"
import type { Actor, Line } from "./Timeline.ts"

/**
 * A Tub on the stage: it listens, it can dial, and everything it does is written down.
 */
export interface Player extends Actor {
  readonly hint: LocationHint
  readonly dial: Connector["Service"]["dial"]
  /** How the next connection that arrives here ends, on this side. */
  readonly arrival: Effect.Effect<Result.Result<NegotiatedConnection, NegotiationError | Redirect>>
}

/**
 * Puts a Tub on the stage. `record` is told what it does, and `elsewhere` are the Tubs that it redirects.
 */
export const enter = Effect.fnUntraced(function* (
  identity: TubIdentity,
  actor: Omit<Actor, "tubId">,
  record: (line: Line) => void,
  elsewhere: ReadonlyMap<TubId, Arr.NonEmptyReadonlyArray<LocationHint>> = new Map()
): Effect.fn.Return<Player, ListenFailed, Scope.Scope> {
  const self: Actor = { ...actor, tubId: identity.tubId }
  const heard = (moment: Moment) => record({ actor: self, moment })
  const tapped = Layer.effect(
    HintHandler,
    Effect.map(HintHandler, (handler) => ({
      connect: (hint: LocationHint) => Effect.map(handler.connect(hint), (transport) => tap(transport, heard))
    }))
  ).pipe(Layer.provide(NodeHintHandler.layer))
  const services = yield* Layer.build(
    Connector.layer.pipe(Layer.provide(tapped), Layer.provideMerge(Tub.layer(identity, { elsewhere })))
  )

  const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
  const overheard: Endpoint = {
    ...endpoint,
    run: (handler) => endpoint.run((transport) => handler(tap(transport, heard)))
  }
  let waiting: Deferred.Deferred<Result.Result<NegotiatedConnection, NegotiationError | Redirect>> | undefined
  const arrived = (result: Result.Result<NegotiatedConnection, NegotiationError | Redirect>) =>
    waiting === undefined ? Effect.void : Effect.asVoid(Deferred.succeed(waiting, result))
  yield* Listener.serve(overheard, {
    connected: (connection) => Effect.andThen(arrived(Result.succeed(connection)), untilEnd(connection)),
    failed: (error) => arrived(Result.fail(error))
  }).pipe(Effect.provide(Context.pick(NegotiationService, Links)(services)), Effect.forkScoped)

  return {
    ...self,
    hint: Hint.tcp("127.0.0.1", endpoint.address.port),
    dial: Context.get(services, Connector).dial,
    arrival: Effect.flatMap(
      Effect.sync(() => (waiting = Deferred.makeUnsafe())),
      Deferred.await
    )
  }
})

const untilEnd = (connection: NegotiatedConnection) =>
  Effect.gen(function* () {
    const { pull } = yield* connection.socket.reader
    return yield* Effect.forever(pull)
  }).pipe(Effect.scoped, Effect.ignore)
