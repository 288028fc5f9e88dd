import { assert, describe, it } from "@effect/vitest"
import { BananaEncoder } from "../src/BananaEncoder.ts"
import { Dict } from "../src/value/Dict.ts"
import { Tuple } from "../src/value/Tuple.ts"
import type { Value } from "../src/value/Value.ts"
import { Vocabulary } from "../src/wire/Vocabulary.ts"
import { canonical } from "./Canonical.ts"
import { heard } from "./Stream.ts"
import { join, toHex } from "./Tokens.ts"
import { sized } from "./Values.ts"

const make = () => new BananaEncoder({ vocabulary: Vocabulary.foolscap })
const encoded = (value: Value) => {
  const encoder = make()
  encoder.encode(value)
  return taken(encoder)
}
const taken = (encoder: BananaEncoder) => join(...encoder.take())

describe("BananaEncoder", () => {
  it("sends PING and PONG with their number, and 0 without a header", () => {
    const encoder = make()
    encoder.ping()
    encoder.ping(0)
    encoder.ping(5)
    encoder.ping(1000)
    encoder.pong(0n)
    encoder.pong(7n)
    assert.strictEqual(toHex(taken(encoder)), "8e8e058e68078e8f078f")
  })

  it("answers a PING of any number that can come", () => {
    for (const number of [2 ** 31, 2 ** 53 - 1, 2n ** 53n, 2 ** 200, 2n ** 448n - 1n]) {
      const encoder = make()
      encoder.ping(number)
      encoder.pong(number)
      assert.deepStrictEqual(heard(taken(encoder)), [`Ping ${BigInt(number)}`, `Pong ${BigInt(number)}`])
    }
  })

  it("throws on a number that no PING can have, and appends nothing", () => {
    const encoder = make()
    const numbers = [2n ** 448n, -1n, -1, 0.5, 1.5, Number.NaN, 2 ** 448, Infinity]
    for (const number of numbers) assert.throws(() => encoder.ping(number), RangeError)
    assert.strictEqual(encoder.size, 0)
  })

  it("appends and counts nothing of a value whose own code throws", () => {
    const encoder = make()
    const throwing = new Tuple([[], new Proxy([1], { get: () => assert.fail("its own") })])
    assert.throws(() => encoder.encode(throwing), "its own")
    const shared: Value = ["shared"]
    encoder.encode([shared, ["other"], shared])
    assert.strictEqual(toHex(taken(encoder)), toHex(encoded([shared, ["other"], shared])))
  })

  it("sends the keys of a dict in order, in whichever order they came", () => {
    const keys = ["b", "a", "\u{1f600}", "\uffff", "aa", ""]
    const ordered = ["", "a", "aa", "b", "\uffff", "\u{1f600}"]
    const dict = (names: ReadonlyArray<string>) => Dict.from(names.map((name) => [name, name.length]))
    const expected = toHex(encoded(dict(ordered)))
    for (const [at] of keys.entries()) {
      const turned = [...keys.slice(at), ...keys.slice(0, at)]
      assert.strictEqual(toHex(encoded(dict(turned))), expected)
      assert.strictEqual(toHex(encoded(dict(turned.toReversed()))), expected)
    }
    assert.deepStrictEqual(heard(encoded(dict(keys))), [canonical(dict(ordered))])
  })

  it("sends a dict as it was when it was begun", () => {
    const dict = new Dict<Value, Value>()
    const growing = new Proxy([1], {
      get: (target, name) => {
        dict.set(`more ${dict.size}`, null)
        return Reflect.get(target, name)
      }
    })
    dict.set("growing", growing).set("last", 2)
    const expected = toHex(
      encoded(
        Dict.from<Value, Value>([
          ["growing", [1]],
          ["last", 2]
        ])
      )
    )
    assert.strictEqual(toHex(encoded(dict)), expected)
  })

  it("takes no value from within another one", () => {
    const encoder = make()
    const inner = new Proxy([1], { get: () => encoder.encode(2) })
    assert.throws(() => encoder.encode([inner]), "encodes another one")
    encoder.encode(3)
    assert.strictEqual(toHex(taken(encoder)), "0381")
  })

  it("cuts an ERROR to the 1000 bytes that a peer takes", () => {
    const encoder = make()
    encoder.error("e".repeat(1001))
    assert.deepStrictEqual(heard(taken(encoder)), [`PeerError ${"e".repeat(1000)}`])
    encoder.error("no")
    assert.strictEqual(toHex(taken(encoder)), "028d6e6f")
  })

  it("hands over all that waits, once, in few pieces", () => {
    const encoder = make()
    assert.deepStrictEqual(encoder.take(), [])
    for (let n = 0; n < 1000; n++) encoder.encode([n])
    const { size } = encoder
    const pieces = encoder.take()
    assert.isAtMost(pieces.length, 2, "a slab may end in between")
    assert.strictEqual(join(...pieces).length, size)
    assert.strictEqual(encoder.size, 0)
    assert.deepStrictEqual(encoder.take(), [])
  })

  it("does not copy long bytes, and keeps their place among others", () => {
    const encoder = make()
    const long = new Uint8Array(20_000).fill(7)
    encoder.encode([1, long, 2])
    const pieces = encoder.take()
    assert.isTrue(pieces.includes(long))
    assert.deepStrictEqual(heard(join(...pieces), { limits: { body: 20_000 } }), [`[1, b${"07".repeat(20_000)}, 2]`])
  })

  it("does not write over what it handed over", () => {
    const encoder = make()
    encoder.encode("first")
    const first = encoder.take()
    const before = toHex(join(...first))
    for (let n = 0; n < 100_000; n++) encoder.encode("others")
    assert.strictEqual(toHex(join(...first)), before)
  })

  it("is independent of others, although they share memory", () => {
    const encoders = Array.from({ length: 50 }, make)
    for (let turn = 0; turn < 100; turn++) encoders.forEach((encoder, n) => encoder.encode([n, turn, "x".repeat(turn)]))
    encoders.forEach((encoder, n) => {
      const expected = Array.from({ length: 100 }, (_, turn) => `[${n}, ${turn}, "${"x".repeat(turn)}"]`)
      assert.deepStrictEqual(heard(taken(encoder)), expected)
    })
  })

  it("copies text of every length that a buffer has room for, or not", () => {
    const encoder = make()
    const texts = Array.from({ length: 300 }, (_, length) =>
      ["a", "\u00e9", "\u20ac", "\u{1f600}"].map((one) => one.repeat(length))
    )
    for (const text of texts.flat()) encoder.encode(text)
    assert.deepStrictEqual(
      heard(taken(encoder), { limits: { body: 2000 } }),
      texts.flat().map((text) => JSON.stringify(text))
    )
  })

  it("writes text whole where a buffer ends in the middle of it", () => {
    const encoder = make()
    const texts = Array.from({ length: 20_000 }, (_, n) => `${"a".repeat(n % 61)}${n % 2 === 0 ? "\u00e9" : "z"}`)
    for (const text of texts) encoder.encode(text)
    assert.deepStrictEqual(
      heard(taken(encoder)),
      texts.map((text) => JSON.stringify(text))
    )
  })

  it("writes numbers and bytes whole where a buffer ends in the middle of them", () => {
    const encoder = make()
    const all = Array.from({ length: 20_000 }, (_, n) => 256n ** BigInt(n % 40) * (n % 2 === 0 ? 1n : -1n))
    for (const [n, integer] of all.entries()) encoder.encode([integer, new Uint8Array(n % 50), 0.5])
    assert.deepStrictEqual(
      heard(taken(encoder)),
      all.map((integer, n) => `[${canonical(sized(integer))}, b${"00".repeat(n % 50)}, 0.5]`)
    )
  })
})
