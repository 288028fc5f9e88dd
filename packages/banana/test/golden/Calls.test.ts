import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { BananaEncoder } from "../../src/BananaEncoder.ts"
import { TokenEncoder } from "../../src/wire/TokenEncoder.ts"
import { TokenReader } from "../../src/wire/TokenReader.ts"
import * as TokenType from "../../src/wire/TokenType.ts"
import { Vocabulary } from "../../src/wire/Vocabulary.ts"
import { canonical } from "../Canonical.ts"
import { decoder, roomy as limits } from "../Stream.ts"
import { fromHex, join, none, toHex } from "../Tokens.ts"
import { isShared, valueOf } from "./Described.ts"
import { unsendable, vectors } from "./Fixtures.ts"

const vocabulary = Vocabulary.foolscap

/** The tokens of a stream, each sent on. */
const repeated = (bytes: Uint8Array): Uint8Array => {
  const encoder = new TokenEncoder(vocabulary)
  for (const { type, value } of Result.getOrThrow(new TokenReader().push(bytes))) {
    if (typeof value === "object") encoder.bytes(value)
    else if (type === TokenType.VOCAB) encoder.bytes(vocabulary.wordOf(value)?.bytes ?? assert.fail(`no word ${value}`))
    else if (type === TokenType.FLOAT) encoder.float(Number(value))
    else if (type === TokenType.OPEN) encoder.open(Number(value))
    else if (type === TokenType.CLOSE) encoder.close(Number(value))
    else if (type === TokenType.ABORT) encoder.abort(Number(value))
    else encoder.integer(value)
  }
  return join(...encoder.take())
}

const calls = vectors.flatMap(({ in_call_table1: bytes, name, value }) =>
  bytes === undefined ? [] : [{ bytes, name, value: valueOf(value, isShared(name)) }]
)

/** `OPEN(0) call 1 2 "m" OPEN(1) arguments 1`, and what closes the two. */
const before = fromHex("0088 0b87 0181 0281 0182 6d 0188 0c87 0181")
const behind = fromHex("0189 0089")
const inside = (call: Uint8Array): Uint8Array => call.subarray(before.length, call.length - behind.length)

describe("Of a call that Foolscap sends with an argument,", () => {
  it.each(calls)("$name, the tokens go back as they came", ({ bytes }) => {
    assert.strictEqual(toHex(repeated(bytes)), toHex(bytes))
  })

  it.each(calls)("$name, two OPENs before it were counted by its references", ({ bytes, value }) => {
    assert.strictEqual(toHex(join(before, inside(bytes), behind)), toHex(bytes))
    const decoding = decoder({ limits })
    decoding.push(join(none, none))
    const [received] = decoding.push(inside(bytes))
    assert.strictEqual(received?._tag === "Delivered" ? canonical(received.value) : "none", canonical(value))

    const encoder = new BananaEncoder({ vocabulary })
    for (const each of [null, null]) encoder.encode(each)
    encoder.take()
    assert.isTrue(Result.isSuccess(encoder.encode(value)))
    assert.strictEqual(toHex(join(...encoder.take())), toHex(inside(bytes)))
  })

  it.each(unsendable)("$name as $kind that could not be sent, the tokens go back as they came", ({ hex: bytes }) => {
    assert.strictEqual(toHex(repeated(bytes)), toHex(bytes))
  })
})
