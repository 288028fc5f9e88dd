/**
 * TubId: who a Tub is, as 32 characters that anyone can check against its certificate.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Base32 from "./Base32.ts"

/**
 * The SHA-1 of a Tub's certificate (DER) in base32: exactly 32 characters of `a-z` and `2-7`.
 *
 * TubIds are compared as text. Their order decides who is Master in a negotiation.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TubId = Schema.String.check(
  Schema.isPattern(/^[a-z2-7]{32}$/, { message: "a TubId is 32 characters of a-z and 2-7" })
).pipe(Schema.brand("@effect-foolscap/furl/TubId"))

/**
 * @category models
 * @since 0.1.0
 */
export type TubId = typeof TubId.Type

/**
 * The TubId of a certificate whose SHA-1, taken over the DER, is `digest` (20 bytes).
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromDigest = (digest: Uint8Array): TubId => TubId.make(Base32.encode(digest))
