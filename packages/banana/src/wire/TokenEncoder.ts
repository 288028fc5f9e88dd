/**
 * Tokens into bytes (B1, B2).
 *
 * @since 0.1.0
 */
import {
  ABORT,
  CLOSE,
  ERROR,
  FLOAT,
  INT,
  LONGINT,
  LONGNEG,
  maxErrorText,
  NEG,
  OPEN,
  PING,
  PONG,
  STRING,
  VOCAB
} from "./TokenType.ts"
import { copy } from "./Bytes.ts"
import { type IndexWord, texts } from "./IndexWord.ts"
import type { Vocabulary } from "./Vocabulary.ts"

const utf8 = new TextEncoder()

/** What encoders cut their pieces from. What is cut off is never written again: its reader may still need it. */
let slab = new Uint8Array(0)
let slabView = new DataView(slab.buffer)
let free = 0
const slabSize = 65_536

/** Longer bodies are not copied: they become pieces of their own. */
const copied = 16_384

/**
 * Texts of so many characters or fewer are written one by one, which costs less than a call into the engine. They have 126 bytes at
 * most, so that one digit says how many.
 */
const short = 42

/** The most bytes of UTF-8 for one unit of a text: two units that stand for one character take four. */
const widestUnit = 3

/** The most room a token takes without its body: 2^53 has eight digits. */
const widest = 16

/** The same for an INT, and how many of them are written in one go. */
const widestInt = 6
const mostInts = 256

/**
 * Writes tokens one behind the other, and hands them over as few pieces of bytes.
 *
 * @category models
 * @since 0.1.0
 */
export class TokenEncoder {
  private readonly vocabulary: Vocabulary
  private pieces: Array<Uint8Array> = []
  private piecesSize = 0
  // The part of a slab that is being written, and the slab as what writes several bytes at once.
  private buffer: Uint8Array = none
  private view: DataView = noView
  private start = 0
  private at = 0

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary
  }

  /** How many bytes are waiting to be taken. */
  get size(): number {
    return this.piecesSize + this.at - this.start
  }

  /** All bytes so far, in order; the encoder forgets them. Bytes of more than 16 KiB are the array that was given. */
  take(): ReadonlyArray<Uint8Array> {
    this.cut()
    const { pieces } = this
    this.pieces = []
    this.piecesSize = 0
    return pieces
  }

  /**
   * Writes all of what `tokens` writes, or, if it throws, nothing.
   */
  all(tokens: () => void): void {
    const {
      pieces: { length },
      piecesSize,
      buffer,
      view,
      start,
      at
    } = this
    try {
      tokens()
    } catch (cause) {
      this.pieces.length = length
      this.piecesSize = piecesSize
      if (this.buffer !== buffer || this.start !== start) {
        // A part of a slab that was begun meanwhile is given back. What is behind `at` may be another encoder's by now.
        if (this.buffer === slab) free = this.start
        this.buffer = buffer.subarray(0, at)
        this.view = view
        this.start = start
      }
      this.at = at
      throw cause
    }
  }

  /** INT, NEG, LONGINT or LONGNEG, whichever an integer of this size is sent as. */
  integer(value: number | bigint): void {
    if (typeof value === "bigint") return isSafe(value) ? this.integer(Number(value)) : this.large(value)
    if ((value & 0x7fffffff) === value) return this.small(value, INT)
    if (value >= 0x80000000) this.long(value, LONGINT)
    else if (value < -0x80000000) this.long(-value, LONGNEG)
    else this.token(-value, NEG)
  }

  /**
   * The items from `from` on as long as they are integers from 0 to below 2^31; returns where others go on. No more than some
   * hundred: the engine compiles what is called often, and a long loop again each time.
   */
  integers(items: ReadonlyArray<unknown>, from: number): number {
    const end = Math.min(items.length, from + mostInts)
    this.room((end - from) * widestInt)
    const { view } = this
    let { at } = this
    let next = from
    for (; next < end; next++) {
      const item = items[next]
      if (typeof item !== "number" || !isSmall(item) || Object.is(item, -0)) break
      at = header(view, at, item, INT)
    }
    this.at = at
    return next
  }

  float(value: number): void {
    this.room(widest)
    this.buffer[this.at] = FLOAT
    this.view.setFloat64(this.at + 1, value)
    this.at += 9
  }

  /** VOCAB if these bytes are a word of the table, else STRING. */
  bytes(bytes: Uint8Array): void {
    const number = this.vocabulary.numberOfBytes(bytes)
    if (number !== undefined) return this.token(number, VOCAB)
    this.token(bytes.length, STRING)
    this.body(bytes)
  }

  /** The same for the UTF-8 of a text. `false`, and nothing is written, if it has none: for a lone surrogate. */
  text(text: string): boolean {
    const number = this.vocabulary.numberOf(text)
    if (number !== undefined) {
      this.token(number, VOCAB)
      return true
    }
    if (text.length <= short) {
      this.room(widest + widestUnit * text.length)
      const end = shortText(this.buffer, this.at, text)
      if (end > 0) {
        this.at = end
        return true
      }
    }
    if (loneSurrogate.test(text)) return false
    const bytes = utf8.encode(text)
    this.token(bytes.length, STRING)
    this.body(bytes)
    return true
  }

  /**
   * What `begin`, `text` and `close` write, in one go: most sequences are of one text. `false` for a lone surrogate, and then
   * only a part is written.
   */
  sequenceOfText(number: number, word: IndexWord, text: string): boolean {
    const { vocabulary } = this
    const index = vocabulary.indexWords[word]
    const isShort = index !== undefined && isSmall(index) && isSmall(number) && text.length <= short
    if (isShort && vocabulary.numberOf(text) === undefined) {
      this.room(4 * widest + widestUnit * text.length)
      const { buffer, view } = this
      const begun = header(view, header(view, this.at, number, OPEN), index, VOCAB)
      const end = shortText(buffer, begun, text)
      if (end > 0) {
        this.at = header(view, end, number, CLOSE)
        return true
      }
    }
    this.begin(number, word)
    if (!this.text(text)) return false
    this.close(number)
    return true
  }

  /** What `begin`, `integer` and `close` write, in one go. */
  sequenceOfInteger(number: number, word: IndexWord, value: number): void {
    const index = this.vocabulary.indexWords[word]
    if (index !== undefined && isSmall(index) && isSmall(number) && isSmall(value)) {
      this.room(4 * widest)
      const { view } = this
      const begun = header(view, header(view, this.at, number, OPEN), index, VOCAB)
      this.at = header(view, header(view, begun, value, INT), number, CLOSE)
      return
    }
    this.begin(number, word)
    this.integer(value)
    this.close(number)
  }

  open(number: number): void {
    this.token(number, OPEN)
  }

  /** OPEN, and what says which kind of sequence it is. */
  begin(number: number, word: IndexWord): void {
    const index = this.vocabulary.indexWords[word]
    if (index !== undefined && isSmall(index) && isSmall(number)) {
      this.room(2 * widest)
      const { view } = this
      this.at = header(view, header(view, this.at, number, OPEN), index, VOCAB)
      return
    }
    this.token(number, OPEN)
    if (index === undefined) this.text(texts[word])
    else this.token(index, VOCAB)
  }

  close(number: number): void {
    this.token(number, CLOSE)
  }

  abort(number: number): void {
    this.token(number, ABORT)
  }

  /** A text of more than 1000 bytes is cut: nobody would take it. */
  error(text: string): void {
    const bytes = utf8.encode(text).subarray(0, maxErrorText)
    this.token(bytes.length, ERROR)
    this.body(bytes)
  }

  ping(number: number | bigint): void {
    this.numbered(number, PING)
  }

  pong(number: number | bigint): void {
    this.numbered(number, PONG)
  }

  /** Number 0 has no header here, unlike everywhere else. */
  private numbered(number: number | bigint, type: number): void {
    const isInteger = typeof number === "bigint" || Number.isInteger(number)
    if (!isInteger || number < 0 || number >= tooLarge) {
      throw new RangeError("a number that no header of 64 digits can hold")
    }
    if (typeof number === "number" && number > 0 && Number.isSafeInteger(number)) return this.token(number, type)
    this.room(maxHeader)
    for (let rest = BigInt(number); rest > 0n; rest >>= 7n) this.buffer[this.at++] = Number(rest & 0x7fn)
    this.buffer[this.at++] = type
  }

  /** A header of the fewest digits, but one for zero, and the type byte. */
  private token(number: number, type: number): void {
    if (isSmall(number)) return this.small(number, type)
    this.room(widest)
    let rest = number
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.buffer[this.at++] = rest % 128
    this.buffer[this.at++] = rest
    this.buffer[this.at++] = type
  }

  /** The same below 2^31. */
  private small(number: number, type: number): void {
    this.room(widest)
    this.at = header(this.view, this.at, number, type)
  }

  /** The magnitude in base 256, most significant digit first. */
  private long(magnitude: number, type: number): void {
    let length = 4
    while (magnitude >= 256 ** length) length++
    this.token(length, type)
    this.room(length)
    let rest = magnitude
    for (let at = this.at + length - 1; at >= this.at; at--) {
      this.buffer[at] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.at += length
  }

  private large(value: bigint): void {
    const digits = (value < 0n ? -value : value).toString(16)
    const even = digits.length % 2 === 0 ? digits : `0${digits}`
    const length = even.length / 2
    this.token(length, value < 0n ? LONGNEG : LONGINT)
    this.room(length)
    for (let at = 0; at < length; at++) this.buffer[this.at++] = Number.parseInt(even.slice(2 * at, 2 * at + 2), 16)
  }

  private body(bytes: Uint8Array): void {
    if (bytes.length > copied) {
      this.cut()
      this.pieces.push(bytes)
      this.piecesSize += bytes.length
      return
    }
    this.room(bytes.length)
    copy(bytes, 0, bytes.length, this.buffer, this.at)
    this.at += bytes.length
  }

  /** Makes sure that so many bytes can be written behind `at`. */
  private room(size: number): void {
    if (this.at + size > this.buffer.length) this.move(size)
  }

  /** Goes on in another part of a slab. */
  private move(size: number): void {
    this.cut()
    if (free + size > slab.length) {
      slab = new Uint8Array(Math.max(slabSize, size))
      slabView = new DataView(slab.buffer)
      free = 0
    }
    this.buffer = slab
    this.view = slabView
    this.start = free
    this.at = free
    // This encoder has the rest of the slab until it is cut off.
    free = slab.length
  }

  /** What was written becomes a piece; what is left of the slab is there for the next, of whichever encoder. */
  private cut(): void {
    if (this.at > this.start) {
      this.pieces.push(this.buffer.subarray(this.start, this.at))
      this.piecesSize += this.at - this.start
    }
    if (this.buffer === slab && this.buffer.length > 0) free = this.at
    this.buffer = none
    this.view = noView
    this.start = 0
    this.at = 0
  }
}

/**
 * Writes a header and a type byte; where they end. Most have three digits or fewer, and go out as one number, of which a byte may
 * be too much: what comes next is written over it.
 */
const header = (view: DataView, start: number, number: number, type: number): number => {
  if (number <= 0x7f) {
    view.setInt16(start, number | (type << 8), true)
    return start + 2
  }
  const two = (number & 0x7f) | (((number >> 7) & 0x7f) << 8)
  if (number <= 0x3fff) {
    view.setInt32(start, two | (type << 16), true)
    return start + 3
  }
  if (number <= 0x1fffff) {
    view.setInt32(start, two | ((number >> 14) << 16) | (type << 24), true)
    return start + 4
  }
  let at = start
  let rest = number
  for (; rest > 0x7f; rest >>= 7) view.setInt8(at++, rest & 0x7f)
  view.setInt16(at, rest | (type << 8), true)
  return at + 2
}

/** Writes a STRING, if its length takes one digit and it has no surrogates, also no pairs; where it ends, or else 0. */
const shortText = (buffer: Uint8Array, start: number, text: string): number => {
  const { length } = text
  let at = start + 2
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    if (unit <= 0x7f) buffer[at++] = unit
    else if (unit <= 0x7ff) {
      buffer[at++] = 0xc0 | (unit >> 6)
      buffer[at++] = 0x80 | (unit & 0x3f)
    } else if ((unit & 0xf800) !== 0xd800) {
      buffer[at++] = 0xe0 | (unit >> 12)
      buffer[at++] = 0x80 | ((unit >> 6) & 0x3f)
      buffer[at++] = 0x80 | (unit & 0x3f)
    } else return 0
  }
  const size = at - start - 2
  if (size > 0x7f) return 0
  buffer[start] = size
  buffer[start + 1] = STRING
  return at
}

const isSmall = (number: number): boolean => (number & 0x7fffffff) === number

const none = new Uint8Array(0)
const noView = new DataView(none.buffer)

/** 64 digits and the type byte. */
const maxHeader = 65
const tooLarge = 2n ** BigInt(7 * 64)

const loneSurrogate = /\p{Surrogate}/u

const isSafe = (value: bigint): boolean => value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER
