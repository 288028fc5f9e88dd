import { assert, describe, it } from "@effect/vitest"
import { inspect } from "node:util"
import { Decimal } from "../../src/value/Decimal.ts"
import { Dict } from "../../src/value/Dict.ts"
import { Float } from "../../src/value/Float.ts"
import { ImmutableSet } from "../../src/value/ImmutableSet.ts"
import { MutableSet } from "../../src/value/MutableSet.ts"
import { Tuple } from "../../src/value/Tuple.ts"
import type { Value } from "../../src/value/Value.ts"

const shown: ReadonlyArray<readonly [string, object]> = [
  ["(1, 2.0, -0.0, 1e-07, nan)", Tuple.of(1, new Float(2), -0, 1e-7, Number.NaN)],
  ["(1,)", Tuple.of(1)],
  ["()", Tuple.of()],
  [
    "{'a': None, b'\\x00b': True}",
    Dict.from<Value, Value>([
      ["a", null],
      [Uint8Array.of(0, 98), true]
    ])
  ],
  ["{1, 'it\\'s \"so\"'}", MutableSet.from<Value>([1, 'it\'s "so"'])],
  ["set()", MutableSet.from([])],
  ["frozenset({'x'})", ImmutableSet.from(["x"])],
  ["frozenset()", ImmutableSet.from([])],
  ["1.50", Decimal.fromText("1.50") ?? {}],
  ["2.0", new Float(2)]
]

describe("A value", () => {
  for (const [text, value] of shown) {
    it(`prints as ${text}`, () => {
      assert.strictEqual(String(value), text)
      assert.strictEqual(inspect(value), text)
    })
  }

  it("that holds itself prints, and ends", () => {
    const list: Array<Value> = [1]
    list.push(Tuple.of(list))
    assert.strictEqual(String(Tuple.of(list)), "([1, ([1, ([1, ([1, (...,)],)],)],)],)")
  })

  it("that holds one thing a hundred times, eight times over, prints some of it", () => {
    let value: Value = 1
    for (let level = 0; level < 8; level++) value = new Tuple<Value>(Array.from({ length: 100 }, () => value))
    assert.isBelow(String(value).length, 10_000)
  })

  it("prints large integers, and the beginning of long texts", () => {
    assert.strictEqual(String(Tuple.of(2n ** 64n, 5)), "(18446744073709551616, 5)")
    assert.isBelow(String(Tuple.of("a".repeat(100_000))).length, 200)
  })

  it("of a million items prints a hundred", () => {
    assert.isBelow(String(new Tuple(Array.from({ length: 1_000_000 }, () => 1))).length, 400)
  })
})
