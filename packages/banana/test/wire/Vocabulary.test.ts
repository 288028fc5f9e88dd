import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { Vocabulary } from "../../src/wire/Vocabulary.ts"
import { tables } from "../golden/Fixtures.ts"
import { toHex } from "../Tokens.ts"

const utf8 = new TextEncoder()

describe("Vocabulary", () => {
  for (const { full_sha1, hash, hash_input_hex, index, words } of tables) {
    const table = Vocabulary.initial(index)

    it(`table ${index} has Foolscap's words, by the same numbers`, () => {
      assert.strictEqual(table.words.size, words.length)
      words.forEach((word, number) => {
        assert.deepStrictEqual(table.wordOf(number), { bytes: utf8.encode(word), text: word })
        assert.strictEqual(table.numberOf(word), number)
        assert.strictEqual(table.numberOfBytes(utf8.encode(word)), number)
      })
      for (const number of [-1, words.length, 2 ** 53, 2n ** 64n]) assert.isUndefined(table.wordOf(number))
    })

    it(`table ${index} has the hash ${hash}, the first four digits of its SHA-1`, () => {
      const input = Vocabulary.hashInput(index)
      assert.strictEqual(toHex(input), toHex(hash_input_hex))
      const sha1 = createHash("sha1").update(input).digest("hex")
      assert.strictEqual(sha1, full_sha1)
      assert.strictEqual(Vocabulary.hashOf(index), sha1.slice(0, 4))
    })
  }

  it("tells words from what merely looks like them", () => {
    for (const word of ["", "lis", "list ", "LIST", "tisl", "liste", "decimal", "é", "\u{1f600}"]) {
      assert.isUndefined(Vocabulary.foolscap.numberOf(word), word)
      assert.isUndefined(Vocabulary.foolscap.numberOfBytes(utf8.encode(word)), word)
    }
  })

  it("takes bytes that are no UTF-8 for words, and never for text", () => {
    const bytes = Uint8Array.of(0xff)
    const table = Vocabulary.of([[3, bytes]])
    assert.deepStrictEqual(table.wordOf(3), { bytes, text: undefined })
    assert.strictEqual(table.numberOfBytes(bytes), 3)
    assert.isUndefined(table.numberOf("\xff"), "which is two bytes of UTF-8")
    assert.isUndefined(table.numberOfBytes(utf8.encode("\xff")))
  })

  it("understands words by numbers that are too large to send", () => {
    const table = Vocabulary.of([[2n ** 64n, utf8.encode("far")]])
    assert.strictEqual(table.wordOf(2n ** 64n)?.text, "far")
    assert.isUndefined(table.numberOf("far"))
  })
})
