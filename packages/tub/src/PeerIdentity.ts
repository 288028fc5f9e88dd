/**
 * PeerIdentity: who is at the other end, for whoever serves a link of a `TubSocketServer`.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Context from "effect/Context"

/**
 * The peer of the link that is being served. `TubSocketServer` gives each of its handlers one; elsewhere there is none,
 * which `Effect.serviceOption` tells.
 *
 * @category services
 * @since 0.1.0
 */
export class PeerIdentity extends Context.Service<
  PeerIdentity,
  {
    /** Who the peer has proven to be. `undefined` for an anonymous client, where `AnonymousPeers` lets it in. */
    readonly tubId: TubId | undefined
    /** The link: where the peer is, what was settled with it, and how to end it. Its socket is the handler's. */
    readonly connection: NegotiatedConnection
  }
>()("@effect-foolscap/tub/PeerIdentity") {}
