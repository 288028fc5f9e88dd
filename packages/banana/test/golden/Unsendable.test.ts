import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { BananaEncoder } from "../../src/BananaEncoder.ts"
import { Dict } from "../../src/value/Dict.ts"
import { ImmutableSet } from "../../src/value/ImmutableSet.ts"
import { MutableSet } from "../../src/value/MutableSet.ts"
import { Tuple } from "../../src/value/Tuple.ts"
import type { Value } from "../../src/value/Value.ts"
import { Vocabulary } from "../../src/wire/Vocabulary.ts"
import { heard, valueIn } from "../Stream.ts"
import { int, join, toHex } from "../Tokens.ts"
import { unsendable } from "./Fixtures.ts"

/** What the types do not let through, and a program without types may try to send. */
const unfit = (value: unknown): Value => value as Value // that is the point

class Unsendable {}
const object = unfit(new Unsendable())
const reason = "cannot serialize an object of the class Unsendable; see Value for those that can"
const half = "a text with half of a surrogate pair, which UTF-8 cannot say"

/** 1001 lists, each in the one before. */
const bottomless = (): Value => {
  let value: Value = []
  for (let depth = 0; depth < 1000; depth++) value = [value]
  return value
}

const refused: ReadonlyArray<readonly [string, () => Value, string, string]> = [
  ["an object of another class", () => object, "<RootSlicer>", reason],
  ["a list with one", () => [1, object], "<RootSlicer>.[1]", reason],
  ["a tuple with one", () => Tuple.of(1, object), "<RootSlicer>.[1]", reason],
  [
    "a dict with one",
    () =>
      Dict.from<Value, Value>([
        ["b", object],
        ["a", 1]
      ]),
    "<RootSlicer>.{}[b]",
    reason
  ],
  ["a dict with one under a number", () => Dict.from<Value, Value>([[7, object]]), "<RootSlicer>.{}[7]", reason],
  ["a dict with half a pair for a key", () => Dict.from([["\ud800", 1]]), "<RootSlicer>.{}", half],
  ["a set with half a pair", () => MutableSet.from(["a", "\ud800"]), "<RootSlicer>.{1}", half],
  ["a frozenset with half a pair", () => ImmutableSet.from(["a", "\ud800"]), "<RootSlicer>.{1}", half],
  [
    "one in a list in a dict in a list",
    () => [0, Dict.from([["orders", [1, 2, object]]])],
    "<RootSlicer>.[1].{}[orders].[2]",
    reason
  ],
  ["undefined", () => unfit(undefined), "<RootSlicer>", "cannot serialize undefined; None is null"],
  [
    "a hole in a list",
    () => unfit(Object.assign([1], { length: 2 })),
    "<RootSlicer>.[1]",
    "cannot serialize undefined; None is null"
  ],
  ["a function", () => unfit(() => 1), "<RootSlicer>", "cannot serialize a function"],
  ["a symbol", () => unfit(Symbol("x")), "<RootSlicer>", "cannot serialize a symbol"],
  [
    "a plain object",
    () => unfit({ a: 1 }),
    "<RootSlicer>",
    "cannot serialize an object of the class Object; a dict is made with Dict.fromRecord"
  ],
  [
    "an object of no class",
    () => unfit(Object.create(null)),
    "<RootSlicer>",
    "cannot serialize an object of the class Object; a dict is made with Dict.fromRecord"
  ],
  [
    "a Map",
    () => unfit(new Map()),
    "<RootSlicer>",
    "cannot serialize an object of the class Map; a dict is made with Dict.from"
  ],
  ["a lone surrogate", () => "\ud800", "<RootSlicer>", half],
  ["a surrogate pair the wrong way round", () => ["\udc00\ud800"], "<RootSlicer>.[0]", half],
  [
    "1001 lists in one another",
    bottomless,
    `<RootSlicer>${".[0]".repeat(1000)}`,
    "more than 1000 sequences in one another"
  ]
]

describe("A value that cannot be sent (B15)", () => {
  for (const [name, value, where, text] of refused) {
    it(`(${name}) is refused with the place, and leaves nothing behind`, () => {
      const encoder = new BananaEncoder({ vocabulary: Vocabulary.foolscap })
      encoder.encode([1])
      const { size } = encoder
      const result = encoder.encode(value())
      assert.isTrue(Result.isFailure(result))
      if (Result.isFailure(result)) assert.deepInclude(result.failure, { _tag: "Violation", where, reason: text })
      assert.strictEqual(encoder.size, size)
      encoder.encode([2])
      assert.strictEqual(
        toHex(join(...encoder.take())),
        "00880487018100890188048702810189",
        "the next has the next number"
      )
    })
  }

  it("leaves nothing behind that was shared in it", () => {
    const encoder = new BananaEncoder({ vocabulary: Vocabulary.foolscap })
    const list: ReadonlyArray<Value> = [7]
    encoder.encode([list, list, object])
    encoder.encode(list)
    assert.strictEqual(toHex(join(...encoder.take())), "0088048707810089")
  })

  it("may be longer than what is copied, and leaves nothing behind", () => {
    const encoder = new BananaEncoder({ vocabulary: Vocabulary.foolscap })
    encoder.encode(1)
    encoder.encode([new Uint8Array(100_000), "x".repeat(100_000), object])
    assert.strictEqual(encoder.size, 2)
    encoder.encode(2)
    assert.strictEqual(toHex(join(...encoder.take())), "01810281")
  })

  it("leaves what was sent before as it was, wherever a buffer ends", () => {
    const encoder = new BananaEncoder({ vocabulary: Vocabulary.foolscap })
    const taken: Array<Uint8Array> = []
    const expected: Array<string> = []
    for (let n = 0; n < 3000; n++) {
      if (n % 100 === 0) taken.push(...encoder.take())
      encoder.encode(n)
      encoder.encode(["x".repeat(n % 200), new Uint8Array(n % 500), n % 50 === 0 ? new Uint8Array(20_000) : n, object])
      expected.push(String(n))
    }
    assert.deepStrictEqual(heard(join(...taken, ...encoder.take())), expected)
  })

  it("is refused in a set or a dict before it gets there, which have to find it again", () => {
    assert.throws(() => MutableSet.from([object]), TypeError)
    assert.throws(() => Dict.from([[object, 1]]), TypeError)
  })
})

describe("What Foolscap sends of a value that it cannot send", () => {
  const aborted = unsendable.filter(({ connection_dropped, hex }) => !connection_dropped && hex.length > 0)

  for (const { hex: bytes, kind, name } of aborted) {
    it(`(${name} as ${kind}) is one Violation, and the stream goes on with the next`, () => {
      const [violated, ...rest] = heard(join(bytes, int(9)))
      assert.match(
        violated ?? "",
        kind === "toplevel"
          ? /^Violated <RootUnslicer>\.[^:]+: ABORT received$/
          : /^Violated <RootUnslicer>: unknown top-level OPEN type \('call',\)$/
      )
      assert.deepStrictEqual(rest, ["9"])
    })
  }

  it("is nothing where no OPEN had gone out", () => {
    for (const { hex: bytes } of unsendable.filter(({ hex }) => hex.length === 0))
      assert.deepStrictEqual(heard(bytes), [])
    assert.strictEqual(valueIn(int(9)), 9)
  })
})
