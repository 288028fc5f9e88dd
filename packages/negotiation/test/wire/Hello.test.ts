import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Block from "../../src/wire/Block.ts"
import * as Hello from "../../src/wire/Hello.ts"
import { VersionRange } from "../../src/wire/VersionRange.ts"
import { bytes, bytesOf, nearBlocks, textOf } from "../Noise.ts"
import { high, low } from "../Sides.ts"

const range = (min: number, max: number) => new VersionRange({ min, max })
const lines = (...lines: ReadonlyArray<string>) => bytesOf(lines.join("\r\n"))
const readHeader = (header: Uint8Array) => Result.flatMap(Block.parse(header), Hello.read)
const read = (...given: ReadonlyArray<string>) => readHeader(lines(...given))
/** The reason, its text where it carries one from the peer, or nothing. */
const reasonFor = (...given: ReadonlyArray<string>) =>
  Result.match(read(...given), {
    onFailure: (reason) => (reason._tag === "PeerRefused" ? `PeerRefused: ${reason.text}` : reason._tag),
    onSuccess: () => "a Hello"
  })

const client = new Hello.Hello({
  tubId: low.tubId,
  versions: range(3, 3),
  vocabularies: range(0, 1),
  incarnation: low.incarnation,
  lastConnection: "none 0"
})

const text = Schema.String.check(Schema.isPattern(/^(?:[!-~é][ -~é]{0,20})?$/))
const numbers = Schema.Int.check(Schema.isBetween({ minimum: -(10 ** 15 - 1), maximum: 10 ** 15 - 1 }))
const ranges = Arbitrary.map(Arbitrary.schema(Schema.Tuple([numbers, numbers])), ([min, max]) => range(min, max))
const words = Arbitrary.schema(
  Schema.Struct({
    tubId: Schema.optionalKey(text),
    incarnation: Schema.optionalKey(text),
    lastConnection: Schema.optionalKey(text),
    forced: Schema.optionalKey(text)
  })
)

describe("Hello.format", () => {
  it("writes the 169 bytes of a client (N13)", () => {
    const written = Hello.format(client)
    assert.strictEqual(
      textOf(written),
      "banana-negotiation-range: 3 3\r\n" +
        "initial-vocab-table-range: 0 1\r\n" +
        "last-connection: none 0\r\n" +
        "my-incarnation: 2222222222222222\r\n" +
        "my-tub-id: bkwv3voln2kkwhxhkj5bhsjw7n7qvlet\r\n\r\n"
    )
    assert.strictEqual(written.length, 169)
  })

  it("writes the 144 bytes of a server (N13)", () => {
    const written = Hello.format(
      new Hello.Hello({
        tubId: high.tubId,
        versions: range(3, 3),
        vocabularies: range(0, 1),
        incarnation: high.incarnation
      })
    )
    assert.strictEqual(
      textOf(written),
      "banana-negotiation-range: 3 3\r\n" +
        "initial-vocab-table-range: 0 1\r\n" +
        "my-incarnation: 6666666666666666\r\n" +
        "my-tub-id: p34dey6aut5fvfk7jekonycc7apozbhf\r\n\r\n"
    )
    assert.strictEqual(written.length, 144)
  })

  it.prop(
    "is undone by split and read, for every Hello of one-line values",
    [words, ranges, ranges],
    ([given, a, b]) => {
      const hello = new Hello.Hello({ ...given, versions: a, vocabularies: b })
      const split = Block.split(Hello.format(hello))
      if (split._tag !== "Complete") return assert.fail(split._tag)
      assert.isTrue(Equal.equals(Result.getOrThrow(readHeader(split.header)), hello))
    }
  )
})

describe("Hello.read", () => {
  it("drops what a newer peer adds, and takes the keys in any order and case (N5)", () => {
    const theirs = Result.getOrThrow(
      read("My-Tub-Id: x", "application-protocols: banana", "__proto__: y", "BANANA-negotiation-range:1 3")
    )
    const plain = new Hello.Hello({ tubId: "x", versions: range(1, 3), vocabularies: range(0, 0) })
    assert.isTrue(Equal.equals(theirs, plain))
    assert.deepStrictEqual(Object.keys(theirs).sort(), ["tubId", "versions", "vocabularies"])
  })

  it("takes a missing vocabulary range for 0 0 (N15)", () => {
    assert.strictEqual(String(Result.getOrThrow(read("banana-negotiation-range: 3 3")).vocabularies), "0 0")
  })

  it("lets a repeated key count once, the last time (N5)", () => {
    const theirs = read(
      "banana-negotiation-range: 1 1",
      "my-tub-id: a",
      "my-tub-id: b",
      "banana-negotiation-range: 3 3"
    )
    assert.strictEqual(Result.getOrThrow(theirs).tubId, "b")
    assert.strictEqual(String(Result.getOrThrow(theirs).versions), "3 3")
  })

  it("reads a range with a space behind it, and keeps the space of a TubId (N5)", () => {
    const theirs = Result.getOrThrow(read("banana-negotiation-range: 3 3 ", "my-tub-id: a "))
    assert.strictEqual(String(theirs.versions), "3 3")
    assert.strictEqual(theirs.tubId, "a ")
  })

  const range33 = "banana-negotiation-range: 3 3"
  for (const [row, given, expected] of [
    ["1", ["no colon"], "MalformedBlock"],
    ["1", [""], "MalformedBlock"],
    ["1", ["error: x", "no colon"], "MalformedBlock"],
    ["2", ["error: go away"], "PeerRefused: go away"],
    ["2", ["error: "], "PeerRefused: "],
    ["2", [range33, "error: go away", "banana-decision-version: 1"], "PeerRefused: go away"],
    ["2", ["error: first", "banana-negotiation-version: 1"], "PeerRefused: first"],
    ["3", ["banana-negotiation-version: 1"], "OldDialect"],
    ["3", ["banana-negotiation-version: 1", "initial-vocab-table-range: x"], "OldDialect"],
    ["4", ["my-tub-id: x"], "NoVersions"],
    ["4", ["initial-vocab-table-range: x"], "NoVersions"],
    ["5", ["banana-negotiation-range: x", "banana-negotiation-version: 1"], "MalformedBlock"],
    ["5", ["banana-negotiation-range: "], "MalformedBlock"],
    ["5", ["banana-negotiation-range: 3"], "MalformedBlock"],
    ["5", ["banana-negotiation-range: 1 2 3"], "MalformedBlock"],
    ["5", [range33, "initial-vocab-table-range: "], "MalformedBlock"],
    ["5", [range33, "initial-vocab-table-range: 0"], "MalformedBlock"],
    ["5", [range33, "initial-vocab-table-range: a b"], "MalformedBlock"],
    ["–", [range33, "initial-vocab-table-range: 0 1 2"], "a Hello"],
    ["–", [range33, "banana-negotiation-version: 1"], "a Hello"],
    ["–", [range33, "last-connection: nonsense"], "a Hello"]
  ] as const) {
    it(`judges ${JSON.stringify(given.join("\r\n"))} as ${expected} (N15 row ${row})`, () => {
      assert.strictEqual(reasonFor(...given), expected)
    })
  }

  it("says which value it could not read (N15 row 5)", () => {
    const failure = read("banana-negotiation-range: x", "initial-vocab-table-range: 0 1")
    assert.include(
      String(Result.isFailure(failure) && failure.failure.message),
      "expected two whole numbers, as in 3 3"
    )
    assert.include(String(Result.isFailure(failure) && failure.failure.message), "banana-negotiation-range")
  })

  it.prop("gives a Hello or a reason for any bytes", [bytes, nearBlocks], ([any, near]) => {
    for (const header of [any, near, Buffer.concat([bytesOf("banana-negotiation-range: "), near])]) {
      const hello = readHeader(header)
      assert.include(
        ["Hello", "MalformedBlock", "PeerRefused", "OldDialect", "NoVersions"],
        Result.isFailure(hello) ? hello.failure._tag : "Hello"
      )
    }
  })
})
