/**
 * How a link that speaks Banana ends: as any link, or because one of the two sides broke the protocol.
 *
 * @since 0.1.0
 */
import type { BananaError } from "@effect-foolscap/banana/BananaError"
import { describe as describeLinkEnd, type LinkEnd } from "@effect-foolscap/negotiation/Link"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"

/**
 * Why a link ended. It ends once, and the first reason stands.
 *
 * @category models
 * @since 0.1.0
 */
export type BananaLinkEnd =
  | LinkEnd
  | Data.TaggedEnum<{
      /** The peer found that we broke the protocol, or refused to go on, and said so in an ERROR token. */
      PeerError: { readonly text: string }
      /** The peer broke the protocol. It was told, in an ERROR token. */
      ProtocolError: { readonly error: BananaError }
      /** The peer closed the connection in the middle of an object or a token, which is lost. */
      Truncated: {}
    }>

/**
 * Makes and tells apart the ends of a link: `BananaLinkEnd.Truncated()`, `BananaLinkEnd.$match`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const BananaLinkEnd = Data.taggedEnum<BananaLinkEnd>()

/**
 * What a person reads about the end of a link.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describe = (end: BananaLinkEnd): string => {
  switch (end._tag) {
    case "PeerError":
      return `the peer ended the link with an error: ${shown(end.text)}`
    case "ProtocolError":
      return `the peer broke the protocol: ${end.error.message}`
    case "Idle":
      return `the peer was silent for ${Duration.format(end.after)}`
    case "Truncated":
      return "the peer closed the connection in the middle of an object"
    default:
      return describeLinkEnd(end)
  }
}

// What a peer wrote may hold anything; a message for a person holds none of its control characters.
const shown = (text: string): string => text.replace(/\s+/g, " ").replace(/\p{C}/gu, "?")

/**
 * The link has ended: nothing more can be sent, and everything that came before has been received. Recover from one of the
 * reasons with `Effect.catchReason("LinkEnded", "Replaced", ...)`.
 *
 * @category errors
 * @since 0.1.0
 */
export class LinkEnded extends Data.TaggedError("LinkEnded")<{ readonly reason: BananaLinkEnd }> {
  override get message() {
    return `the link has ended: ${describe(this.reason)}`
  }
}
