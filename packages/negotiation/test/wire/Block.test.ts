import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Block from "../../src/wire/Block.ts"
import { bytes, bytesOf, nearBlocks, textOf } from "../Noise.ts"

const parse = (text: string) => Block.parse(bytesOf(text))
const linesOf = (text: string) => [...Result.getOrThrow(parse(text))]
const problemWith = (header: Uint8Array) =>
  Result.match(Block.parse(header), { onFailure: ({ problem }) => problem, onSuccess: () => undefined })

/** A block of exactly `length` bytes, its empty line included. */
const blockOf = (length: number) => bytesOf(`a: ${"x".repeat(length - "a: \r\n\r\n".length)}\r\n\r\n`)

const keys = Schema.String.check(Schema.isPattern(/^[a-z_][a-z0-9_-]{0,9}$/))
const values = Schema.String.check(Schema.isPattern(/^(?:[!-~é漢][ -~é漢]{0,9})?$/))
const legalBlocks = Arbitrary.map(
  Arbitrary.schema(Schema.NonEmptyArray(Schema.Tuple([keys, values]))),
  (lines): Block.Block => new Map(lines)
)

describe("Block.split", () => {
  it("ends a block at its first empty line and hands over what follows (N5)", () => {
    const split = Block.split(bytesOf("a: 1\r\nb: 2\r\n\r\n\r\n\r\nrest"))
    assert.strictEqual(split._tag, "Complete")
    if (split._tag === "Complete") {
      assert.strictEqual(textOf(split.header), "a: 1\r\nb: 2")
      assert.strictEqual(textOf(split.rest), "\r\n\r\nrest")
    }
  })

  for (const text of [
    "",
    "\r\n",
    "a: 1\r\n",
    "a: 1\n\n",
    "a: 1\r\r\n\n",
    "a: 1\r\n\n",
    "a: 1\n\r\n",
    "a: 1\r\n\r",
    "\n\r\n\r"
  ]) {
    it(`asks for more after ${JSON.stringify(text)}: no empty line has come (N5)`, () => {
      assert.deepStrictEqual(Block.split(bytesOf(text)), { _tag: "Incomplete" })
    })
  }

  it("takes a block of 4096 bytes, however much follows it (N6)", () => {
    for (const more of [0, 1, 4, 10_000]) {
      const split = Block.split(Buffer.concat([blockOf(4096), Buffer.alloc(more)]))
      assert.strictEqual(split._tag === "Complete" ? split.header.length : split._tag, 4092)
      assert.strictEqual(split._tag === "Complete" ? split.rest.length : split._tag, more)
    }
  })

  it("refuses a block of 4097 bytes, though its empty line has come (N6)", () => {
    assert.deepStrictEqual(Block.split(blockOf(4097)), { _tag: "TooLong" })
    assert.deepStrictEqual(Block.split(Buffer.concat([blockOf(4097), Buffer.alloc(9)])), { _tag: "TooLong" })
  })

  it("waits at 4096 bytes without an empty line and gives up at 4097 (N6)", () => {
    assert.deepStrictEqual(Block.split(Buffer.alloc(4096, "x")), { _tag: "Incomplete" })
    assert.deepStrictEqual(Block.split(Buffer.alloc(4097, "x")), { _tag: "TooLong" })
    assert.deepStrictEqual(Block.split(blockOf(4097).subarray(0, 4096)), { _tag: "Incomplete" })
  })

  const verdictsOf = (whole: Uint8Array, from = 0) =>
    Array.from({ length: whole.length - from + 1 }, (_, i) => Block.split(whole.subarray(0, from + i)))

  /** Once a verdict has come, more bytes only add to the rest. */
  const assertStable = (whole: Uint8Array, from = 0) => {
    const final = Block.split(whole)
    for (const [i, verdict] of verdictsOf(whole, from).entries()) {
      if (verdict._tag === "Incomplete") continue
      assert.strictEqual(verdict._tag, final._tag)
      if (verdict._tag === "Complete" && final._tag === "Complete") {
        assert.deepStrictEqual(verdict.header, final.header)
        assert.strictEqual(verdict.header.length + 4 + verdict.rest.length, from + i)
      }
    }
  }

  it.prop("never changes its mind, however the bytes were cut", [nearBlocks, bytes], ([near, any]) => {
    assertStable(near)
    assertStable(Buffer.concat([near, any]))
  })

  it("never changes its mind around the limit, however the bytes were cut", () => {
    for (let length = 4088; length <= 4104; length++) {
      assertStable(Buffer.concat([blockOf(length), bytesOf("\r\n\r\n")]), 4080)
    }
  })
})

describe("Block.parse", () => {
  it("keeps the white space behind a value and drops what is before it (N5)", () => {
    assert.deepStrictEqual(linesOf("a: \t 3 3 \r\nb:x\r\nc:"), [
      ["a", "3 3 "],
      ["b", "x"],
      ["c", ""]
    ])
  })

  it("ends a key at the first colon (N5)", () => {
    assert.deepStrictEqual(linesOf("a:b: c\r\n: d"), [
      ["a", "b: c"],
      ["", "d"]
    ])
  })

  it("lets the last of several equal keys count (N5)", () => {
    assert.deepStrictEqual(linesOf("a: 1\r\nA: 2\r\na: 3"), [["a", "3"]])
  })

  it("lower-cases ASCII letters of a key, and no others (N5)", () => {
    assert.deepStrictEqual(linesOf("My-Tub-ID: X\r\nÄİ\u212a: Y"), [
      ["my-tub-id", "X"],
      ["Äİ\u212a", "Y"] // U+212A is the Kelvin sign, whose lower case is an ASCII k
    ])
  })

  it("takes a bare LF, and a bare CR, for a part of the value (N5)", () => {
    assert.deepStrictEqual(linesOf("a: x\ny\rz"), [["a", "x\ny\rz"]])
  })

  it("makes every key a property of its own, __proto__ too", () => {
    const record = Block.toRecord(Result.getOrThrow(parse("__proto__: x\r\nconstructor: y")))
    assert.deepStrictEqual(Object.keys(record), ["__proto__", "constructor"])
    assert.deepStrictEqual(Object.getOwnPropertyDescriptor(record, "__proto__")?.value, "x")
    assert.strictEqual(Object.getPrototypeOf(record), Object.prototype)
  })

  it("refuses a line without a colon, and a block without lines (N5)", () => {
    for (const text of ["a", "a: 1\r\nb", "", "a: 1\r\n\r", "\r\na: 1", " "]) {
      assert.strictEqual(problemWith(bytesOf(text)), "it has a line without a colon", JSON.stringify(text))
    }
  })

  it("refuses what is not UTF-8 (N5)", () => {
    for (const tail of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) {
      assert.strictEqual(problemWith(Uint8Array.from([...bytesOf("a: "), ...tail])), "it is not UTF-8", String(tail))
    }
  })

  it("keeps a byte order mark, which is a character like any other", () => {
    assert.deepStrictEqual(linesOf("\ufeffa: 1"), [["\ufeffa", "1"]])
  })

  it.prop("gives a block or a reason for any bytes", [bytes, nearBlocks], ([any, near]) => {
    for (const header of [any, near]) {
      const parsed = Block.parse(header)
      assert.isTrue(Result.isFailure(parsed) ? parsed.failure._tag === "MalformedBlock" : parsed.success.size > 0)
    }
  })
})

describe("Block.format", () => {
  it("sorts keys and writes a line for each, then an empty line (N5)", () => {
    assert.strictEqual(
      textOf(
        Block.format(
          new Map([
            ["my-tub-id", "x"],
            ["a", ""],
            ["b-c", "1 2"],
            ["b", "é"]
          ])
        )
      ),
      "a: \r\nb: Ã©\r\nb-c: 1 2\r\nmy-tub-id: x\r\n\r\n"
    )
  })

  it.prop("is undone by split and parse, for every legal block", [legalBlocks, bytes], ([block, rest]) => {
    const split = Block.split(Buffer.concat([Block.format(block), rest]))
    if (split._tag !== "Complete") return assert.fail(split._tag)
    assert.deepStrictEqual([...split.rest], [...rest])
    const parsed = [...Result.getOrThrow(Block.parse(split.header))]
    assert.deepStrictEqual(
      parsed,
      [...block].sort(([a], [b]) => (a < b ? -1 : 1))
    )
  })

  it.prop("has no block inside of a block: no proper prefix is complete", [legalBlocks], ([block]) => {
    const whole = Block.format(block)
    for (let length = 0; length < whole.length; length++) {
      assert.strictEqual(Block.split(whole.subarray(0, length))._tag, "Incomplete")
    }
  })
})
