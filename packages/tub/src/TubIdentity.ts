/**
 * TubIdentity: what makes a program one particular Tub, and what it proves that with.
 *
 * Making one, and reading or writing Foolscap's `tub.pem`, is the platform's work: see
 * `@effect-foolscap/node/Certificate`.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import type { Credentials } from "@effect-foolscap/negotiation/Transport"
import * as Schema from "effect/Schema"

/**
 * One Tub's identity: a certificate, the private key that belongs to it, and the TubId that follows from the certificate.
 *
 * Whoever constructs one answers for `tubId` being the SHA-1 of the certificate's DER and for the key fitting.
 * The key never shows: not in a log, not through `JSON.stringify`, and encoding an identity to JSON fails.
 *
 * @category models
 * @since 0.1.0
 */
export class TubIdentity
  extends Schema.Class<TubIdentity>("@effect-foolscap/tub/TubIdentity")({
    tubId: TubId,
    /** The self-signed certificate, PEM. It is never renewed: another certificate is another Tub. */
    certificate: Schema.String,
    /** The unencrypted private key, PEM (PKCS#8). */
    privateKey: Schema.Redacted(Schema.String, { disallowJsonEncode: true })
  })
  implements Credentials {}
