import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Block from "../../src/wire/Block.ts"
import * as Decision from "../../src/wire/Decision.ts"
import { bytes, bytesOf, nearBlocks, textOf } from "../Noise.ts"

const readHeader = (header: Uint8Array) => Result.flatMap(Block.parse(header), Decision.read)
const read = (...lines: ReadonlyArray<string>) => readHeader(bytesOf(lines.join("\r\n")))
const reasonFor = (...lines: ReadonlyArray<string>) =>
  Result.match(read(...lines), {
    onFailure: (reason) => (reason._tag === "PeerRefused" ? `PeerRefused: ${reason.text}` : reason._tag),
    onSuccess: () => "a Decision"
  })

const word = Schema.String.check(Schema.isPattern(/^[!-~]{1,20}$/))
const numbers = Schema.Int.check(Schema.isBetween({ minimum: -(10 ** 15 - 1), maximum: 10 ** 15 - 1 }))
const decisions = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      version: numbers,
      currentConnection: Schema.optionalKey(word),
      vocabulary: Schema.optionalKey(Schema.Struct({ index: numbers, hash: word }))
    })
  ),
  ({ vocabulary, ...rest }) =>
    new Decision.Decision(
      vocabulary === undefined ? rest : { ...rest, vocabulary: new Decision.VocabularyChoice(vocabulary) }
    )
)

describe("Decision.format", () => {
  it("writes the 105 bytes of a Decision (N20)", () => {
    const written = Decision.format(
      new Decision.Decision({
        version: 3,
        currentConnection: "6666666666666666 1",
        vocabulary: new Decision.VocabularyChoice({ index: 1, hash: "bb33" })
      })
    )
    assert.strictEqual(
      textOf(written),
      "banana-decision-version: 3\r\n" +
        "current-connection: 6666666666666666 1\r\n" +
        "initial-vocab-table-index: 1 bb33\r\n\r\n"
    )
    assert.strictEqual(written.length, 105)
  })

  it("writes an error block of two keys, always for version 1 (N23)", () => {
    assert.strictEqual(
      textOf(Decision.formatError("Duplicate connection")),
      "banana-decision-version: 1\r\nerror: Duplicate connection\r\n\r\n"
    )
  })

  it.prop("is undone by split and read, for every Decision", [decisions], ([decision]) => {
    const split = Block.split(Decision.format(decision))
    if (split._tag !== "Complete") return assert.fail(split._tag)
    assert.isTrue(Equal.equals(Result.getOrThrow(readHeader(split.header)), decision))
  })
})

describe("Decision.read", () => {
  it("takes an absent current-connection and an absent vocabulary (N20)", () => {
    const decision = Result.getOrThrow(read("banana-decision-version: 3"))
    assert.deepStrictEqual(Object.keys(decision), ["version"])
    // An empty value says as little as none.
    const empty = Result.getOrThrow(
      read("banana-decision-version: 3", "current-connection: ", "initial-vocab-table-index: ")
    )
    assert.isTrue(Equal.equals(empty, decision))
  })

  it("reads numbers as Python's int() does, and drops unknown keys", () => {
    const decision = Result.getOrThrow(
      read("banana-decision-version: +03 ", "initial-vocab-table-index: 01  bb33 ", "x: y")
    )
    assert.isTrue(
      Equal.equals(
        decision,
        new Decision.Decision({ version: 3, vocabulary: new Decision.VocabularyChoice({ index: 1, hash: "bb33" }) })
      )
    )
  })

  const version = "banana-decision-version: 3"
  for (const [row, given, expected] of [
    ["1", ["no colon"], "MalformedBlock"],
    ["2", ["error: no"], "PeerRefused: no"],
    ["2", ["error: "], "PeerRefused: "],
    ["2", [version, "error: no"], "PeerRefused: no"],
    ["2", ["banana-decision-version: x", "error: no"], "PeerRefused: no"],
    ["3", ["x: y"], "NoDecisionVersion"],
    ["3", ["banana-decision-version:"], "NoDecisionVersion"],
    ["3", ["banana-decision-version: ", "initial-vocab-table-index: x"], "NoDecisionVersion"],
    ["1", ["banana-decision-version: three"], "MalformedBlock"],
    ["1", ["banana-decision-version: 3 3"], "MalformedBlock"],
    ["5", [version, "initial-vocab-table-index: 1"], "MalformedBlock"],
    ["5", [version, "initial-vocab-table-index: x bb33"], "MalformedBlock"],
    ["5", [version, "initial-vocab-table-index: 1 bb33 more"], "MalformedBlock"],
    ["7", [version, "current-connection: whatever it is"], "a Decision"]
  ] as const) {
    it(`judges ${JSON.stringify(given.join("\r\n"))} as ${expected} (N20 row ${row})`, () => {
      assert.strictEqual(reasonFor(...given), expected)
    })
  }

  it.prop("gives a Decision or a reason for any bytes", [bytes, nearBlocks], ([any, near]) => {
    for (const header of [any, near, Buffer.concat([bytesOf("banana-decision-version: "), near])]) {
      const decision = readHeader(header)
      assert.include(
        ["Decision", "MalformedBlock", "NoDecisionVersion", "PeerRefused"],
        Result.isFailure(decision) ? decision.failure._tag : "Decision"
      )
    }
  })
})

describe("Decision.lateRefusal", () => {
  const verdict = (text: string) => {
    const found = Decision.lateRefusal(bytesOf(text))
    return found === undefined || found === "incomplete" ? found : `refused: ${found.text}`
  }
  const refusal = "banana-decision-version: 1\r\nerror: not you\r\n\r\n"

  it("takes an error block for what it is, whatever follows it (N25)", () => {
    assert.strictEqual(verdict(refusal), "refused: not you")
    assert.strictEqual(verdict(`${refusal}more`), "refused: not you")
  })

  it("asks for more after every proper prefix of one", () => {
    for (let length = 0; length < refusal.length; length++) {
      assert.strictEqual(verdict(refusal.slice(0, length)), "incomplete", String(length))
    }
  })

  it("leaves Banana alone from the first byte that differs", () => {
    const prefix = "banana-decision-version:"
    for (let length = 0; length < prefix.length; length++) {
      assert.isUndefined(verdict(`${prefix.slice(0, length)}\u0000`), String(length))
    }
    assert.isUndefined(verdict("\u0001\u0087"))
  })

  it("leaves a block without an error, a malformed one and an endless one alone", () => {
    assert.isUndefined(verdict("banana-decision-version: 1\r\n\r\n"))
    assert.isUndefined(verdict("banana-decision-version: 1\r\nerror\r\n\r\n"))
    const endless = `banana-decision-version: ${"x".repeat(5000)}`
    assert.strictEqual(verdict(endless.slice(0, 4096)), "incomplete")
    assert.isUndefined(verdict(endless.slice(0, 4097)))
  })

  it.prop("never changes its mind as more bytes come", [nearBlocks, bytes], ([near, any]) => {
    const whole = Buffer.concat([bytesOf("banana-decision-version:"), near, any])
    const final = Decision.lateRefusal(whole)
    for (let length = 0; length < whole.length; length++) {
      const verdict = Decision.lateRefusal(whole.subarray(0, length))
      if (verdict !== "incomplete") assert.deepStrictEqual(verdict, final)
    }
  })
})
