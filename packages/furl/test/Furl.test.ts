import { assert, describe, it } from "@effect/vitest"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Furl, FurlFromString } from "../src/Furl.ts"
import * as LocationHint from "../src/LocationHint.ts"
import { TubId } from "../src/TubId.ts"
import golden from "./fixtures/furl.json" with { type: "json" }

const decode = Schema.decodeSync(FurlFromString)
const decodeResult = Schema.decodeUnknownResult(FurlFromString)
const encode = Schema.encodeSync(FurlFromString)

const tubId = TubId.make("5b633fkrmh5ljnyzrd43joa4f6gkcpz6")

/** FURLs that Foolscap takes and we refuse: the part at fault, and why we refuse. */
const refused = new Map([
  [`pb://${tubId.toUpperCase()}@a:1/name`, ["tubId", "TubIds compare as text, so no Tub ever matches upper case"]],
  ["pb://abc@a:1/name", ["tubId", "no certificate has so short a TubId"]],
  [`xxpb://${tubId}@a:1/name`, ["prefix", "something else that contains a FURL is not a FURL"]],
  [` pb://${tubId}@a:1/name `, ["prefix", "a space at the end belongs to the name, so one at the start is no accident"]]
])

/** FURLs that Foolscap takes too, but writes without what follows the TubId. Keeping it loses no extension. */
const keptWhole = [`pb://${tubId}EXTRA@a:1/name`, `pb://${tubId},tubid2@a:1/name`]

// Texts that come close to FURLs more often than arbitrary ones do.
const nearFurls = Schema.Array(
  Schema.Literals(["pb://", tubId, "@", "tcp:a:1", ",", "/", "name", "\n", "\r", " ", "abc", "\ud800", "%"])
)

describe("Furl", () => {
  it("names a Tub, where to look for it, and an object there (N3)", () => {
    const example = "pb://bkwv3voln2kkwhxhkj5bhsjw7n7qvlet@tcp:192.0.2.7:4711,tcp:[2001:db8::7]:4711/name"
    const furl = decode(example)
    assert.strictEqual(furl.tubId, "bkwv3voln2kkwhxhkj5bhsjw7n7qvlet")
    assert.deepStrictEqual(
      furl.hints.map((hint) => (hint._tag === "TcpHint" ? [hint.host, hint.port] : hint)),
      [
        ["192.0.2.7", 4711],
        ["2001:db8::7", 4711]
      ]
    )
    assert.strictEqual(Redacted.value(furl.name), "name")
    assert.strictEqual(encode(furl), example)
  })

  it("has the parts that Foolscap finds, for every golden that is not listed as refused (N3)", () => {
    for (const { error, furl: text, hints, name, tubid } of golden.decode) {
      if (error !== undefined || refused.has(text)) continue
      const furl = decode(text)
      assert.strictEqual(furl.tubId, tubid, text)
      assert.deepStrictEqual(furl.hints.map(LocationHint.format), hints, text)
      assert.strictEqual(Redacted.value(furl.name), name, text)
    }
  })

  it("is written as Foolscap writes it, except that all of the TubId part is kept (N3)", () => {
    for (const { error, furl: text, re_encoded } of golden.decode) {
      if (error !== undefined || refused.has(text)) continue
      assert.strictEqual(encode(decode(text)), keptWhole.includes(text) ? text : re_encoded, text)
    }
    assert.isTrue(
      keptWhole.every((text) => golden.decode.some(({ furl, re_encoded }) => furl === text && re_encoded !== text))
    )
  })

  it("is refused where Foolscap refuses, and in the listed goldens and no others (N3)", () => {
    const found = golden.decode.filter(({ error, furl }) => error === undefined && Result.isFailure(decodeResult(furl)))
    assert.deepStrictEqual(
      found.map(({ furl }) => furl),
      [...refused.keys()]
    )
    for (const { error, furl } of golden.decode) {
      if (error !== undefined) assert.isTrue(Result.isFailure(decodeResult(furl)), furl)
    }
    for (const [text, [part]] of refused) {
      const result = decodeResult(text)
      assert.include(Result.isFailure(result) && result.failure.message, `["${part}"]`)
    }
  })

  it.each([
    ["http://x", "a FURL begins with pb://", ["prefix"]],
    ["PB://x@y/z", "a FURL begins with pb://", ["prefix"]],
    ["", "a FURL begins with pb://", ["prefix"]],
    [`pb://${tubId}/name`, "a FURL has an @ after its TubId", ["tubId"]],
    ["pb://@a:1/name", "a TubId is 32 characters of a-z and 2-7", ["tubId"]],
    [`pb://${tubId.replace("5", "1")}@a:1/name`, "a TubId is 32 characters of a-z and 2-7", ["tubId"]],
    [`pb://${tubId}@a:1,,b:2/name`, "a location hint is not empty and holds no comma and no slash", ["hints", 1]],
    [`pb://${tubId}@a:1,/name`, "a location hint is not empty and holds no comma and no slash", ["hints", 1]],
    [`pb://${tubId}@a:1`, "a FURL has a slash and a name after its hints", ["name"]],
    [`pb://${tubId}@a:1/`, "the name after the hints is not empty and holds no line break", ["name"]],
    [`pb://${tubId}@a:1/na\nme`, "the name after the hints is not empty and holds no line break", ["name"]]
  ])("%j names the part at fault (N3)", (text, message, path) => {
    const result = decodeResult(text)
    const place = path.map((key) => `[${JSON.stringify(key)}]`).join("")
    assert.strictEqual(Result.isFailure(result) && result.failure.message, `${message}\n  at ${place}`)
  })

  it("with hints that nobody understands keeps those hints and the usable ones (N3)", () => {
    const furl = decode(`pb://${tubId}@tor:abc.onion:80,tcp:host:99999,nonsense,tcp:host:80/name`)
    assert.deepStrictEqual(
      furl.hints.map(({ _tag }) => _tag),
      ["OtherHint", "OtherHint", "OtherHint", "TcpHint"]
    )
  })

  it.prop("survives being text", [Furl], ([furl]) => {
    const again = decode(encode(furl))
    assert.isTrue(Equal.equals(again, furl))
    assert.isTrue(Equal.equals(again.hints, furl.hints))
    assert.strictEqual(again.tubIdSuffix, furl.tubIdSuffix)
    assert.strictEqual(encode(again), encode(furl))
  })

  it.prop(
    "is text that decodes and encodes to itself, or a SchemaError",
    [Schema.String, nearFurls],
    ([text, parts]) => {
      for (const candidate of [text, parts.join(""), `pb://${tubId}@${text}`, `pb://${tubId}@${parts.join("")}`]) {
        const result = decodeResult(candidate)
        if (Result.isSuccess(result)) assert.strictEqual(encode(result.success), candidate.replace(/\n$/, ""))
        else assert.isTrue(Schema.isSchemaError(result.failure))
      }
    }
  )

  it("is a SchemaError when it is not even text", () => {
    for (const value of [undefined, null, 0, {}, [`pb://${tubId}@/name`], Symbol.iterator]) {
      const result = decodeResult(value)
      assert.strictEqual(Result.isFailure(result) && result.failure.message, "a FURL is text")
    }
  })
})

describe("Two Furls", () => {
  it("are equal where Foolscap's SturdyRefs are, for every golden that decodes", () => {
    for (const { a, b, sturdyref_equal } of golden.equality) {
      if (!refused.has(a) && !refused.has(b)) {
        assert.strictEqual(Equal.equals(decode(a), decode(b)), sturdyref_equal, `${a} ${b}`)
      }
    }
  })

  it.prop("are equal if TubId and name are, whatever the hints (N3)", [Furl, Furl], ([a, b]) => {
    const elsewhere = Furl.make({ tubId: a.tubId, name: a.name, hints: b.hints, tubIdSuffix: b.tubIdSuffix })
    assert.isTrue(Equal.equals(a, elsewhere))
    assert.strictEqual(Hash.hash(a), Hash.hash(elsewhere))
    assert.isTrue(Schema.toEquivalence(Furl)(a, elsewhere))
    const same = a.tubId === b.tubId && Redacted.value(a.name) === Redacted.value(b.name)
    assert.strictEqual(Equal.equals(a, b), same)
    const renamed = Furl.make({ tubId: a.tubId, hints: a.hints, name: Redacted.make(`${Redacted.value(a.name)}x`) })
    assert.isFalse(Equal.equals(a, renamed))
    // Asked directly: `Equal.equals` already tells them apart by their hashes.
    assert.isFalse(a[Equal.symbol](renamed))
  })
})
