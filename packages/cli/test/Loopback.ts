/** Ports on loopback that a dial may meet. */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { untilClosed } from "../src/Hold.ts"

/** The name in every FURL here, which nothing may print. */
export const secret = "secret-swissnum"

export const furlOf = (tubId: TubId, ...hints: ReadonlyArray<string>) => `pb://${tubId}@${hints.join(",")}/${secret}`

const listen = Effect.orDie(NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }))

/** A Tub with this identity. `connected` is what it does with a link: by default it reads along. */
export const tubAt = Effect.fnUntraced(function* (
  identity: TubIdentity,
  connected: (connection: NegotiatedConnection) => Effect.Effect<void> = (link) => untilClosed(link, () => Effect.void)
) {
  const endpoint = yield* listen
  yield* Listener.serve(endpoint, { connected, failed: () => Effect.void }).pipe(
    Effect.provide(Tub.layer(identity)),
    Effect.forkScoped
  )
  return `tcp:127.0.0.1:${endpoint.address.port}`
})

/** Something that is no Tub, and everyone who connects to it. */
export const strangerAt = Effect.fnUntraced(function* (
  handler: (transport: PlainTransport) => Effect.Effect<void> = () => Effect.never
) {
  const endpoint = yield* listen
  const arrivals = yield* Queue.unbounded<PlainTransport>()
  yield* Effect.forkScoped(
    endpoint.run((transport) => Effect.andThen(Queue.offer(arrivals, transport), handler(transport)))
  )
  return { hint: `tcp:127.0.0.1:${endpoint.address.port}`, arrivals }
})

/** A hint at which nobody listens. */
export const nobodyAt = Effect.map(Effect.scoped(listen), ({ address }) => `tcp:127.0.0.1:${address.port}`)
