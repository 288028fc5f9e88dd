/**
 * TubId: who a Tub is, as 32 characters that anyone can check against its certificate.
 *
 * @since 0.1.0
 */
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import { type Order as OrderOf, String as TextOrder } from "effect/Order"
import * as Schema from "effect/Schema"
import * as Base32 from "./Base32.ts"

/**
 * The SHA-1 of a Tub's certificate (DER) in base32: exactly 32 characters of `a-z` and `2-7`.
 *
 * Foolscap lets a FURL name a shorter TubId or one in upper case. No certificate has such a TubId, so that Tub could
 * never be reached; here it is an error at once.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TubId = Schema.String.check(
  Schema.isPattern(/^[a-z2-7]{32}$/, { message: "a TubId is 32 characters of a-z and 2-7" })
).pipe(Schema.brand("@effect-foolscap/furl/TubId"))

/**
 * A text that is a TubId.
 *
 * @category models
 * @since 0.1.0
 */
export type TubId = typeof TubId.Type

/**
 * The order that decides who is Master: by ASCII text, as Foolscap compares.
 *
 * Digits sort below letters although they stand for larger digests, so this is not the order of the digests.
 *
 * @category ordering
 * @since 0.1.0
 */
export const Order: OrderOf<TubId> = TextOrder

/**
 * The TubId of a certificate whose SHA-1, taken over the DER, is `digest`. Throws unless that is 20 bytes long.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromDigest = (digest: Uint8Array): TubId => TubId.make(Base32.encode(digest))

/**
 * The TubId that a certificate proves. `der` is the whole certificate in DER, as the TLS session presents it.
 *
 * SHA-1 is what the protocol demands. The bytes are not checked to be a certificate.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromCertificate = Effect.fnUntraced(function* (
  der: Uint8Array
): Effect.fn.Return<TubId, never, Digest.Digest> {
  const digest = yield* Digest.Digest
  return fromDigest(yield* digest.digest(Digest.sha1, der))
})
