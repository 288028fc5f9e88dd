/**
 * The port that turns a LocationHint into a connected transport. `@effect-foolscap/node/NodeHintHandler` reaches
 * `tcp` hints.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/**
 * The first 100 characters or so of a hint, for a message: what a peer wrote may be thousands long.
 *
 * @category formatting
 * @since 0.1.0
 */
export const abbreviate = (hint: string, limit = 100): string =>
  hint.length > limit ? `${hint.slice(0, limit)}...` : hint

// What the usual codes of an operating system mean to somebody who dials.
const advices = {
  ECONNREFUSED: "; nothing listens there: is it running, and is the port right?",
  ENOTFOUND: "; there is no such name",
  EHOSTUNREACH: "; there is no way to that address",
  ENETUNREACH: "; there is no way to that network"
}

/**
 * Nothing answered at a hint: the name did not resolve, the port was refused, the network unreachable.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unreachable extends Schema.TaggedError<Unreachable>("@effect-foolscap/tub/Unreachable")("Unreachable", {
  /** The hint as it stands in the FURL or in the redirect. */
  hint: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    const said = this.cause instanceof Error ? this.cause.message : String(this.cause)
    const [, advice = ""] = Object.entries(advices).find(([code]) => said.includes(code)) ?? []
    // A system that cannot resolve a name repeats it.
    return `cannot reach ${abbreviate(this.hint)}: ${abbreviate(said, 300)}${advice}`
  }
}

/**
 * The hint is of a kind (`tor`, `i2p` ...) that no handler here knows, or is not well formed for its kind.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownHint extends Schema.TaggedError<UnknownHint>("@effect-foolscap/tub/UnknownHint")("UnknownHint", {
  /** The hint as it stands in the FURL or in the redirect. */
  hint: Schema.String
}) {
  override get message() {
    return `${abbreviate(this.hint)} is no hint that can be connected to here; tcp:HOST:PORT is`
  }
}

/**
 * Opens connections to the places that FURLs name.
 *
 * @category services
 * @since 0.1.0
 */
export class HintHandler extends Context.Service<
  HintHandler,
  {
    /**
     * Connects to the hint. The transport belongs to the Scope; interruption abandons the attempt, as it does when the
     * time of the dial is over. A defect ends the whole dial, also where another hint would lead to the Tub.
     */
    readonly connect: (hint: LocationHint) => Effect.Effect<PlainTransport, Unreachable | UnknownHint, Scope.Scope>
  }
>()("@effect-foolscap/tub/HintHandler") {}
