import { assert, describe, it } from "@effect/vitest"
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TubId from "../src/TubId.ts"
import base32 from "./fixtures/base32.json" with { type: "json" }
import golden from "./fixtures/certs.json" with { type: "json" }

const { certs } = golden
const digests = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))).check(
  Schema.isBetweenLength(20, 20)
)
const isTubId = Schema.is(TubId.TubId)

describe("TubId", () => {
  it.effect("is the base32 of the SHA-1 of the certificate, for every certificate Foolscap made (N1)", () =>
    Effect.gen(function* () {
      for (const { der_base64, name, tubid } of certs) {
        assert.strictEqual(yield* TubId.fromCertificate(Buffer.from(der_base64, "base64")), tubid, name)
      }
    }).pipe(Effect.provide(Digest.layerWebCrypto))
  )

  it("comes out of a digest as Foolscap's does out of the one Twisted prints", () => {
    for (const { colon_hex, tubid } of base32.tubid_from_digest) {
      assert.strictEqual(TubId.fromDigest(Buffer.from(colon_hex.replaceAll(":", ""), "hex")), tubid)
    }
  })

  it("is the example of the protocol for its digest (N1)", () => {
    const digest = Buffer.from("0aad5dd5cb6e94ab1ee7527a13c936fb7f0aac93", "hex")
    assert.strictEqual(TubId.fromDigest(digest), "bkwv3voln2kkwhxhkj5bhsjw7n7qvlet")
  })

  it("needs a digest of 20 bytes", () => {
    for (const length of [0, 19, 21, 32]) {
      assert.throws(() => TubId.fromDigest(new Uint8Array(length)))
    }
  })

  it("orders texts as Foolscap does when it chooses the Master (N2)", () => {
    for (const { higher, lower } of base32.string_order_used_to_choose_the_master) {
      // One golden pair is of shorter texts, to show that a prefix sorts first; those are no TubIds.
      const [low, high] = [lower as TubId.TubId, higher as TubId.TubId]
      assert.strictEqual(TubId.Order(low, high), -1, `${lower} < ${higher}`)
      assert.strictEqual(TubId.Order(high, low), 1, `${higher} > ${lower}`)
    }
  })

  it("does not order by digest: the tub1 of the goldens has the largest digest and the lowest TubId (N2)", () => {
    const byDigest = certs.toSorted((a, b) => (a.sha1_hex < b.sha1_hex ? -1 : 1))
    assert.strictEqual(byDigest.at(-1)?.name, "tub1")
    const tubIds = certs.map(({ tubid }) => TubId.TubId.make(tubid))
    assert.strictEqual(tubIds.toSorted(TubId.Order)[0], certs.find(({ name }) => name === "tub1")?.tubid)
  })

  it.prop("orders by ASCII code, totally (N2)", [TubId.TubId, TubId.TubId, TubId.TubId], ([a, b, c]) => {
    assert.strictEqual(TubId.Order(a, b), Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.strictEqual(TubId.Order(a, b) + TubId.Order(b, a), 0)
    assert.strictEqual(TubId.Order(a, b) === 0, a === b)
    if (TubId.Order(a, b) <= 0 && TubId.Order(b, c) <= 0) assert.isAtMost(TubId.Order(a, c), 0)
  })

  it("is exactly 32 characters of lower-case base32, stricter than Foolscap's is_base32 (N1, N3)", () => {
    for (const { is_base32, text } of base32.is_base32) {
      assert.strictEqual(isTubId(text), is_base32 && text.length === 32 && text === text.toLowerCase(), text)
    }
    for (const { tubid } of certs) {
      assert.isTrue(isTubId(tubid))
      assert.isFalse(isTubId(tubid.toUpperCase()))
      assert.isFalse(isTubId(`${tubid}\n`))
    }
  })

  it.effect("says what a TubId looks like when given something else", () =>
    Effect.gen(function* () {
      const error = yield* Schema.decodeUnknownEffect(TubId.TubId)("abc").pipe(Effect.flip)
      assert.strictEqual(error.message, "a TubId is 32 characters of a-z and 2-7")
    })
  )

  it.prop("of any digest is a TubId", [digests], ([digest]) => {
    assert.isTrue(isTubId(TubId.fromDigest(Uint8Array.from(digest))))
  })
})
