/**
 * The words that go over the wire as a number (B19).
 *
 * @since 0.1.0
 */
import type { Header } from "./TokenDecoder.ts"

const encoder = new TextEncoder()

const latin1Bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

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
  /** By number. */
  private readonly words: ReadonlyMap<number, string>
  private readonly bytes: Map<number, Uint8Array> = new Map()
  private readonly numbers: ReadonlyMap<string, number>
  /** The longest word, in bytes. */
  readonly longest: number

  private constructor(words: ReadonlyMap<number, string>) {
    this.words = words
    const numbers = new Map<string, number>()
    let longest = 0
    for (const [number, word] of words) {
      numbers.set(word, number)
      longest = Math.max(longest, word.length)
      this.bytes.set(number, latin1Bytes(word))
    }
    this.numbers = numbers
    this.longest = longest
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

  /** The number of a word, if it has one. */
  numberOf(word: string): number | undefined {
    return word.length > this.longest ? undefined : this.numbers.get(word)
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
