import { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Redacted from "effect/Redacted"
import { TestClock } from "effect/testing"
import { createPrivateKey, X509Certificate } from "node:crypto"
import { inspect } from "node:util"
import * as Certificate from "../src/Certificate.ts"
import { blocksOf, foolscapTubs, pemOf } from "./Fixtures.ts"

const tub = blocksOf(pemOf("tub1"))
const p384 = blocksOf(pemOf("p-384"))

const errorOf = (pem: string) => Effect.flip(Certificate.fromPem(pem))

describe("Certificate.tubIdOf", () => {
  for (const { name, pem, tubId } of foolscapTubs) {
    it(`gives ${name} the TubId that Foolscap gave it`, () => {
      assert.strictEqual(Certificate.tubIdOf(new X509Certificate(pem).raw), tubId)
    })
  }
})

describe("Certificate.fromPem", () => {
  for (const { name, pem, tubId } of foolscapTubs) {
    it.effect(`reads ${name} as Foolscap wrote it`, () =>
      Effect.gen(function* () {
        const identity = yield* Certificate.fromPem(pem)
        assert.strictEqual(identity.tubId, tubId)
        assert.strictEqual(Redacted.value(Certificate.toPem(identity)), pem)
      })
    )
  }

  for (const name of ["p-384", "p-521", "ed448"]) {
    it.effect(`reads ${name}, which Foolscap accepts and does not make`, () =>
      Effect.gen(function* () {
        const identity = yield* Certificate.fromPem(pemOf(name))
        assert.strictEqual((yield* Certificate.describe(identity)).keyType.toLowerCase(), name)
      })
    )
  }

  it.effect("takes key and certificate in any order, with any text around them", () =>
    Effect.gen(function* () {
      const plain = yield* Certificate.fromPem(tub.certificate + tub.key)
      const swapped = yield* Certificate.fromPem(`A key:\n${tub.key}\nBag Attributes\n${tub.certificate}The end`)
      assert.isTrue(Equal.equals(swapped, plain))
      const windows = yield* Certificate.fromPem((tub.certificate + tub.key).replaceAll("\n", "\r\n"))
      assert.isTrue(Equal.equals(windows, plain))
    })
  )

  it.effect("takes a text that is Redacted", () =>
    Effect.gen(function* () {
      const identity = yield* Certificate.fromPem(Redacted.make(pemOf("tub1")))
      assert.strictEqual(identity.tubId, foolscapTubs[0]?.tubId)
    })
  )

  it.effect("takes the first of several certificates as the Tub's own", () =>
    Effect.gen(function* () {
      const identity = yield* Certificate.fromPem(tub.certificate + p384.certificate + tub.key)
      assert.strictEqual(identity.tubId, foolscapTubs[0]?.tubId)
    })
  )

  for (const [form, block, type] of [
    ["PKCS#1", tub, "pkcs1"],
    ["SEC1", p384, "sec1"]
  ] as const) {
    it.effect(`takes a ${form} key and keeps it as PKCS#8`, () =>
      Effect.gen(function* () {
        const old = createPrivateKey(block.key).export({ type, format: "pem" }).toString()
        assert.notInclude(old, "BEGIN PRIVATE KEY")
        const identity = yield* Certificate.fromPem(block.certificate + old)
        assert.strictEqual(Redacted.value(identity.privateKey), block.key)
      })
    )
  }

  it.effect("says when there is no certificate", () =>
    Effect.gen(function* () {
      const error = yield* errorOf(tub.key)
      assert.strictEqual(error.kind, "no certificate")
      assert.include(error.message, "-----BEGIN CERTIFICATE-----")
    })
  )

  it.effect("says when there is no key", () =>
    Effect.gen(function* () {
      const error = yield* errorOf(tub.certificate)
      assert.strictEqual(error.kind, "no key")
      assert.include(error.message, "-----BEGIN PRIVATE KEY-----")
    })
  )

  it.effect("says when a block has lost its end", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* errorOf(tub.certificate + tub.key.slice(0, -10))).kind, "cut short")
      assert.strictEqual((yield* errorOf(tub.certificate.slice(0, -10) + tub.key)).kind, "cut short")
    })
  )

  it.effect("says when there is nothing", () =>
    Effect.gen(function* () {
      for (const pem of ["", "\r\n \n"]) assert.strictEqual((yield* errorOf(pem)).kind, "empty")
    })
  )

  it.effect("does not choose between several keys", () =>
    Effect.gen(function* () {
      const other = blocksOf(pemOf("tub2"))
      for (const keys of [tub.key + other.key, other.key + tub.key]) {
        assert.strictEqual((yield* errorOf(tub.certificate + keys)).kind, "several keys")
      }
    })
  )

  it.effect("says when the key does not belong to the certificate", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* errorOf(tub.certificate + blocksOf(pemOf("tub2")).key)).kind, "key does not fit")
      assert.strictEqual((yield* errorOf(tub.certificate + p384.key)).kind, "key does not fit")
    })
  )

  it.effect("says when the key is encrypted, in either form, and how to change that", () =>
    Effect.gen(function* () {
      const key = createPrivateKey(tub.key)
      const secured = { format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const
      for (const type of ["pkcs8", "pkcs1"] as const) {
        const error = yield* errorOf(tub.certificate + key.export({ ...secured, type }).toString())
        assert.strictEqual(error.kind, "encrypted key")
        assert.include(error.message, "passphrase")
      }
    })
  )

  it.effect("says which block is damaged", () =>
    Effect.gen(function* () {
      const damage = (pem: string) => pem.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA")
      assert.strictEqual((yield* errorOf(damage(tub.certificate) + tub.key)).kind, "unreadable certificate")
      assert.strictEqual((yield* errorOf(tub.certificate + damage(tub.key))).kind, "unreadable key")
    })
  )

  it.effect("refuses a key that Foolscap peers refuse, and names its kind", () =>
    Effect.gen(function* () {
      for (const [name, keyType] of [
        ["rsa-1024", "RSA-1024"],
        ["secp256k1", "secp256k1"]
      ] as const) {
        const error = yield* errorOf(pemOf(name))
        assert.strictEqual(error.kind, "unsupported key")
        assert.strictEqual(error.keyType, keyType)
        assert.include(error.message, keyType)
      }
    })
  )

  it.effect("never shows any part of a key in an error", () =>
    Effect.gen(function* () {
      const broken = tub.key.replace("-----\nMII", "-----\nMXI")
      for (const pem of [tub.key, tub.certificate + broken, p384.certificate + tub.key, broken + tub.certificate]) {
        const shown = inspect(yield* errorOf(pem), { depth: null, showHidden: true })
        for (const line of tub.key.split("\n").slice(1, 5)) assert.notInclude(shown, line.slice(4))
      }
    })
  )
})

describe("Certificate.generate", () => {
  for (const [key, keyType, signature] of [
    ["p256", "P-256", "ecdsa-with-SHA256"],
    ["rsa2048", "RSA-2048", "sha256WithRSAEncryption"],
    ["ed25519", "Ed25519", "ED25519"]
  ] as const) {
    it.effect(`makes a ${keyType} identity that OpenSSL can verify`, () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.UTC(2030, 0, 2, 3, 4, 5))
        const identity = yield* Certificate.generate({ key })
        const certificate = new X509Certificate(identity.certificate)
        assert.strictEqual(identity.tubId, Certificate.tubIdOf(certificate.raw))
        assert.isTrue(certificate.verify(certificate.publicKey))
        assert.isTrue(certificate.checkPrivateKey(createPrivateKey(Redacted.value(identity.privateKey))))
        assert.strictEqual(certificate.subject, "CN=newpb_thingy")
        assert.strictEqual(certificate.issuer, certificate.subject)
        assert.strictEqual(certificate.signatureAlgorithm, signature)

        const description = yield* Certificate.describe(identity)
        assert.strictEqual(description.keyType, keyType)
        assert.strictEqual(DateTime.formatIso(description.notBefore), "2030-01-01T03:04:05.000Z")
        assert.strictEqual(DateTime.formatIso(description.notAfter), "2130-01-03T03:04:05.000Z")
      })
    )

    it.effect(`makes a ${keyType} identity that survives its own PEM`, () =>
      Effect.gen(function* () {
        const identity = yield* Certificate.generate({ key })
        const pem = Redacted.value(Certificate.toPem(identity))
        assert.match(pem, /^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n/)
        assert.match(pem, /-----END PRIVATE KEY-----\n$/)
        assert.isTrue(Equal.equals(yield* Certificate.fromPem(pem), identity))
      })
    )
  }

  it.effect("makes P-256 if not told otherwise, and another Tub each time", () =>
    Effect.gen(function* () {
      const [one, other] = yield* Effect.all([Certificate.generate(), Certificate.generate()])
      assert.strictEqual((yield* Certificate.describe(one)).keyType, "P-256")
      assert.notStrictEqual(one.tubId, other.tubId)
    })
  )
})

describe("Certificate.toPem", () => {
  it.effect("ends each block with a line end, also where the identity has none", () =>
    Effect.gen(function* () {
      const identity = yield* Certificate.fromPem(pemOf("tub1"))
      const { certificate, privateKey, tubId } = identity
      const bare = new TubIdentity({ tubId, certificate: certificate.trimEnd(), privateKey })
      assert.strictEqual(Redacted.value(Certificate.toPem(bare)), pemOf("tub1"))
    })
  )

  it.effect("does not show the key when it is printed", () =>
    Effect.gen(function* () {
      const identity = yield* Certificate.fromPem(pemOf("tub1"))
      assert.strictEqual(String(Certificate.toPem(identity)), "<redacted>")
    })
  )
})

describe("Certificate.describe", () => {
  it.effect("fails for an identity whose certificate is none", () =>
    Effect.gen(function* () {
      const { privateKey, tubId } = yield* Certificate.fromPem(pemOf("tub1"))
      const broken = new TubIdentity({ tubId, certificate: "nothing", privateKey })
      assert.strictEqual((yield* Effect.flip(Certificate.describe(broken))).kind, "unreadable certificate")
    })
  )
})
