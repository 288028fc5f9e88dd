/** A network in memory: ports that hints lead to, and Tubs that meet on it. */
import { FromString, type LocationHint } from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as MemoryTransport from "@effect-foolscap/negotiation/testing/MemoryTransport"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { Connector } from "../src/Connector.ts"
import type { Endpoint } from "../src/Endpoint.ts"
import { HintHandler, UnknownHint, Unreachable } from "../src/HintHandler.ts"
import { Tub } from "../src/Tub.ts"
import { TubIdentity } from "../src/TubIdentity.ts"

/** How a connection to a place comes about. The transport is destroyed when the dialler's Scope closes. */
export type Place = Effect.Effect<PlainTransport, Unreachable | UnknownHint>

/** A port that somebody may serve. Arrivals wait for it. */
export interface Port {
  readonly place: Place
  readonly endpoint: Endpoint
  /** The next connection as its server sees it, for a peer played by hand. */
  readonly arrival: Effect.Effect<PlainTransport>
}

/** A port for the Scope. */
export const port = Effect.gen(function* () {
  const scope = yield* Effect.scope
  const arrivals = yield* Queue.unbounded<PlainTransport>()
  const place = Effect.gen(function* () {
    const { client, server } = yield* Scope.provide(MemoryTransport.makePair(), scope)
    yield* Queue.offer(arrivals, server)
    return client
  })
  const run: Endpoint["run"] = (handler) =>
    Effect.gen(function* () {
      const handlers = yield* FiberSet.make<void>()
      while (true) {
        const transport = yield* Queue.take(arrivals)
        yield* FiberSet.run(
          handlers,
          Effect.scoped(
            Effect.andThen(
              Effect.addFinalizer(() => transport.destroy),
              handler(transport)
            )
          ).pipe(Effect.exit, Effect.asVoid)
        )
      }
    }).pipe(Effect.scoped)
  const self: Port = {
    place,
    endpoint: { address: { host: "memory", port: 0 }, run, stop: Effect.void },
    arrival: Queue.take(arrivals)
  }
  return self
})

/** What hints lead to, and a record of who went there. */
export interface Network {
  readonly layer: Layer.Layer<HintHandler>
  /** The hints that were tried. */
  readonly tried: ReadonlyArray<string>
  /** The hints to which the dialling side has a connection open. */
  readonly open: ReadonlyArray<string>
}

/** A network with these places. At every other tcp hint nobody listens, and hints of other kinds are unknown. */
export const network = (places: Readonly<Record<string, Place>>): Network => {
  const tried: Array<string> = []
  const open = new Map<PlainTransport, string>()
  const connect = Effect.fnUntraced(function* ({ kind, text: hint }: LocationHint) {
    tried.push(hint)
    if (kind !== "tcp") return yield* new UnknownHint({ hint })
    const place = places[hint] ?? Effect.fail(new Unreachable({ hint, cause: new Error("connection refused") }))
    return yield* Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(place), (transport) => {
        open.set(transport, hint)
        return Effect.as(
          Effect.addFinalizer(() =>
            Effect.andThen(
              Effect.sync(() => open.delete(transport)),
              transport.destroy
            )
          ),
          transport
        )
      })
    )
  })
  return {
    layer: Layer.succeed(HintHandler)({ connect }),
    tried,
    get open() {
      return [...open.values()]
    }
  }
}

export const hints = (...texts: ReadonlyArray<string>) => Schema.decodeSync(Schema.Array(FromString))(texts)

/** An identity that proves `tubId`, or with `proven` something else than it claims. */
export const identity = (tubId: string, proven = tubId): TubIdentity =>
  new TubIdentity({ tubId: TubId.make(tubId), ...MemoryTransport.credentials(TubId.make(proven)) })

/** Its TubId is the lowest of the three. */
export const low = identity("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet")
export const middle = identity("jinw3en2s7a66cih7qmxx5dxibwz5fhl")
/** Its TubId is the highest: it is Master towards the others. */
export const high = identity("p34dey6aut5fvfk7jekonycc7apozbhf")

/** One process that is this Tub: what it remembers, its Connector and its Listeners share. */
export const tub = (self: TubIdentity, { layer }: Pick<Network, "layer"> = network({})) =>
  Layer.build(Connector.layer.pipe(Layer.provide(layer), Layer.provideMerge(Tub.layer(self))))
