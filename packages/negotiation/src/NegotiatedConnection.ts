/**
 * What a negotiation ends in: a proven peer, parameters that both sides share, and a socket to go on with.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Socket from "effect/socket/Socket"
import type { LinkEnd } from "./Link.ts"
import type { Role, Side } from "./policy/Master.ts"
import type { Parameters } from "./policy/Parameters.ts"

/**
 * An established link. It belongs to the Scope it was negotiated in and closes with it.
 *
 * @category models
 * @since 0.1.0
 */
export interface NegotiatedConnection {
  readonly side: Side
  readonly role: Role
  /** Which of our Tubs it is. */
  readonly local: TubId
  /** Who the peer has proven to be. `undefined` for an anonymous client, where `AnonymousPeers` lets it in. */
  readonly peer: TubId | undefined
  /** The name of a link beside the one link of the two Tubs (N30). `undefined` for that one. */
  readonly name: string | undefined
  /** Where the peer is, as the transport names it. */
  readonly remoteAddress: string
  /** The same on both sides. */
  readonly parameters: Parameters
  /** The incarnations of both Tubs. The oldest peers have none. */
  readonly incarnations: { readonly local: string; readonly remote: string | undefined }
  /**
   * The Master's count of connections with this peer, the same on both sides; `undefined` with an anonymous peer, and
   * where a Master of the first versions gives none.
   */
  readonly seqnum: number | undefined
  /** How long each phase took. */
  readonly timings: {
    readonly plaintext: Duration.Duration
    readonly encrypted: Duration.Duration
    readonly deciding: Duration.Duration
  }
  /**
   * What the next protocol reads and writes. Its reader yields first the bytes that came early, can be acquired once,
   * and closes the link with its Scope. Its writer says goodbye when its Scope closes, for everyone who holds the link:
   * acquire it once, for as long as the link.
   */
  readonly socket: Socket.Socket
  /**
   * Succeeds once, with the reason, when the link has ended, whether or not anybody reads. The peer's end is noticed behind
   * the bytes it sent before; if nobody reads, up to 64 KiB of them are kept, and an end behind more is not noticed.
   */
  readonly ended: Effect.Effect<LinkEnd>
  /** Whether it has ended. */
  readonly hasEnded: Effect.Effect<boolean>
  /**
   * Ends the link for a reason that only its owner knows, such as `LinkEnd.Idle`, unless it has ended already. Succeeds at
   * once; the Scope waits for the closing.
   */
  readonly end: (reason: LinkEnd) => Effect.Effect<void>
  /** Closes the link in good order, within `closeLimit`. */
  readonly close: Effect.Effect<void>
}
