/**
 * The words that go over the wire as a number (B19).
 *
 * @since 0.1.0
 */
import * as IndexWord from "./IndexWord.ts"
import type { Header } from "./TokenDecoder.ts"
import { decodeUtf8 } from "./Utf8.ts"

const encoder = new TextEncoder()

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
 * A word of a table.
 *
 * @category models
 * @since 0.1.0
 */
export interface Word {
  /** They belong to the table. */
  readonly bytes: Uint8Array
  /** `undefined` if the bytes are not UTF-8. */
  readonly text: string | undefined
}

/**
 * The word with these bytes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const wordOf = (bytes: Uint8Array): Word => ({ bytes, text: decodeUtf8(bytes, 0, bytes.length) })

/**
 * One side's table: which number stands for which word. Each direction of a link has its own, and both begin as the one that
 * was negotiated. A decoder has a copy of its words, which `set-vocab` and `add-vocab` change.
 *
 * @category models
 * @since 0.1.0
 */
export class Vocabulary {
  /** By their numbers. */
  readonly words: ReadonlyMap<Header, Word>
  // For sending, by the word's bytes as Latin-1, and by its text. A number beyond the safe integers is never sent.
  private readonly byBytes = new Map<string, number>()
  private readonly byText = new Map<string, number>()
  /** By the first byte of a word, one bit for each length: tells most of what is no word at a glance. */
  private readonly shapes = new Uint32Array(256)
  /** The numbers of the words behind an OPEN, each in its word's place. */
  readonly indexWords: ReadonlyArray<number | undefined>

  private constructor(words: ReadonlyMap<Header, Word>) {
    this.words = words
    for (const [number, { bytes, text }] of words) {
      if (typeof number !== "number") continue
      const first = bytes[0] ?? 0
      this.byBytes.set(String.fromCharCode(...bytes), number)
      if (text !== undefined && text.length === bytes.length) this.byText.set(text, number)
      this.shapes[first] = (this.shapes[first] ?? 0) | (1 << (bytes.length & 31))
    }
    this.indexWords = IndexWord.texts.map((text) => this.numberOf(text))
  }

  /** A table of these words, given as their bytes. */
  static readonly of = (words: Iterable<readonly [Header, Uint8Array]>): Vocabulary =>
    new Vocabulary(
      new Map(Array.from(words, ([number, bytes]) => [number, { bytes, text: decodeUtf8(bytes, 0, bytes.length) }]))
    )

  /** The number of the word that is the UTF-8 of a text. Only words of ASCII are found. */
  numberOf(text: string): number | undefined {
    return this.mayHave(text.length, text.charCodeAt(0)) ? this.byText.get(text) : undefined
  }

  /** The number of the word with these bytes. */
  numberOfBytes(bytes: Uint8Array): number | undefined {
    return bytes.length <= maxWord && this.mayHave(bytes.length, bytes[0] ?? 0)
      ? this.byBytes.get(String.fromCharCode(...bytes))
      : undefined
  }

  private mayHave(length: number, first: number): boolean {
    return (((this.shapes[first] ?? 0) >> (length & 31)) & 1) === 1
  }

  /** The word of a number, if there is one. */
  wordOf(number: Header): Word | undefined {
    return this.words.get(number)
  }

  /** Table 0: no words. */
  static readonly none = Vocabulary.of([])

  /** Table 1: Foolscap's words. */
  static readonly foolscap = Vocabulary.of(first.split(" ").map((word, number) => [number, encoder.encode(word)]))

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
