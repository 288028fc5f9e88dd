/**
 * Why a Tub could not be connected to: every hint that was tried, and what came of it.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { UnknownHint, Unreachable } from "./HintHandler.ts"

/**
 * Nothing had answered when the time was over. (What has answered and is then late fails with a `NegotiationError`.)
 *
 * @category errors
 * @since 0.1.0
 */
export class GaveUp extends Schema.TaggedError<GaveUp>("@effect-foolscap/tub/GaveUp")("GaveUp", {
  after: Schema.Duration
}) {
  override get message() {
    return `no answer within ${Duration.format(this.after)}; a firewall on the way?`
  }
}

/**
 * One hint that was tried.
 *
 * @category models
 * @since 0.1.0
 */
export class Attempt extends Schema.Class<Attempt>("@effect-foolscap/tub/Attempt")({
  /** The hint as it stands in the FURL. */
  hint: Schema.String,
  /** How long it took to fail. */
  after: Schema.Duration,
  /** How far it got, and why no further. */
  error: Schema.Union([Unreachable, UnknownHint, NegotiationError, Redirect, GaveUp])
}) {
  /** Where it was and why it failed, for people. */
  get message(): string {
    const { error, hint } = this
    // These two name the hint themselves.
    return error._tag === "Unreachable" || error._tag === "UnknownHint" ? error.message : `${hint}: ${error.message}`
  }
}

/**
 * No hint led to the Tub.
 *
 * @category errors
 * @since 0.1.0
 */
export class ConnectError extends Schema.TaggedError<ConnectError>("@effect-foolscap/tub/ConnectError")(
  "ConnectError",
  {
    tubId: TubId,
    /** In the order in which they failed; empty if there was no hint to try. */
    attempts: Schema.Array(Attempt)
  }
) {
  override get message() {
    return this.attempts.length === 0
      ? `cannot connect to ${this.tubId}: its FURL has no location hints`
      : `cannot connect to ${this.tubId}: ${this.attempts.map(({ message }) => message).join("; ")}`
  }
}
