import { assert, describe, it } from "@effect/vitest"
import { BananaEncoder } from "../../src/BananaEncoder.ts"
import type { Received } from "../../src/Received.ts"
import { Vocabulary } from "../../src/wire/Vocabulary.ts"
import { flat } from "../Canonical.ts"
import { byteByByte, decoder, receive, roomy, type Table } from "../Stream.ts"
import { join, toHex } from "../Tokens.ts"
import { valueOf } from "./Described.ts"
import { digitTexts, genericText, objects, reasons } from "./Differences.ts"
import { type Decoded, decoded } from "./Fixtures.ts"

const tableOf = ({ name }: Decoded): Table => (name.endsWith("with table 0") ? 0 : 1)

const isFatal = ({ connection_dropped, exception_escapes_dataReceived }: Decoded): boolean =>
  connection_dropped || exception_escapes_dataReceived !== undefined

const replyTo = (received: ReadonlyArray<Received>): Uint8Array => {
  const encoder = new BananaEncoder({ vocabulary: Vocabulary.foolscap })
  for (const each of received) {
    if (each._tag === "Ping") encoder.pong(each.number)
    if (each._tag === "Failed") encoder.error(each.error.wireText)
  }
  return join(...encoder.take())
}

/** `Violation: Violation (WHERE): ('REASON',)`, as Python prints it. */
const violated = (text: string): string => {
  const [, where, quote = "", reason = ""] = /^Violation: Violation \((.*)\): \((['"])(.*)\2,\)$/.exec(text) ?? []
  return `${where}: ${reason.replaceAll(`\\${quote}`, quote)}`
}

/** The ERROR tokens are compared as text, so that a difference can be read. */
const errorIn = (reply: Uint8Array): string =>
  /^[^]{1,2}\u008d([^]*)$/.exec(Buffer.from(reply).toString("latin1"))?.[1] ?? ""

const ofTag = <Tag extends Received["_tag"]>(received: ReadonlyArray<Received>, tag: Tag) =>
  received.filter((each): each is Extract<Received, { readonly _tag: Tag }> => each._tag === tag)

describe("Of what Foolscap received,", () => {
  for (const vector of decoded) {
    const { hex: bytes, name, reply = "" } = vector
    const options = { table: tableOf(vector), limits: roomy }
    const received = receive(bytes, options)
    const said = errorIn(Buffer.from(reply, "hex"))
    const ends = isFatal(vector)

    it(`${name}: the same objects are delivered`, () => {
      assert.deepStrictEqual(
        ofTag(received, "Delivered").map(({ value }) => flat(value)),
        objects[name] ?? vector.objects.map((object) => flat(valueOf(object)))
      )
    })

    it(`${name}: the same is refused, in the same place and words`, () => {
      assert.deepStrictEqual(
        ofTag(received, "Violated").map(({ violation }) => `${violation.where}: ${violation.reason}`),
        (vector.violations ?? []).map(violated)
      )
    })

    it(`${name}: the link ${ends ? "ends" : "goes on"}`, () => {
      const last = received.at(-1)?._tag
      assert.strictEqual(last === "Failed" || last === "PeerError", ends)
      assert.deepStrictEqual(
        ofTag(received, "PeerError").map(({ text }) => text),
        vector.remote_error_text === undefined ? [] : [vector.remote_error_text]
      )
    })

    it(`${name}: the same is answered`, () => {
      const ours = replyTo(received)
      const instead = reasons[name] ?? digitTexts[name]
      if (instead === undefined) assert.strictEqual(toHex(ours), reply)
      else assert.strictEqual(errorIn(ours), instead)
      assert.strictEqual(said === genericText, name in reasons, "where Foolscap gives no reason, we do")
    })
  }

  it.each(decoded.filter((vector) => !isFatal(vector)))("$name: no more is waited for than by Foolscap", (vector) => {
    const decoding = decoder({ table: tableOf(vector), limits: roomy })
    decoding.push(vector.hex)
    assert.strictEqual(decoding.atBorder, vector.unconsumed_bytes === 0)
  })

  // Foolscap throws away what it has not read when it refuses a token before its body, and looks for a type byte in steps.
  const stops = decoded.filter(
    ({ local_error, name, unconsumed_bytes }) =>
      local_error !== undefined && unconsumed_bytes > 0 && name !== "ERROR 1001"
  )
  it.each(stops)("$name ends the link at the same byte", (vector) => {
    const decoding = decoder({ table: tableOf(vector), limits: roomy })
    const at = Array.from(byteByByte(vector.hex), (byte) => decoding.push(byte).at(-1)?._tag).indexOf("Failed")
    assert.strictEqual(at + 1, vector.hex.length - vector.unconsumed_bytes)
  })
})
