/**
 * Why a Tub could not be connected to: every hint that was tried, and what came of it.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { abbreviate, UnknownHint, Unreachable } from "./HintHandler.ts"
import { NobodyListens } from "./Links.ts"
import { NotFollowed } from "./NotFollowed.ts"

/**
 * Nothing had answered when the time for the whole dial was over. (What has answered and is then late fails with a
 * `NegotiationError`.)
 *
 * @category errors
 * @since 0.1.0
 */
export class GaveUp extends Schema.TaggedError<GaveUp>("@effect-foolscap/tub/GaveUp")("GaveUp", {
  /** How much of the dial's time was left for this place, in whole milliseconds: behind a redirect that may be little. */
  after: Schema.Duration,
  /** The time for the whole dial. */
  deadline: Schema.Duration
}) {
  override get message() {
    const deadline = Duration.format(this.deadline)
    if (Duration.isZero(this.after)) return `not tried, because the ${deadline} for this dial were over`
    // By then a server that is there has answered.
    const isLong =
      Duration.isGreaterThanOrEqualTo(this.after, Duration.seconds(3)) ||
      Duration.isGreaterThanOrEqualTo(Duration.times(this.after, 2), this.deadline)
    return `no answer before the ${deadline} for this dial were over${isLong ? "; a firewall on the way?" : ""}`
  }
}

/**
 * One hint that was tried, and what came of it. A redirect that was followed is one with the error `Redirect`, of which
 * `hints` are the ones that were dialled next; what came of those stands in attempts of their own.
 *
 * @category models
 * @since 0.1.0
 */
export class Attempt extends Schema.Class<Attempt>("@effect-foolscap/tub/Attempt")({
  /** The hints whose servers sent us here, in order; empty for a hint of the FURL. */
  via: Schema.Array(Schema.String).pipe(Schema.withConstructorDefault(Effect.succeed([]))),
  /** The hint as it stands in the FURL or in the redirect. */
  hint: Schema.String,
  /** How long it took to fail. */
  after: Schema.Duration,
  /** How far it got, and why no further. */
  error: Schema.Union([Unreachable, UnknownHint, NegotiationError, Redirect, NotFollowed, NobodyListens, GaveUp])
}) {
  /** Where it was and why it failed, for people: `tcp:a:1 -> tcp:b:1: ...`. */
  get message(): string {
    const { error, hint, via } = this
    // These two name the hint themselves.
    const named = error._tag === "Unreachable" || error._tag === "UnknownHint"
    const way = [...via, hint].map((text) => abbreviate(text)).join(" -> ")
    return named && via.length === 0 ? error.message : `${way}: ${error.message}`
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
  /** Whether trying again is in vain: there is no hint, or none of a kind that can be connected to here. */
  get isPermanent(): boolean {
    return this.attempts.every(({ error }) => error._tag === "UnknownHint")
  }

  override get message() {
    return this.attempts.length === 0
      ? `cannot connect to ${this.tubId}: its FURL has no location hints`
      : `cannot connect to ${this.tubId}: ${this.attempts.map(({ message }) => message).join("; ")}`
  }
}
