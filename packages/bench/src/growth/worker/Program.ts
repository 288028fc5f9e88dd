/** Program: a Tub that dials and one that listens, made of what applications make them of, with their memories in sight. */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import type { LocalTub } from "@effect-foolscap/negotiation/LocalTub"
import { LocalTubs } from "@effect-foolscap/negotiation/LocalTubs"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { NextProtocol } from "@effect-foolscap/negotiation/NextProtocol"
import { Connector } from "@effect-foolscap/tub/Connector"
import { Links } from "@effect-foolscap/tub/Links"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Place } from "./Place.ts"

/** What a program remembers of its peers. */
export type Memory = ConnectionTable["Service"]

/** Knows nobody yet. */
export const makeMemory = Effect.map(Layer.build(Layer.fresh(ConnectionTable.layerMemory)), (services) =>
  Context.get(services, ConnectionTable)
)

/** The same as `Tub.layerNegotiation`, around a memory that is there already. */
const negotiation = (memory: Memory, tubs: Parameters<typeof LocalTubs.layer>[0]) =>
  Layer.fresh(
    NegotiationService.layer.pipe(
      Layer.provide([Layer.succeed(ConnectionTable)(memory), NextProtocol.layerBanana, LocalTubs.layer(tubs)]),
      Layer.merge(Links.layer)
    )
  )

/** Answers for some Tubs, and redirects to others, until the Scope closes. Gives the hint that leads here. */
export const listen = Effect.fnUntraced(function* (
  place: Place,
  options: {
    readonly memory: Memory
    readonly here: ReadonlyArray<LocalTub>
    readonly elsewhere?: ReadonlyMap<TubId, readonly [LocationHint]>
  }
) {
  const { memory, ...tubs } = options
  const endpoint = yield* place.listen
  const serving = Listener.serve(endpoint, {
    connected: ({ ended }) => ended,
    failed: (error) => (error._tag === "Redirect" ? Effect.void : Effect.sync(() => console.error(error.message)))
  })
  yield* Effect.forkScoped(Effect.provide(serving, negotiation(memory, tubs)))
  return place.hintOf(endpoint.address.port)
})

/** Dials on behalf of a Tub for as long as the Scope is open. */
export const dialler = Effect.fnUntraced(function* (
  place: Place,
  { memory, tub }: { readonly memory: Memory; readonly tub: LocalTub }
) {
  const services = yield* Layer.build(
    Layer.fresh(Connector.layer).pipe(
      Layer.provide([place.handler, negotiation(memory, { here: [tub] }), Layer.succeed(Tub)(tub)])
    )
  )
  return Context.get(services, Connector).dial
})
