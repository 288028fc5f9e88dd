import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Base32 from "../src/Base32.ts"
import golden from "./fixtures/base32.json" with { type: "json" }

describe("Base32", () => {
  it("writes what Foolscap writes, for every golden (N1)", () => {
    for (const { base32, hex } of golden.encode) {
      assert.strictEqual(Base32.encode(Buffer.from(hex, "hex")), base32, hex)
    }
  })

  it.prop(
    "writes five bits per character, most significant first, the last group filled with zeros (N1)",
    [Schema.Uint8Array],
    ([bytes]) => {
      const bits = Array.from(Base32.encode(bytes), (character) =>
        golden.alphabet.indexOf(character).toString(2).padStart(5, "0")
      ).join("")
      const expected = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("")
      assert.strictEqual(bits, expected.padEnd(Math.ceil(expected.length / 5) * 5, "0"))
    }
  )
})
