/**
 * Why an identity could not be made or read.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * An identity could not be made or read. No field and no message ever holds any part of a key.
 *
 * - `empty`: there is nothing but white space.
 * - `cut short`: a PEM block begins and does not end.
 * - `no certificate`, `no key`: the text has no such PEM block.
 * - `several keys`: there is more than one key, as if two identities had come into one file.
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
      "empty",
      "cut short",
      "no certificate",
      "no key",
      "several keys",
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
      case "empty":
        return "found nothing: if nobody is writing it just now, restore it from a copy, or remove it and make a new one"
      case "cut short":
        return "found a block that begins and does not end: it was written or copied by halves, restore it from a copy"
      case "no certificate":
        return "found no certificate: expected a block that begins with -----BEGIN CERTIFICATE-----"
      case "no key":
        return "found no private key: expected a block that begins with -----BEGIN PRIVATE KEY----- beside the certificate"
      case "several keys":
        return "found more than one private key: keep the one that was made with the first certificate"
      case "encrypted key":
        return "the private key is encrypted: remove its passphrase first, for instance with `openssl pkey`"
      case "unreadable certificate":
        return `the certificate cannot be read${detail}: it may be damaged or have lost its line breaks, restore it from a copy`
      case "unreadable key":
        return "the private key cannot be read: it may be damaged or have lost its line breaks, restore it from a copy"
      case "key does not fit":
        return "the private key does not belong to the certificate: put the two that were made together into one file"
      case "unsupported key":
        return `a ${this.keyType ?? "key of this kind"} key is refused by Foolscap peers: use P-256, P-384, P-521, Ed25519, Ed448 or RSA with 2048 bits or more`
      case "not made":
        return `could not make a certificate${detail}`
    }
  }
}
