/**
 * Why an identity could not be made or read.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * An identity could not be made or read. No field and no message ever holds any part of a key.
 *
 * - `no certificate`, `no key`: the text has no such PEM block.
 * - `encrypted key`: the key needs a passphrase. Foolscap knows none either.
 * - `unreadable certificate`, `unreadable key`: the block is there and OpenSSL cannot read it.
 * - `key does not fit`: the key is not the one that the certificate was made with.
 * - `unsupported key`: no Foolscap peer would accept a certificate with this kind of key, named in `keyType`.
 * - `not made`: generating the key or the certificate failed.
 *
 * @category errors
 * @since 0.1.0
 */
export class CertificateError extends Schema.TaggedError<CertificateError>("@effect-foolscap/node/CertificateError")(
  "CertificateError",
  {
    kind: Schema.Literals([
      "no certificate",
      "no key",
      "encrypted key",
      "unreadable certificate",
      "unreadable key",
      "key does not fit",
      "unsupported key",
      "not made"
    ]),
    /** The kind of key that is not supported, as `RSA-1024` or `secp256k1`. */
    keyType: Schema.optionalKey(Schema.String),
    /** What OpenSSL reported about a certificate. Left out for keys. */
    cause: Schema.optionalKey(Schema.Defect())
  }
) {
  override get message() {
    const detail = this.cause instanceof Error ? ` (${this.cause.message})` : ""
    switch (this.kind) {
      case "no certificate":
        return "found no certificate: expected a block that begins with -----BEGIN CERTIFICATE-----"
      case "no key":
        return "found no private key: expected a block that begins with -----BEGIN PRIVATE KEY----- beside the certificate"
      case "encrypted key":
        return "the private key is encrypted: remove its passphrase first, for instance with `openssl pkey`"
      case "unreadable certificate":
        return `the certificate cannot be read${detail}: the file may be damaged, restore it from a copy`
      case "unreadable key":
        return "the private key cannot be read: the file may be damaged, restore it from a copy"
      case "key does not fit":
        return "the private key does not belong to the certificate: put the two that were made together into one file"
      case "unsupported key":
        return `a ${this.keyType ?? "key of this kind"} key is refused by Foolscap peers: use P-256, P-384, P-521, Ed25519, Ed448 or RSA with 2048 bits or more`
      case "not made":
        return `could not make a certificate${detail}`
    }
  }
}
