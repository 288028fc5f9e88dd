/**
 * A Tub lives elsewhere: how a negotiation ends that was answered with 303 (N11).
 *
 * @since 0.1.0
 */
import { LocationHint } from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Schema from "effect/Schema"
import { Side } from "./policy/Master.ts"

/**
 * The Tub asked for is to be dialled somewhere else. On the client it says where the server sent us, on the server where
 * it sent the client. Following it is the Connector's work; the TubId to be proven in the end stays the same.
 *
 * @category errors
 * @since 0.1.0
 */
export class Redirect extends Schema.TaggedError<Redirect>("@effect-foolscap/negotiation/Redirect")("Redirect", {
  side: Side,
  /** The Tub that was asked for. */
  tubId: TubId,
  /** Where it lives, never empty. */
  hints: Schema.NonEmptyArray(LocationHint)
}) {
  override get message() {
    // A hint may be as long as a block.
    const hints = this.hints.map(({ text }) => (text.length > 100 ? `${text.slice(0, 100)}...` : text)).join(", ")
    return this.side === "client"
      ? `the server says that ${this.tubId} is at ${hints}`
      : `the client was sent to ${hints} for ${this.tubId}`
  }
}
