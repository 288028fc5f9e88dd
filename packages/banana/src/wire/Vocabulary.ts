/**
 * The words that go over the wire as a number (B19).
 *
 * @since 0.1.0
 */
import type { Header } from "./TokenDecoder.ts"

const encoder = new TextEncoder()

const latin1Bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

const ascii = /^\p{ASCII}*$/u

/**
 * The most words of a table. Foolscap has no limit, and uses 25.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxWords = 1000

/** No word is longer: `set-vocab` and `add-vocab` take 100 bytes. */
const maxWord = 100

/** Table 1 of Foolscap, in its order. `decimal` came later and is not in it. */
const first =
  "none boolean reference dict list tuple set immutable-set unicode set-vocab add-vocab call arguments answer error " +
  "my-reference your-reference their-reference copyable instance module class method function attrdict"

/**
 * One side's table: which number stands for which word. Each direction of a link has its own, and both begin as the one that
 * was negotiated. Never changed: `set-vocab` and `add-vocab` make new ones.
 *
 * @category models
 * @since 0.1.0
 */
export class Vocabulary {
  private readonly words: ReadonlyMap<number, string>
  private readonly bytes = new Map<number, Uint8Array>()
  private readonly numbers = new Map<string, number>()
  /** Of these, the words of ASCII, which are their own UTF-8. */
  private readonly texts = new Map<string, number>()
  /** By the first byte of a word, one bit for each length: tells most of what is no word at a glance. */
  private readonly shapes = new Uint32Array(256)

  private constructor(words: ReadonlyMap<number, string>) {
    this.words = words
    for (const [number, word] of words) {
      const bytes = latin1Bytes(word)
      const first = bytes[0] ?? 0
      this.bytes.set(number, bytes)
      this.numbers.set(word, number)
      if (ascii.test(word)) this.texts.set(word, number)
      this.shapes[first] = (this.shapes[first] ?? 0) | (1 << (word.length & 31))
    }
  }

  /** A table of these words. Each is the text whose characters are the word's bytes (Latin-1). */
  static readonly of = (words: ReadonlyMap<number, string>): Vocabulary => new Vocabulary(words)

  /** With one word more, or one changed. */
  with(number: number, word: string): Vocabulary {
    return new Vocabulary(new Map(this.words).set(number, word))
  }

  /** How many words there are. */
  get size(): number {
    return this.words.size
  }

  /** The number of the word that is the UTF-8 of a text. Only words of ASCII are found. */
  numberOf(word: string): number | undefined {
    return this.mayHave(word.length, word.charCodeAt(0)) ? this.texts.get(word) : undefined
  }

  /** The number of the word with these bytes. */
  numberOfBytes(word: Uint8Array): number | undefined {
    return word.length <= maxWord && this.mayHave(word.length, word[0] ?? 0)
      ? this.numbers.get(String.fromCharCode(...word))
      : undefined
  }

  private mayHave(length: number, first: number): boolean {
    return (((this.shapes[first] ?? 0) >> (length & 31)) & 1) === 1
  }

  /** The word of a number, if there is one. */
  wordOf(number: Header): string | undefined {
    return typeof number === "number" ? this.words.get(number) : undefined
  }

  /** The bytes of that word, which belong to the table. */
  bytesOf(number: Header): Uint8Array | undefined {
    return typeof number === "number" ? this.bytes.get(number) : undefined
  }

  /** Table 0: no words. */
  static readonly none = new Vocabulary(new Map())

  /** Table 1: Foolscap's words. */
  static readonly foolscap = new Vocabulary(new Map(first.split(" ").entries()))

  /** The negotiated tables, by their number. */
  static readonly initial = (table: 0 | 1): Vocabulary => (table === 1 ? Vocabulary.foolscap : Vocabulary.none)

  /**
   * The bytes whose SHA-1 a Decision gives as the table's hash, of which it sends the first four hexadecimal digits.
   */
  static readonly hashInput = (table: 0 | 1): Uint8Array =>
    encoder.encode(table === 1 ? first.replaceAll(" ", "\0") : "")

  /** The hash of a negotiated table, as a Decision gives it. */
  static readonly hashOf = (table: 0 | 1): string => (table === 1 ? "bb33" : "da39")
}
