import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Float } from "../src/value/Float.ts"
import type { Value } from "../src/value/Value.ts"
import { canonical } from "./Canonical.ts"
import { cutBy, encode, heard, Lengths, roomy as limits, type Table, valueIn } from "./Stream.ts"
import { float, fromHex, int, join, list as tokenList, longint, longneg, neg, toHex } from "./Tokens.ts"
import { chooseFrom, integer, sized, value } from "./Values.ts"

const Choices = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0x7fffffff })))
const AnyTable = Schema.Literals([0, 1])

/** So many values as choices allow, up to four. */
const valuesFrom = (choices: ReadonlyArray<number>): ReadonlyArray<Value> => {
  const choose = chooseFrom(choices)
  return Array.from({ length: 1 + choose(4) }, () => value(choose))
}

describe("What was sent", () => {
  it.prop(
    "comes back as it was, one object where it was one, with both tables and however it is cut",
    { choices: Choices, table: AnyTable, lengths: Lengths },
    ({ choices, lengths, table }) => {
      const values = valuesFrom(choices)
      const bytes = encode(values, table)
      assert.deepStrictEqual(heard(bytes, { table, limits, cut: cutBy(lengths) }), values.map(canonical))
    },
    { arbitrary: { runs: 1000 } }
  )

  it.prop(
    "goes back as the same bytes",
    [Choices, AnyTable],
    ([choices, table]) => {
      const bytes = encode([value(chooseFrom(choices))], table)
      assert.strictEqual(toHex(encode([valueIn(bytes, { table, limits })], table)), toHex(bytes))
    },
    { arbitrary: { runs: 1000 } }
  )

  it("comes back as it was where it is many short texts, each twice", () => {
    const texts = Array.from({ length: 20_000 }, (_, at) => (at * 7919).toString(36))
    assert.deepStrictEqual(valueIn(encode([[...texts, ...texts]]), { limits }), [...texts, ...texts])
  })

  it.each([8191, 8192, 8193, 16_384, 20_000])(
    "comes back as it was where it is a list of %i that holds itself",
    (length) => {
      for (const at of [0, 5000, 8190, Math.min(8191, length - 1), length - 1]) {
        const list: Array<Value> = Array.from({ length }, (_, item) => (item % 100 === 7 ? [item] : item))
        list[at] = [at, list]
        assert.strictEqual(canonical(valueIn(encode([list]), { limits })), canonical(list))
        const never = Array.from({ length }, (_, item) => (item === at ? [item, [item]] : item))
        assert.deepStrictEqual(valueIn(encode([never]), { limits }), never)
      }
    }
  )

  const tables: ReadonlyArray<Table> = [0, 1]
  it.each(tables)("comes back in table %i where it has been shared between kinds", (table) => {
    const inner: ReadonlyArray<Value> = [1]
    const values: ReadonlyArray<Value> = [inner, inner]
    const back = valueIn(encode([[values, values, inner]], table), { table })
    assert.strictEqual(canonical(back), "[[[1], #2], #1, #2]")
  })
})

describe("An integer (B2)", () => {
  it.prop("is a number if it is safe, and a bigint if not", [Choices], ([choices]) => {
    const sent = integer(chooseFrom(choices))
    const back = valueIn(encode([sent]), { limits })
    assert.strictEqual(back, sent)
    assert.strictEqual(typeof back, Number.isSafeInteger(Number(sent)) ? "number" : "bigint")
  })

  it.prop("has the same bytes as number and as bigint", [Schema.Int], ([any]) => {
    const number = any + 0 // -0 is a float
    assert.strictEqual(toHex(encode([BigInt(number)])), toHex(encode([number])))
  })

  const border = 2n ** 53n
  it.each([border - 2n, border - 1n, border, border + 1n])("%d is exact, with either sign, in whatever token", (n) => {
    const body = fromHex(n.toString(16).padStart(16, "0"))
    for (const bytes of [int(n), longint(body), longint(join(new Uint8Array(9), body))]) {
      assert.strictEqual(valueIn(bytes), sized(n))
    }
    for (const bytes of [neg(n), longneg(body)]) assert.strictEqual(valueIn(bytes), sized(-n))
  })

  it.each([-(2n ** 31n) - 1n, -(2n ** 31n), -1n, 0n, 2n ** 31n - 1n, 2n ** 31n])(
    "%d is sent in the token of its size",
    (n) => {
      const [type, length] = n < -(2n ** 31n) ? [0x86, 6] : n < 0n ? [0x83] : n < 2n ** 31n ? [0x81] : [0x85, 6]
      const bytes = encode([n])
      assert.strictEqual(
        bytes.find((byte) => byte >= 0x80),
        type
      )
      if (length !== undefined) assert.strictEqual(bytes.length, length)
    }
  )

  it("is the same among many as alone, at every border of its size, with others between", () => {
    const sizes = [0, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 31 - 1]
    for (const other of [-0, -1, 0.5, 2 ** 31, 5n, null, [7]]) {
      for (const length of [0, 1, 255, 256, 257, 600]) {
        const items = Array.from({ length }, (_, at) => sizes[at % sizes.length] ?? 0)
        for (const at of [0, 1, 254, 255, 256, 257, length - 1]) {
          const list: ReadonlyArray<Value> = items.map((item, place) => (place === at ? other : item))
          const each = (item: Value) => (typeof item === "number" && item !== other ? int(item) : encode([item], 0))
          if (Array.isArray(other) || other === null)
            assert.deepStrictEqual(valueIn(encode([list], 0), { table: 0 }), list)
          else assert.strictEqual(toHex(encode([list], 0)), toHex(tokenList(...list.map(each))))
        }
      }
    }
  })

  it("has no negative zero: NEG 0 and an empty LONGNEG are 0", () => {
    for (const bytes of [neg(0), longneg(new Uint8Array()), longneg(Uint8Array.of(0, 0))]) {
      assert.isTrue(Object.is(valueIn(bytes), 0))
    }
  })
})

describe("A float (B8)", () => {
  it.prop("goes back as the same eight bytes", [Schema.Int, Schema.Int], ([high, low]) => {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32BE(high >>> 0)
    bytes.writeUInt32BE(low >>> 0, 4)
    const double = bytes.readDoubleBE()
    const back = valueIn(float(double))
    if (Number.isNaN(double)) assert.isNaN(back)
    else assert.strictEqual(toHex(encode([back])), toHex(float(double)))
  })

  it("is a number where that goes back as a float, and a Float where it would be an integer", () => {
    for (const double of [0.5, -0, Infinity, -Infinity, NaN]) assert.isTrue(Object.is(valueIn(float(double)), double))
    for (const double of [0, 1, -1, 2 ** 53, 1e308]) assert.deepStrictEqual(valueIn(float(double)), new Float(double))
  })

  it("may be said to be one although it needs not", () => {
    for (const double of [0.5, -0, Infinity]) {
      assert.strictEqual(toHex(encode([new Float(double)])), toHex(encode([double])))
    }
  })
})

describe("What is one object (B14)", () => {
  it("is one object on the other side, also inside itself", () => {
    const list: Array<Value> = []
    list.push(list, [list])
    const back = valueIn(encode([list]))
    assert.isTrue(Array.isArray(back) && back[0] === back)
    assert.strictEqual(canonical(back), "[#0, [#0]]")
  })

  it("is sent again in the next top-level object, which no reference leaves", () => {
    const list: ReadonlyArray<Value> = [5]
    assert.deepStrictEqual(heard(encode([[list, list], list])), ["[[5], #1]", "[5]"])
    assert.strictEqual(
      toHex(encode([[list, list], list])),
      "008804870188048705810189028802870181028900890388048705810389"
    )
  })

  it("may be equal to another, which stays another", () => {
    assert.strictEqual(canonical(valueIn(encode([[[1], [1]]]))), "[[1], [1]]")
  })
})
