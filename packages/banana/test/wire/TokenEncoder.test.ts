import { assert, describe, it } from "@effect/vitest"
import { IndexWord, texts } from "../../src/wire/IndexWord.ts"
import { TokenEncoder } from "../../src/wire/TokenEncoder.ts"
import { CLOSE, OPEN } from "../../src/wire/TokenType.ts"
import { Vocabulary } from "../../src/wire/Vocabulary.ts"
import { join, string, toHex, token, vocab } from "../Tokens.ts"

const tables = [
  Vocabulary.none,
  Vocabulary.foolscap,
  Vocabulary.of(["unicode", "list"].map((word, at) => [2 ** 40 + at, Buffer.from(word)]))
]

const written = (vocabulary: Vocabulary, write: (encoder: TokenEncoder) => void) => {
  const encoder = new TokenEncoder(vocabulary)
  write(encoder)
  return toHex(join(...encoder.take()))
}

/** What stands for a text: its number in the table, or its UTF-8. */
const wordOrString = (vocabulary: Vocabulary, text: string) => {
  const number = vocabulary.numberOf(text)
  return number === undefined ? string(text) : vocab(number)
}

describe("TokenEncoder", () => {
  it("begins a sequence with its number and its word, by number where the table has it", () => {
    for (const vocabulary of tables) {
      for (const word of Object.values(IndexWord)) {
        const begun = written(vocabulary, (encoder) => encoder.begin(300, word))
        assert.strictEqual(begun, toHex(join(token(300, OPEN), wordOrString(vocabulary, texts[word]))))
      }
    }
  })

  it("writes a sequence of one text whole, whatever its number and its length", () => {
    const long = ["x", "\u00e9", "\u20ac", "\u{1f600}"].flatMap((one) =>
      [1, 42, 43, 63, 64, 65, 127, 128, 6000].map((length) => one.repeat(length))
    )
    for (const vocabulary of tables) {
      for (const number of [0, 127, 128, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
        for (const text of ["", "list", "lists", ...long]) {
          for (const word of [IndexWord.unicode, IndexWord.decimal]) {
            const sequence = written(vocabulary, (encoder) => assert.isTrue(encoder.sequenceOfText(number, word, text)))
            const expected = join(
              token(number, OPEN),
              wordOrString(vocabulary, texts[word]),
              wordOrString(vocabulary, text),
              token(number, CLOSE)
            )
            assert.strictEqual(sequence, toHex(expected))
          }
        }
      }
    }
  })

  it("writes every character as its UTF-8, but for half of a surrogate pair", () => {
    const encoder = new TokenEncoder(Vocabulary.foolscap)
    for (let unit = 0; unit <= 0xffff; unit++) {
      const text = `<${String.fromCharCode(unit)}>`
      const isHalf = unit >= 0xd800 && unit < 0xe000
      assert.strictEqual(encoder.text(text), !isHalf)
      const bytes = join(...encoder.take())
      if (!isHalf) assert.deepStrictEqual(bytes, string(text))
      else assert.strictEqual(bytes.length, 0)
    }
  })
})
