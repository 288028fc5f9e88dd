/** Member: one of several Listeners that share a store, put together as an application does it. */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as LocalTub from "@effect-foolscap/negotiation/LocalTub"
import { LocalTubs } from "@effect-foolscap/negotiation/LocalTubs"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as WhereaboutsStore from "@effect-foolscap/negotiation/WhereaboutsStore"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as NodeServices from "@effect/platform-node/NodeServices"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import type * as Scope from "effect/Scope"
import * as Identities from "../Identities.ts"
import { Inbox } from "../Inbox.ts"
import { type Arrival, type Failed, isLink } from "../OurTub.ts"
import * as RedisStore from "../RedisStore.ts"

/** A Tub with a Listener, and with a connection of its own to the store that all members share. */
export interface Member<R> {
  readonly tubId: TubId
  readonly hint: string
  /** Its store. */
  readonly services: Context.Context<KeyValueStore.KeyValueStore | R>
  readonly linked: Effect.Effect<NegotiatedConnection>
  readonly failed: Effect.Effect<Failed>
}

/** A store in this folder. */
export const inFolder = (folder: string) =>
  KeyValueStore.layerFileSystem(folder).pipe(Layer.provide(NodeServices.layer))

/** A store in the Redis at this path. Its client logs every connection that it loses, and here it is made to. */
export const inRedis = (path: string) => RedisStore.layer(path).pipe(Layer.provide(Logger.layer([])))

/** Starts a member, which tells the others where it is. */
export const start = Effect.fnUntraced(function* <R, E>(
  store: Layer.Layer<KeyValueStore.KeyValueStore | R, E>
): Effect.fn.Return<Member<R>, E | WhereaboutsStore.AnnounceFailed, Scope.Scope> {
  const tub = yield* LocalTub.make(yield* Identities.make())
  const tubs = LocalTubs.layerKeyValueStore({ here: [tub] })
  const services = yield* Layer.build(
    Tub.layerNegotiation.pipe(Layer.provide(tubs), Layer.provideMerge(Layer.fresh(store)))
  )
  const endpoint = yield* Effect.orDie(NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }))
  const arrivals = new Inbox<Arrival>("a member of the fleet")
  yield* Effect.forkScoped(
    Listener.serve(endpoint, {
      connected: (connection) => {
        arrivals.offer(connection)
        return Effect.asVoid(connection.ended)
      },
      failed: (error) => Effect.sync(() => arrivals.offer(error))
    }).pipe(Effect.provideContext(services))
  )
  const hint = LocationHint.tcp("127.0.0.1", endpoint.address.port)
  yield* Effect.provideContext(WhereaboutsStore.announce(tub, [hint]), services)
  return {
    tubId: tub.tubId,
    hint: hint.text,
    services,
    linked: arrivals.take("a link", isLink),
    failed: arrivals.take("a failure", (arrival): arrival is Failed => !isLink(arrival))
  }
})
