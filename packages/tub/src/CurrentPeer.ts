/**
 * CurrentPeer: who calls, for the handlers of an `RpcGroup` that is served over a `TubSocketServer`.
 *
 * ```ts
 * import { CurrentPeer, ProvenPeer } from "@effect-foolscap/tub/CurrentPeer"
 * import { Effect, Schema } from "effect"
 * import { Rpc, RpcGroup } from "effect/rpc"
 *
 * const WhoAmI = RpcGroup.make(Rpc.make("WhoAmI", { success: Schema.String })).middleware(ProvenPeer)
 *
 * export const handlers = WhoAmI.toLayer({
 *   WhoAmI: () => Effect.map(CurrentPeer, (tubId) => `you are ${tubId}`)
 * })
 * ```
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RpcMiddleware from "effect/rpc/RpcMiddleware"
import * as Schema from "effect/Schema"
import { PeerIdentity } from "./PeerIdentity.ts"

/**
 * The TubId that the caller has proven. Handlers behind the middleware `ProvenPeer` have it.
 *
 * @category services
 * @since 0.1.0
 */
export class CurrentPeer extends Context.Service<CurrentPeer, TubId>()("@effect-foolscap/tub/CurrentPeer") {}

/**
 * The call was refused, because nobody has proven to be the caller: it came from an anonymous client, or over something
 * that is no Tub.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoProvenPeer extends Schema.TaggedError<NoProvenPeer>("@effect-foolscap/tub/NoProvenPeer")(
  "NoProvenPeer",
  {}
) {
  override readonly message =
    "this call needs a caller who has proven to be a Tub: connect with a certificate, to a Tub"
}

/**
 * Lets nobody call a handler who has not proven to be a Tub, and tells it who calls. Which Tubs may call is for the handler
 * to say, or for `admit` of the `TubSocketServer`: a certificate is something that everybody can make.
 *
 * @category middleware
 * @since 0.1.0
 */
export class ProvenPeer extends RpcMiddleware.Service<ProvenPeer, { provides: CurrentPeer }>()(
  "@effect-foolscap/tub/ProvenPeer",
  { error: NoProvenPeer }
) {
  /** The server's part; a client needs none. */
  static readonly layer: Layer.Layer<ProvenPeer> = Layer.succeed(ProvenPeer)((handling) =>
    // Every request runs in the context of the link it came over.
    Effect.flatMap(Effect.serviceOption(PeerIdentity), (peer) =>
      Option.isSome(peer) && peer.value.tubId !== undefined
        ? Effect.provideService(handling, CurrentPeer, peer.value.tubId)
        : Effect.fail(new NoProvenPeer())
    )
  )
}
