import { assert, describe, it, vi } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { BananaEncoder } from "../src/BananaEncoder.ts"
import type { Value } from "../src/value/Value.ts"
import { TokenEncoder } from "../src/wire/TokenEncoder.ts"
import { Vocabulary } from "../src/wire/Vocabulary.ts"
import { encode } from "./Stream.ts"
import { close, int, join, open, toHex } from "./Tokens.ts"

/** Lists of lists and integers, as B14 says, by a Map that is asked for each list before it is sent. */
const asked = (...values: ReadonlyArray<Value>): Uint8Array => {
  const parts: Array<Uint8Array> = []
  let count = 0
  for (const value of values) {
    const numbers = new Map<unknown, number>()
    const send = (each: Value): void => {
      if (!Array.isArray(each)) return void parts.push(int(Number(each)))
      const number = count++
      const before = numbers.get(each)
      if (before !== undefined) parts.push(open(number, "reference"), int(before))
      else {
        numbers.set(each, number)
        parts.push(open(number, "list"))
        for (const item of each) send(item)
      }
      parts.push(close(number))
    }
    send(value)
  }
  return join(...parts)
}

const sameBytes = (...values: ReadonlyArray<Value>) =>
  assert.strictEqual(toHex(encode(values, 0)), toHex(asked(...values)))

type List = Array<Value>

const many = (count: number): Array<List> => Array.from({ length: count }, (_, at) => [at])

/** From so many lists in one value on, what comes again is found in another way. */
const few = 1000

const Size = Schema.Int.check(Schema.isBetween({ minimum: few - 100, maximum: 3 * few }))
const Place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 * few }))

describe("What comes again in a value of many objects (B14)", () => {
  it.prop(
    "is a reference, wherever it stood and wherever it comes again, also inside itself",
    { size: Size, seed: Place, links: Schema.Array(Schema.Tuple([Place, Place])) },
    ({ links, seed, size }) => {
      const lists = many(size)
      for (const [at, list] of lists.entries()) if (at > 0) lists[(at * 7919 + seed) % at]?.push(list)
      for (const [from, to] of links) lists[from % size]?.push(lists[to % size] ?? [])
      sameBytes(lists[0] ?? [])
    },
    { arbitrary: { runs: 200 } }
  )

  it.each([few - 3, few - 2, few - 1, few, few + 1, few + 62, few + 63, few + 64, few + 65, 5 * few])(
    "is a reference where it is number %i, the last of all or not",
    (count) => {
      const lists = many(count)
      const last: List = [7]
      sameBytes([...lists, last, last])
      sameBytes([...lists, last, last, ...many(200)])
      sameBytes([...lists, lists[count - 1] ?? []])
      sameBytes([last, ...lists, last])
    }
  )

  it("is a reference in every value of a link, after some with and some without any", () => {
    const [shared, alone] = [[8], [9]]
    const sharing = [...many(2 * few), shared, [shared]]
    const early = [shared, shared, ...many(2 * few), alone, alone]
    const none = many(2 * few)
    sameBytes(none, sharing, none, [shared], sharing, early, none, none, sharing)
  })

  it("is a reference at the bottom of a value that is as deep as one may be", () => {
    const bottom: List = []
    let nested: List = bottom
    for (let depth = 3; depth < 1000; depth++) nested = [nested]
    const whole: List = [...many(few), nested]
    bottom.push(whole, nested)
    sameBytes(whole)
  })

  it("is not written over and over before it is found to come again, and once if something came again just before", () => {
    const encoder = new BananaEncoder({ vocabulary: Vocabulary.foolscap })
    const integers = vi.spyOn(TokenEncoder.prototype, "integer")
    /** How many negative integers were written for this value. */
    const written = (value: Value): number => {
      integers.mockClear()
      assert.strictEqual(encoder.encode(value)._tag, "Success")
      encoder.take()
      return integers.mock.calls.length
    }
    try {
      const long: ReadonlyArray<Value> = Array.from({ length: 100_000 }, (_, at) => -1 - at)
      const once = long.length
      const none = [...many(few), long, []]
      const late = [...many(few), ...Array.from({ length: 50 }, () => long)]
      const early = [none[0] ?? [], ...none, long]
      assert.strictEqual(written(none), once)
      for (let time = 0; time < 2; time++) {
        assert.strictEqual(written(late), 2 * once)
        assert.strictEqual(written(late), once)
        assert.strictEqual(written(none), once)
        assert.strictEqual(written(early), once)
        assert.strictEqual(written(none), once)
      }
    } finally {
      integers.mockRestore()
    }
  })
})

describe("A value of many objects that cannot be sent", () => {
  it("says where, and leaves nothing behind", () => {
    const encoder = new BananaEncoder({ vocabulary: Vocabulary.none })
    const result = encoder.encode([...many(2 * few), ["\ud800"]])
    assert.strictEqual(result._tag, "Failure")
    if (result._tag === "Failure") assert.strictEqual(result.failure.where, `<RootSlicer>.[${2 * few}].[0]`)
    assert.strictEqual(encoder.size, 0)
    encoder.encode([[1], [2]])
    assert.strictEqual(toHex(join(...encoder.take())), toHex(asked([[1], [2]])))
  })
})
