import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import {
  overlap,
  VersionRange,
  VersionRangeFromString,
  VocabularyRangeFromString
} from "../../src/wire/VersionRange.ts"

const decode = Schema.decodeUnknownResult(VersionRangeFromString)
const decodeVocabulary = Schema.decodeUnknownResult(VocabularyRangeFromString)
const read = (text: string, as = decode) =>
  Result.match(as(text), { onFailure: () => "refused", onSuccess: ({ max, min }) => `${min}..${max}` })

const range = (min: number, max: number) => new VersionRange({ min, max })
const small = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))
const fifteenDigits = Schema.Int.check(Schema.isBetween({ minimum: -(10 ** 15 - 1), maximum: 10 ** 15 - 1 }))

describe("VersionRange", () => {
  const bothRead: ReadonlyArray<readonly [string, string]> = [
    ["3 3", "3..3"],
    ["0 1", "0..1"],
    ["3 3 ", "3..3"],
    [" 3\t\t3\n", "3..3"],
    ["+1 03", "1..3"],
    ["-2 -1", "-2..-1"],
    ["5 2", "5..2"],
    ["1 999999999999999", "1..999999999999999"]
  ]
  for (const [text, expected] of bothRead) {
    it(`reads ${JSON.stringify(text)} as ${expected} (N15, N18)`, () => {
      assert.strictEqual(read(text), expected)
      assert.strictEqual(read(text, decodeVocabulary), expected)
    })
  }

  for (const text of [
    "",
    " ",
    "3",
    "3 ",
    "x 3",
    "3 x",
    "3.0 3",
    "1e1 3",
    "0x1 3",
    "3,3",
    "3-4",
    "- 3",
    "+-1 3",
    "٣ ٣",
    "3 3x"
  ]) {
    it(`refuses ${JSON.stringify(text)} (N15)`, () => {
      assert.strictEqual(read(text), "refused")
      assert.strictEqual(read(text, decodeVocabulary), "refused")
    })
  }

  for (const text of ["0 1 2", "0 1 bb33", "0 1 x\ny"]) {
    it(`reads ${JSON.stringify(text)} as a vocabulary range only: further words are ignored there (N15)`, () => {
      assert.strictEqual(read(text), "refused")
      assert.strictEqual(read(text, decodeVocabulary), "0..1")
    })
  }

  it.prop("survives the wire", [fifteenDigits, fifteenDigits], ([min, max]) => {
    const written = Schema.encodeSync(VersionRangeFromString)(range(min, max))
    assert.strictEqual(read(written), `${min}..${max}`)
    assert.strictEqual(read(written, decodeVocabulary), `${min}..${max}`)
  })

  it.prop("gives a range or a complaint for any text", [Schema.String], ([text]) => {
    assert.isString(read(text))
    assert.isString(read(text, decodeVocabulary))
  })
})

describe("overlap", () => {
  const verdict = (ours: VersionRange, theirs: VersionRange) =>
    Result.match(overlap("banana version", ours, theirs), {
      onFailure: ({ best, unable }) => `${unable} cannot do ${best}`,
      onSuccess: (best) => best
    })

  it("is the highest version in both ranges (N18)", () => {
    assert.strictEqual(verdict(range(3, 3), range(3, 3)), 3)
    assert.strictEqual(verdict(range(1, 3), range(2, 5)), 3)
    assert.strictEqual(verdict(range(0, 9), range(0, 1)), 1)
  })

  it("blames us first when the lower maximum is below our minimum, then the peer (N18)", () => {
    assert.strictEqual(verdict(range(3, 3), range(1, 2)), "ours cannot do 2")
    assert.strictEqual(verdict(range(3, 3), range(4, 5)), "theirs cannot do 3")
    assert.strictEqual(verdict(range(4, 5), range(3, 3)), "ours cannot do 3")
    // Upside down on both sides: each blames itself.
    assert.strictEqual(verdict(range(5, 2), range(5, 2)), "ours cannot do 2")
  })

  it.prop(
    "lets both sides agree, or both fail and mean the same version (N18)",
    [small, small, small, small],
    ([a, b, c, d]) => {
      const here = overlap("banana version", range(a, b), range(c, d))
      const there = overlap("banana version", range(c, d), range(a, b))
      assert.strictEqual(Result.isSuccess(here), Result.isSuccess(there))
      if (Result.isSuccess(here) && Result.isSuccess(there)) {
        assert.strictEqual(here.success, there.success)
        const inBoth = [0, 1, 2, 3, 4].filter((version) => a <= version && version <= b && c <= version && version <= d)
        assert.strictEqual(here.success, inBoth.at(-1))
      } else if (Result.isFailure(here) && Result.isFailure(there)) {
        assert.strictEqual(here.failure.best, there.failure.best)
        assert.strictEqual(here.failure.ours, there.failure.theirs)
        assert.isFalse(a <= b && c <= d && Math.max(a, c) <= Math.min(b, d), "no version lies in both")
      }
    }
  )

  it.prop("fails against every range when one is upside down (N18)", [small, small, small, small], ([a, b, c, d]) => {
    assert.isTrue(a <= b || Result.isFailure(overlap("initial vocab set", range(a, b), range(c, d))))
  })
})
