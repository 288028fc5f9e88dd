/**
 * One of our own Tubs, as the negotiation needs it.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Credentials } from "./Transport.ts"

/**
 * One of our own Tubs.
 *
 * @category models
 * @since 0.1.0
 */
export interface LocalTub {
  readonly tubId: TubId
  readonly credentials: Credentials
  /**
   * 16 lower-case hex digits, new for every process, by which a peer notices that we have restarted (N21).
   */
  readonly incarnation: string
}

/**
 * 16 lower-case hex digits from the `Random` service: a name that nobody else has.
 *
 * @category constructors
 * @since 0.1.0
 */
export const freshName: Effect.Effect<string> = Effect.map(
  Effect.all(Array.from({ length: 16 }, () => Random.nextIntBetween(0, 16, { halfOpen: true }))),
  (digits) => digits.map((digit) => digit.toString(16)).join("")
)

/**
 * One of our own Tubs, with a fresh incarnation from the `Random` service.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (identity: { readonly tubId: TubId } & Credentials): Effect.Effect<LocalTub> =>
  Effect.map(freshName, (incarnation) => ({ tubId: identity.tubId, credentials: identity, incarnation }))
