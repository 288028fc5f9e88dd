/**
 * Bytes into tokens, resumable after every byte (B1).
 *
 * ```text
 * token  = header  type-byte  body
 * header = 0..64 bytes, each < 0x80: a number in base 128, least significant digit first
 * type   = one byte >= 0x80
 * ```
 *
 * @since 0.1.0
 */
import { fail } from "../Refusal.ts"
import { copy } from "./Bytes.ts"
import {
  ABORT,
  CLOSE,
  ERROR,
  FLOAT,
  INT,
  LIST,
  LONGINT,
  LONGNEG,
  maxDigits,
  maxErrorText,
  NEG,
  nameOf,
  OPEN,
  PING,
  PONG,
  STRING,
  VOCAB
} from "./TokenType.ts"

/**
 * The number of a header: a bigint beyond the safe integers.
 *
 * @category models
 * @since 0.1.0
 */
export type Header = number | bigint

/**
 * Who hears of the tokens, in order. It may throw to stop the decoder for good.
 *
 * @category models
 * @since 0.1.0
 */
export interface TokenSink {
  /**
   * Asked before the body of a FLOAT, STRING, LONGINT or LONGNEG is stored. `false` skips the body, and the token is not
   * told.
   */
  readonly admit: (type: number, size: Header) => boolean
  /** An INT, NEG, LONGINT or LONGNEG, with its sign. */
  readonly integer: (type: number, value: Header) => void
  readonly float: (value: number) => void
  /**
   * The bytes are those between `start` and `end`, during the call only: copy what must be kept. If `isOwn` they are all of
   * `source`, which nobody else has, and may be kept.
   */
  readonly string: (source: Uint8Array, start: number, end: number, isOwn: boolean) => void
  readonly vocab: (index: Header) => void
  readonly open: (number: Header) => void
  readonly close: (number: Header) => void
  readonly abort: (number: Header) => void
  readonly ping: (number: Header) => void
  readonly pong: (number: Header) => void
  /** As `string`. */
  readonly error: (source: Uint8Array, start: number, end: number) => void
  /** A type byte that no token has. */
  readonly unknown: (type: number) => void
}

/** For how much of a body there is room at first, at most: what is only announced costs nothing. */
const firstRoom = 65_536

/** When it is full, there is room for so many times what has come. */
const growth = 4

const nothing = new Uint8Array(0)

/** Of 128, up to the seventh digit of a header. */
const powers = Array.from({ length: 7 }, (_, digit) => 128 ** digit)

// Where a FLOAT is put to be read: a view of each chunk would cost more than the copy.
const doubleBytes = new Uint8Array(8)
const double = new DataView(doubleBytes.buffer)

/**
 * Finds the tokens in what is pushed and tells them to `sink`.
 *
 * @category models
 * @since 0.1.0
 */
export class TokenDecoder {
  private readonly sink: TokenSink
  // The header so far: its first four digits as an integer, the first seven as a number, and what is above them.
  private digits = 0
  private header = 0
  private above = 0n
  // The body that has begun: its type (0 for none), length, and what has come of it.
  private type = 0
  private size = 0
  private body: Uint8Array = nothing
  private filled = 0
  private skip: Header = 0

  constructor(sink: TokenSink) {
    this.sink = sink
  }

  /** Whether the bytes so far end between two tokens. */
  get atBorder(): boolean {
    return this.digits === 0 && this.type === 0 && this.skip === 0
  }

  /**
   * Tells every token that is now complete. Throws what the sink throws, and on more than 64 digits, an unknown type byte,
   * or an ERROR of more than 1000 bytes.
   */
  push(chunk: Uint8Array): void {
    const end = chunk.length
    let at = this.skip === 0 ? 0 : this.skipIn(chunk)
    if (this.type !== 0) {
      at = this.fill(chunk, at)
      if (at === end) return
    }
    let { digits, header } = this
    while (at < end) {
      const byte = chunk[at++] as number // below its length
      if (byte < 0x80) {
        if (digits < 4) header |= byte << (7 * digits)
        else if (digits < 7) header += byte * (powers[digits] ?? 0)
        else this.digitAbove(byte, digits)
        digits++
        continue
      }
      const number = digits < 8 ? header : this.wholeHeader(header)
      digits = 0
      header = 0
      switch (byte) {
        case INT:
          this.sink.integer(INT, number)
          break
        case VOCAB:
          this.sink.vocab(number)
          break
        case OPEN:
          this.sink.open(number)
          break
        case CLOSE:
          this.sink.close(number)
          break
        case NEG:
          this.sink.integer(NEG, negative(number))
          break
        case STRING:
        case LONGINT:
        case LONGNEG:
          at = this.begin(byte, number, chunk, at)
          break
        case FLOAT:
          at = this.begin(FLOAT, 8, chunk, at)
          break
        case ERROR:
          if (number > maxErrorText) fail("oversized ERROR token")
          at = this.begin(ERROR, number, chunk, at)
          break
        case ABORT:
          this.sink.abort(number)
          break
        case PING:
          this.sink.ping(number)
          break
        case PONG:
          this.sink.pong(number)
          break
        default:
          this.sink.unknown(byte)
          fail(
            byte === LIST
              ? "oldbanana peer detected, compatibility code not yet written"
              : `Invalid Type Byte ${nameOf(byte)}`
          )
      }
    }
    this.digits = digits
    this.header = header
  }

  private digitAbove(byte: number, digits: number): void {
    if (digits === maxDigits) fail(`token prefix is limited to ${maxDigits} bytes`)
    if (digits === 7) this.above = 0n
    this.above |= BigInt(byte) << BigInt(7 * (digits - 7))
  }

  private wholeHeader(header: number): Header {
    const whole = BigInt(header) + (this.above << 49n)
    this.above = 0n
    return whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole
  }

  /** A token with a body begins at `at`; returns where to go on. */
  private begin(type: number, size: Header, chunk: Uint8Array, at: number): number {
    if (type !== ERROR && !this.sink.admit(type, size)) {
      this.skip = size
      return this.skipIn(chunk, at)
    }
    // Beyond 2^53 it is not exact, which nobody lives to see.
    const length = Number(size)
    const end = at + length
    if (end <= chunk.length) {
      this.tell(type, chunk, at, end, false)
      return end
    }
    this.type = type
    this.size = length
    this.filled = 0
    // It ends with room for the whole, so that no more than a third of it is ever copied again.
    let room = length
    while (room > firstRoom) room = Math.ceil(room / growth)
    this.body = new Uint8Array(room)
    return this.fill(chunk, at)
  }

  private fill(chunk: Uint8Array, start: number): number {
    let at = start
    while (true) {
      const end = Math.min(chunk.length, at + this.body.length - this.filled)
      copy(chunk, at, end, this.body, this.filled)
      this.filled += end - at
      at = end
      if (this.filled < this.body.length) return at
      if (this.filled === this.size) break
      const begun = this.body
      this.body = new Uint8Array(Math.min(this.size, growth * begun.length))
      this.body.set(begun)
    }
    const { body, size, type } = this
    this.type = 0
    this.body = nothing
    this.tell(type, body, 0, size, true)
    return at
  }

  private tell(type: number, source: Uint8Array, start: number, end: number, isOwn: boolean): void {
    switch (type) {
      case STRING:
        return this.sink.string(source, start, end, isOwn)
      case FLOAT:
        for (let at = 0; at < 8; at++) doubleBytes[at] = source[start + at] as number // below its length
        return this.sink.float(double.getFloat64(0))
      case ERROR:
        return this.sink.error(source, start, end)
      default: {
        const magnitude = magnitudeOf(source, start, end)
        return this.sink.integer(type, type === LONGINT ? magnitude : negative(magnitude))
      }
    }
  }

  private skipIn(chunk: Uint8Array, at = 0): number {
    const here = chunk.length - at
    if (this.skip > here) {
      this.skip = typeof this.skip === "number" ? this.skip - here : this.skip - BigInt(here)
      return chunk.length
    }
    const end = at + Number(this.skip)
    this.skip = 0
    return end
  }
}

/** Zero stays 0: there is no -0 among the integers. */
const negative = (value: Header): Header => (typeof value === "number" ? 0 - value : -value)

/** Six bytes and fewer are read as a number at once; more through their hexadecimal digits, the fast way to a bigint. */
const magnitudeOf = (source: Uint8Array, start: number, end: number): Header => {
  if (end - start > 6) {
    const magnitude = BigInt(`0x${end - start > few ? longHex(source, start, end) : shortHex(source, start, end)}`)
    return magnitude <= Number.MAX_SAFE_INTEGER ? Number(magnitude) : magnitude
  }
  let magnitude = 0
  for (let at = start; at < end; at++) magnitude = magnitude * 256 + (source[at] as number) // below its length
  return magnitude
}

/** Up to so many bytes, `+` costs less than a call into the engine. */
const few = 32

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

const shortHex = (source: Uint8Array, start: number, end: number): string => {
  let text = ""
  for (let at = start; at < end; at++) text += hex[source[at] as number] // below its length
  return text
}

const digits = new TextEncoder().encode("0123456789abcdef")
const ascii = new TextDecoder()

/** Put together as bytes: a text that grew by `+` takes 32 bytes for each of the body until it is read. */
const longHex = (source: Uint8Array, start: number, end: number): string => {
  const text = new Uint8Array(2 * (end - start))
  for (let at = start, to = 0; at < end; at++) {
    const byte = source[at] as number // below its length
    text[to++] = digits[byte >> 4] as number // one of 16
    text[to++] = digits[byte & 0x0f] as number
  }
  return ascii.decode(text)
}
