/**
 * Certificates of Tubs: making one, and reading and writing the `tub.pem` files that Foolscap keeps them in.
 *
 * A Tub is its certificate, so a certificate is made once and never renewed. Its names and dates mean nothing to
 * Foolscap and nothing here; what counts is its hash and that the key fits.
 *
 * @since 0.1.0
 */
import * as TubId from "@effect-foolscap/furl/TubId"
import { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { createPrivateKey, hash, KeyObject, webcrypto, X509Certificate } from "node:crypto"
import { CertificateError } from "./CertificateError.ts"

/**
 * The TubId of a certificate, given as DER.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tubIdOf = (der: Uint8Array): TubId.TubId => TubId.fromDigest(hash("sha1", der, "buffer"))

/**
 * The kinds of key a certificate can be made with. Every Foolscap that runs on a present-day OpenSSL accepts all three.
 *
 * @category models
 * @since 0.1.0
 */
export type KeyKind = "p256" | "rsa2048" | "ed25519"

const algorithms = {
  p256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa2048: {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256"
  },
  ed25519: { name: "Ed25519" }
} as const

const day = 24 * 60 * 60 * 1000

/**
 * Makes a new identity: a key and a certificate signed with it, valid from yesterday for a hundred years. The subject
 * is `CN=newpb_thingy`, as Foolscap writes it.
 *
 * `key` defaults to `p256`, which makes the cheapest handshakes; `rsa2048` is what Foolscap itself makes, and takes
 * much longer to generate.
 *
 * @category constructors
 * @since 0.1.0
 */
export const generate = Effect.fn("Certificate.generate")(function* (
  options: { readonly key?: KeyKind } = {}
): Effect.fn.Return<TubIdentity, CertificateError> {
  const algorithm = algorithms[options.key ?? "p256"]
  const now = yield* Clock.currentTimeMillis
  return yield* Effect.tryPromise({
    try: async () => {
      // The certificate maker weighs a quarter of a second of loading and is rarely needed. It works only if
      // reflect-metadata was loaded before it, and does not see to that itself.
      await import("reflect-metadata")
      const { BasicConstraintsExtension, X509CertificateGenerator } = await import("@peculiar/x509")
      const generated = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
      // Node's types do not know that Ed25519 makes a pair.
      const keys = generated as webcrypto.CryptoKeyPair
      const { rawData } = await X509CertificateGenerator.createSelfSigned(
        {
          serialNumber: "01",
          name: "CN=newpb_thingy",
          notBefore: new Date(now - day),
          notAfter: new Date(now + 36525 * day),
          signingAlgorithm: algorithm,
          // Says nothing that matters. Without any, the maker writes an empty list, which X.509 does not allow.
          extensions: [new BasicConstraintsExtension(false)],
          keys
        },
        webcrypto
      )
      return identityOf(new X509Certificate(new Uint8Array(rawData)), KeyObject.from(keys.privateKey))
    },
    catch: (cause) => new CertificateError({ kind: "not made", cause })
  })
})

const identityOf = (certificate: X509Certificate, key: KeyObject): TubIdentity =>
  new TubIdentity({
    tubId: tubIdOf(certificate.raw),
    certificate: certificate.toString(),
    privateKey: Redacted.make(key.export({ type: "pkcs8", format: "pem" }).toString())
  })

/**
 * Reads the identity in a Foolscap `tub.pem`: a certificate and its private key, not encrypted, in any order and with
 * any text around them. Of several certificates the first one is the Tub's; of several keys none. The key may be PKCS#8,
 * PKCS#1 or SEC1; it is kept as PKCS#8. The text may be `Redacted`, as it comes from a configuration or a secret store.
 *
 * Refuses keys that Foolscap refuses: RSA below 2048 bits, and curves other than P-256, P-384 and P-521. Dates are
 * not looked at.
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromPem = Effect.fn("Certificate.fromPem")(function* (
  pem: string | Redacted.Redacted<string>
): Effect.fn.Return<TubIdentity, CertificateError> {
  const text = typeof pem === "string" ? pem : Redacted.value(pem)
  if (text.trim() === "") return yield* new CertificateError({ kind: "empty" })
  const blocks = [...text.matchAll(block)]
  const certificateBlock = blocks.find(([, label]) => label === "CERTIFICATE")
  const [keyBlock, ...moreKeys] = blocks.filter(([, label]) => label?.endsWith("PRIVATE KEY"))
  if (certificateBlock === undefined || keyBlock === undefined) {
    if (text.replace(block, "").includes("-----BEGIN ")) return yield* new CertificateError({ kind: "cut short" })
    return yield* new CertificateError({ kind: certificateBlock === undefined ? "no certificate" : "no key" })
  }
  if (moreKeys.length > 0) return yield* new CertificateError({ kind: "several keys" })
  if (/^-----BEGIN ENCRYPTED|^Proc-Type:.*ENCRYPTED/m.test(keyBlock[0])) {
    return yield* new CertificateError({ kind: "encrypted key" })
  }

  const certificate = yield* parse(certificateBlock[0])
  const key = yield* Effect.try({
    try: () => createPrivateKey(keyBlock[0]),
    // Without the cause: nothing that has seen the key goes into an error.
    catch: () => new CertificateError({ kind: "unreadable key" })
  })
  if (!certificate.checkPrivateKey(key)) return yield* new CertificateError({ kind: "key does not fit" })
  if (!isAccepted(key)) return yield* new CertificateError({ kind: "unsupported key", keyType: keyTypeOf(key) })
  return identityOf(certificate, key)
})

const block = /-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----/gs

/**
 * Writes an identity the way Foolscap does and reads it: the certificate, then the key. Redacted because the key is in
 * it: it belongs into a file that only its owner can read.
 *
 * @category encoding
 * @since 0.1.0
 */
export const toPem = (identity: TubIdentity): Redacted.Redacted<string> =>
  // OpenSSL cannot read a block that does not begin a line.
  Redacted.make([identity.certificate, Redacted.value(identity.privateKey)].map((pem) => `${pem.trimEnd()}\n`).join(""))

/**
 * What a person may want to know about an identity.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  /** `P-256`, `RSA-2048`, `Ed25519` and the like. */
  readonly keyType: string
  /** When the validity begins and ends. No Tub ever refuses a certificate for its dates. */
  readonly notBefore: DateTime.Utc
  readonly notAfter: DateTime.Utc
}

/**
 * Describes an identity for people. Fails only if its certificate is not one.
 *
 * @category getters
 * @since 0.1.0
 */
export const describe = (identity: TubIdentity): Effect.Effect<Description, CertificateError> =>
  Effect.map(parse(identity.certificate), (certificate) => ({
    keyType: keyTypeOf(certificate.publicKey),
    notBefore: DateTime.fromDateUnsafe(certificate.validFromDate),
    notAfter: DateTime.fromDateUnsafe(certificate.validToDate)
  }))

const parse = (pem: string) =>
  Effect.try({
    try: () => new X509Certificate(pem),
    catch: (cause) => new CertificateError({ kind: "unreadable certificate", cause })
  })

const curves = new Map([
  ["prime256v1", "P-256"],
  ["secp384r1", "P-384"],
  ["secp521r1", "P-521"]
])

// OpenSSL converts a key to look into it, and most peers come again.
const accepted = new Set<TubId.TubId>()
const remembered = 1000

/**
 * The kind of key in the certificate of `tubId` if it is one that Foolscap refuses (N12), such as `RSA-1024`: whoever can
 * compute such a key passes for its owner.
 *
 * Up to a thousand TubIds whose keys were good are remembered. Whoever makes two certificates with one TubId has both
 * keys, and gains nothing by having a bad one taken for the good one.
 *
 * @category getters
 * @since 0.1.0
 */
export const refusedKeyOf = (tubId: TubId.TubId, certificate: X509Certificate): string | undefined => {
  if (accepted.has(tubId)) return undefined
  const { publicKey } = certificate
  if (!isAccepted(publicKey)) return keyTypeOf(publicKey)
  if (accepted.size >= remembered) accepted.clear()
  accepted.add(tubId)
  return undefined
}

// What Foolscap 21.7 on OpenSSL 3.0 takes from a peer, found by trial.
const isAccepted = ({ asymmetricKeyDetails: details, asymmetricKeyType: type }: KeyObject): boolean =>
  type === "ed25519" ||
  type === "ed448" ||
  (type === "rsa" && (details?.modulusLength ?? 0) >= 2048) ||
  (type === "ec" && curves.has(details?.namedCurve ?? ""))

const keyTypeOf = ({ asymmetricKeyDetails: details, asymmetricKeyType: type }: KeyObject): string => {
  switch (type) {
    case "ec":
      return curves.get(details?.namedCurve ?? "") ?? details?.namedCurve ?? "EC"
    case "ed25519":
      return "Ed25519"
    case "ed448":
      return "Ed448"
    case "rsa":
      return `RSA-${details?.modulusLength}`
    default:
      return (type ?? "unknown").toUpperCase()
  }
}
