import { assert, describe, it } from "@effect/vitest"
import * as BigDecimal from "effect/BigDecimal"
import * as Equal from "effect/Equal"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Decimal } from "../../src/value/Decimal.ts"
import { chooseFrom, decimal } from "../Values.ts"

const Choices = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0x7fffffff })))

/** As Python's `str(Decimal(text))` has it. */
const printed: ReadonlyArray<readonly [string, string]> = [
  ["0", "0"],
  ["-0", "-0"],
  ["+5", "5"],
  ["007", "7"],
  ["000", "0"],
  ["1.50", "1.50"],
  [".5", "0.5"],
  ["5.", "5"],
  ["0.000001", "0.000001"],
  ["0.0000001", "1E-7"],
  ["0.00000123", "0.00000123"],
  ["0.000000123", "1.23E-7"],
  ["1E+10", "1E+10"],
  ["12e3", "1.2E+4"],
  ["1.5e3", "1.5E+3"],
  ["1500e-3", "1.500"],
  ["0E+5", "0E+5"],
  ["0E-5", "0.00000"],
  ["0E-7", "0E-7"],
  ["0.000E+3", "0"],
  ["1e-1000", "1E-1000"],
  [" 1_0.5_0 ", "10.50"],
  ["inf", "Infinity"],
  ["-INFINITY", "-Infinity"],
  ["nan", "NaN"],
  ["-NaN", "-NaN"],
  ["NaN0012", "NaN12"],
  ["sNaN", "sNaN"],
  ["-snan07", "-sNaN7"]
]

describe("Decimal", () => {
  it.each(printed)("reads %s and prints %s, as Python does", (text, expected) => {
    assert.strictEqual(Decimal.fromText(text)?.text, expected)
    assert.strictEqual(Decimal.fromText(expected)?.text, expected)
  })

  it.each(["", " ", ".", "e5", "1e", "1e+", "--1", "1 2", "1.2.3", "0x1", "nan1.5", "infinit", "1e1.5", "\u00bd"])(
    "takes %j for no number",
    (text) => {
      assert.isUndefined(Decimal.fromText(text))
    }
  )

  it.prop("prints what it reads as the same number again", [Choices], ([choices]) => {
    const { text } = decimal(chooseFrom(choices))
    assert.strictEqual(Decimal.fromText(text)?.text, text)
  })

  it("is a BigDecimal of the same value, unless it is none", () => {
    const asBigDecimal = (text: string) => Decimal.fromText(text)?.toBigDecimal() ?? Option.none()
    for (const text of ["1.50", "-1E+10", "0", "1E-30"]) {
      const expected = BigDecimal.fromStringUnsafe(text)
      assert.isTrue(
        Option.match(asBigDecimal(text), { onNone: () => false, onSome: (some) => BigDecimal.equals(some, expected) })
      )
    }
    for (const text of ["NaN", "-Infinity", "9".repeat(5001)]) assert.isTrue(Option.isNone(asBigDecimal(text)))
  })

  it("equals what has the same text, and not what has the same value", () => {
    assert.isTrue(Equal.equals(Decimal.fromText("1.5"), Decimal.fromText("01.5")))
    assert.isFalse(Equal.equals(Decimal.fromText("1.5"), Decimal.fromText("1.50")))
  })
})
