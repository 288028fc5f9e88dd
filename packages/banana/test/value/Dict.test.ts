import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Decimal } from "../../src/value/Decimal.ts"
import { Dict } from "../../src/value/Dict.ts"
import { Float } from "../../src/value/Float.ts"
import { ImmutableSet } from "../../src/value/ImmutableSet.ts"
import { MutableSet } from "../../src/value/MutableSet.ts"
import { Tuple } from "../../src/value/Tuple.ts"
import type { Value } from "../../src/value/Value.ts"
import { canonical } from "../Canonical.ts"
import { encode, valueIn } from "../Stream.ts"
import { chooseFrom, key } from "../Values.ts"
import { compareInPython, equalInPython } from "./Python.ts"

const Choices = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0x7fffffff })))

const decimal = (text: string): Decimal => Decimal.fromText(text) ?? assert.fail(text)

/** Keys of each kind that has several faces, mixed with any. */
const keysFrom = (choices: ReadonlyArray<number>): ReadonlyArray<Value> => {
  const choose = chooseFrom(choices)
  const faces: ReadonlyArray<Value> = [
    ...[0, 1, true, false, -0, 0.5, 2n ** 53n, new Float(1), new Float(2 ** 53), new Float(1e300), Infinity],
    ...["1", "1.0", "0E+5", "-0", "0.5", "0.50", "0.1", "9007199254740992", "1E+300", "Infinity"].map(decimal),
    0.1,
    BigInt(1e300)
  ]
  return Array.from({ length: 1 + choose(12) }, () => {
    const face = faces[choose(faces.length * 2)] ?? key(choose)
    return choose(4) === 3 ? Tuple.of(face) : choose(8) === 7 ? ImmutableSet.from([face]) : face
  })
}

describe("A Dict", () => {
  it("takes the key that comes next, as it is, for one that was deleted", () => {
    const dict = Dict.from<Value, Value>([
      ["text", 1],
      [1, 2],
      ["\0", 3]
    ])
    assert.isTrue(dict.delete(new Float(1)))
    assert.isFalse(dict.delete(1))
    assert.isTrue(dict.delete("text"))
    dict.set(true, 4).set(1, 5).set("text", 6)
    assert.deepStrictEqual(
      [...dict],
      [
        ["\0", 3],
        [true, 5],
        ["text", 6]
      ]
    )
    assert.deepStrictEqual([...dict.keys()], ["\0", true, "text"])
    assert.deepStrictEqual([...dict.values()], [3, 5, 6])
  })

  it("has its own entry for a text that reads like what stands for another key", () => {
    const keys: ReadonlyArray<Value> = [
      "\0i1",
      1,
      "\0s\0i1",
      "i1",
      "\0n",
      null,
      "\0t",
      Tuple.of(),
      "\0b",
      new Uint8Array(0)
    ]
    const dict = Dict.from<Value, Value>(keys.map((each, at) => [each, at] as const))
    assert.deepStrictEqual(
      keys.map((each) => dict.get(each)),
      [...keys.keys()]
    )
  })

  it.prop(
    "has one entry for what Python takes for one key: the first key, the last value",
    [Choices],
    ([choices]) => {
      const keys = keysFrom(choices)
      const dict = Dict.from(keys.map((each, at) => [each, at] as const))
      const model: Array<[Value, number]> = []
      keys.forEach((each, at) => {
        const entry = model.find(([known]) => equalInPython(known, each))
        if (entry === undefined) model.push([each, at])
        else entry[1] = at
      })
      const line = ([each, at]: readonly [Value, number]) => `${canonical(each)}: ${at}`
      assert.deepStrictEqual(Array.from(dict, line), model.map(line))
      assert.strictEqual(dict.size, model.length)
      for (const [each, at] of model) assert.strictEqual(dict.get(each), at)
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop("is a set of keys if only keys count", [Choices], ([choices]) => {
    const keys = keysFrom(choices)
    const set = MutableSet.from(keys)
    assert.deepStrictEqual(
      Array.from(set, canonical),
      Array.from(Dict.from(keys.map((each) => [each, null] as const)).keys(), canonical)
    )
  })

  it.prop(
    "goes over the wire in Python's order",
    [Choices],
    ([choices]) => {
      const keys = keysFrom(choices).filter((each) => compareInPython(each, each) === 0)
      // Python sends no dict of keys that it cannot compare.
      const [first] = keys
      const alike = keys.filter((each) => first !== undefined && compareInPython(first, each) !== undefined)
      if (alike.some((one) => alike.some((other) => compareInPython(one, other) === undefined))) return
      const back = valueIn(encode([Dict.from(alike.map((each) => [each, null] as const))]), {
        limits: { body: 10_000 }
      })
      const sent = back instanceof Dict ? [...back.keys()] : assert.fail("no dict")
      for (let at = 1; at < sent.length; at++) {
        assert.strictEqual(compareInPython(sent[at - 1] ?? null, sent[at] ?? null), -1, sent.map(canonical).join())
      }
    },
    { arbitrary: { runs: 500 } }
  )

  it("orders text by code points, where JavaScript orders surrogates first", () => {
    const keys = ["\u{10000}", "\uffff", "\ud7ff", "\ue000", "a", "aa", ""]
    const back = valueIn(encode([Dict.from(keys.map((each) => [each, null] as const))]))
    assert.deepStrictEqual(back instanceof Dict ? [...back.keys()] : [], [
      "",
      "a",
      "aa",
      "\ud7ff",
      "\ue000",
      "\uffff",
      "\u{10000}"
    ])
  })

  it("orders numbers by value, whatever their kinds", () => {
    const keys = [
      decimal("0.1"),
      0.1,
      2n ** 60n,
      decimal("-1E+400"),
      new Float(2 ** 61),
      decimal("1E-400"),
      -5,
      true,
      Infinity,
      0,
      -Infinity
    ]
    const back = valueIn(encode([Dict.from(keys.map((each) => [each, null] as const))]))
    assert.deepStrictEqual((back instanceof Dict ? [...back.keys()] : []).map(canonical), [
      "-Infinity",
      "Decimal(-1E+400)",
      "-5",
      "0",
      "Decimal(1E-400)",
      "Decimal(0.1)",
      "0.1",
      "True",
      `${2n ** 60n}n`,
      `Float(${2 ** 61})`,
      "Infinity"
    ])
  })

  it("has NaN as often as it is put in, and never finds it", () => {
    const dict = Dict.from<Value, number>([
      [NaN, 1],
      [NaN, 2],
      [decimal("NaN"), 3]
    ])
    assert.strictEqual(dict.size, 3)
    assert.isUndefined(dict.get(NaN))
    assert.isFalse(dict.has(NaN))
  })

  it("takes no list, dict or set for a key, nor a tuple that holds one, and holds what it held", () => {
    const dict = Dict.from<unknown, number>([["a", 1]])
    for (const unhashable of [
      [],
      new Dict(),
      new MutableSet(),
      Tuple.of([]),
      Tuple.of(Tuple.of(new Dict())),
      decimal("sNaN")
    ]) {
      assert.throws(() => dict.set(unhashable, 2), TypeError)
      assert.isFalse(dict.has(unhashable))
      assert.isUndefined(dict.get(unhashable))
      assert.isFalse(dict.delete(unhashable))
    }
    assert.deepStrictEqual([...dict], [["a", 1]])
  })

  it("loses a key by any of its faces", () => {
    const dict = Dict.from<Value, number>([[1, 1]])
    assert.isTrue(dict.delete(decimal("1.00")))
    assert.strictEqual(dict.size, 0)
    assert.isFalse(dict.delete(1))
  })

  it("finds a float by the decimal that is exactly that float, with however many places", () => {
    for (let places = 0; places <= 1074; places++) {
      for (const double of [2 ** -places, 2 ** -places * 3, -(2 ** -places) * 10_000_001]) {
        const exact = Decimal.fromDouble(double)
        assert.isTrue(Dict.from<Value, number>([[double, 1]]).has(exact), exact.text)
        const padded = decimal(`${exact.text}${places === 0 || exact.text.includes("E") ? "" : "000"}`)
        assert.isTrue(Dict.from<Value, number>([[padded, 1]]).has(new Float(double)), padded.text)
      }
    }
  })

  it("tells apart tuples whose items read the same one behind the other", () => {
    const pairs: ReadonlyArray<readonly [Value, Value]> = [
      [Tuple.of("a", "b"), Tuple.of("ab")],
      [Tuple.of(1, 23), Tuple.of(12, 3)],
      [Tuple.of(Tuple.of(1), 2), Tuple.of(Tuple.of(1, 2))],
      [Tuple.of(1), ImmutableSet.from<Value>([1])],
      [Tuple.of("1"), Tuple.of(1)],
      [Tuple.of(new Uint8Array([0x61])), Tuple.of("a")],
      [Tuple.of(null), Tuple.of("n")]
    ]
    for (const [one, other] of pairs)
      assert.strictEqual(
        Dict.from([
          [one, 1],
          [other, 2]
        ]).size,
        2,
        canonical(one)
      )
  })
})
