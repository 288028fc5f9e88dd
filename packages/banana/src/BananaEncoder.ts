/**
 * Values into bytes.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import { Refused, refuse } from "./Refusal.ts"
import { SentObjects } from "./SentObjects.ts"
import * as BooleanSlicer from "./slicer/BooleanSlicer.ts"
import * as DecimalSlicer from "./slicer/DecimalSlicer.ts"
import * as DictSlicer from "./slicer/DictSlicer.ts"
import * as ImmutableSetSlicer from "./slicer/ImmutableSetSlicer.ts"
import * as ListSlicer from "./slicer/ListSlicer.ts"
import * as NoneSlicer from "./slicer/NoneSlicer.ts"
import * as ReferenceSlicer from "./slicer/ReferenceSlicer.ts"
import * as SetSlicer from "./slicer/SetSlicer.ts"
import * as TupleSlicer from "./slicer/TupleSlicer.ts"
import * as UnicodeSlicer from "./slicer/UnicodeSlicer.ts"
import type { Slicing } from "./Slicing.ts"
import { Decimal } from "./value/Decimal.ts"
import { Dict } from "./value/Dict.ts"
import { Float, isInteger } from "./value/Float.ts"
import { ImmutableSet } from "./value/ImmutableSet.ts"
import { MutableSet } from "./value/MutableSet.ts"
import { Tuple } from "./value/Tuple.ts"
import type { Value } from "./value/Value.ts"
import { Violation } from "./Violation.ts"
import type { IndexWord } from "./wire/IndexWord.ts"
import { TokenEncoder } from "./wire/TokenEncoder.ts"
import type { Vocabulary } from "./wire/Vocabulary.ts"

/**
 * How deep a value may be nested. A decoder with the default limits takes no more either.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxDepth = 1000

/**
 * Encodes one direction of one link.
 *
 * @category models
 * @since 0.1.0
 */
export class BananaEncoder {
  private readonly tokens: TokenEncoder
  private readonly sending: Sending
  private isEncoding = false

  constructor(options: { readonly vocabulary: Vocabulary }) {
    this.tokens = new TokenEncoder(options.vocabulary)
    this.sending = new Sending(this.tokens)
  }

  /** How many bytes are waiting to be taken. */
  get size(): number {
    return this.tokens.size
  }

  /**
   * All bytes so far, in order; the encoder forgets them. Bytes of more than 16 KiB in a value are handed over as they are, not
   * copied: they must not change before they are sent.
   */
  take(): ReadonlyArray<Uint8Array> {
    return this.tokens.take()
  }

  /**
   * Appends one top-level object, or, if it cannot be sent, nothing: text with a lone surrogate, an object of another class,
   * more than 1000 sequences in one another. (Foolscap sends such an object up to the place, then ABORTs.) What the value's own
   * code throws, such as a getter, is thrown on, and nothing is appended either. In a value of more than 1000 objects it may run
   * twice.
   */
  encode(value: Value): Result.Result<void, Violation> {
    const { sending, tokens } = this
    const { opens } = sending
    const send = () => tokens.all(() => sending.whole(value))
    if (this.isEncoding) throw new Error("a value that is being encoded encodes another one on the same link")
    this.isEncoding = true
    try {
      try {
        send()
      } catch (cause) {
        // Not for what it seems, perhaps.
        if (!sending.isGuessed) throw cause
        sending.startAgain(opens)
        send()
      }
      return Result.void
    } catch (cause) {
      // Nothing of it goes out, whatever stopped it.
      sending.opens = opens
      if (!(cause instanceof Refused)) throw cause
      const where = ["<RootSlicer>", ...cause.places.reverse()].join(".")
      return Result.fail(new Violation({ where, reason: cause.text }))
    } finally {
      this.isEncoding = false
      sending.forget()
    }
  }

  /** Asks for a PONG with the same number, an integer from 0 to below 2^448; throws a `RangeError` on any other. */
  ping(number: number | bigint = 0): void {
    this.tokens.ping(number)
  }

  /** Answers a PING with its number, as `ping` takes it. */
  pong(number: number | bigint): void {
    this.tokens.pong(number)
  }

  /** Tells the peer why the link ends, in 1000 bytes at most. */
  error(text: string): void {
    this.tokens.error(text)
  }
}

/** What to try, where somebody tries the nearest thing at hand. */
const instead = new Map([
  ["Object", "a dict is made with Dict.fromRecord"],
  ["Map", "a dict is made with Dict.from"],
  ["Set", "a set is made with MutableSet.from or ImmutableSet.from"],
  ["Date", "send its text or its milliseconds"]
])

/** One top-level object after the other. */
class Sending implements Slicing {
  /** How many OPENs were sent on this link: their numbers, which are never used again. */
  opens = 0
  private readonly tokens: TokenEncoder
  /** How many sequences are open. */
  private depth = 0
  private readonly sent = new SentObjects()

  constructor(tokens: TokenEncoder) {
    this.tokens = tokens
  }

  get isGuessed(): boolean {
    return this.sent.isGuessed
  }

  startAgain(opens: number): void {
    this.opens = opens
    this.depth = 0
    this.sent.startAgain()
  }

  forget(): void {
    this.depth = 0
    this.sent.forget()
  }

  whole(value: Value): void {
    this.value(value)
    this.sent.ask()
  }

  isKnown(object: object): boolean {
    const number = this.sent.numberOf(object, this.opens, this.tokens.size)
    if (number === undefined) return false
    ReferenceSlicer.slice(number, this)
    return true
  }

  open(word: IndexWord): number {
    const number = this.enter()
    this.tokens.begin(number, word)
    return number
  }

  private enter(): number {
    if (++this.depth > maxDepth) refuse(`more than ${maxDepth} sequences in one another`)
    return this.opens++
  }

  close(number: number): void {
    this.depth--
    this.tokens.close(number)
  }

  sequenceOfInteger(word: IndexWord, value: number): void {
    const number = this.enter()
    this.tokens.sequenceOfInteger(number, word, value)
    this.depth--
  }

  sequenceOfText(word: IndexWord, text: string): void {
    const number = this.enter()
    if (!this.tokens.sequenceOfText(number, word, text)) {
      refuse("a text with half of a surrogate pair, which UTF-8 cannot say")
    }
    this.depth--
  }

  integers(items: ReadonlyArray<Value>, from: number): number {
    return this.tokens.integers(items, from)
  }

  value(value: Value): void {
    // Not a switch: the engine compares with a kind of value without making the name of the kind.
    if (typeof value === "number") {
      if (isInteger(value)) this.tokens.integer(value)
      else this.tokens.float(value)
    } else if (typeof value === "string") UnicodeSlicer.slice(value, this)
    else if (value === null) NoneSlicer.slice(this)
    else if (typeof value === "object") this.object(value)
    else if (typeof value === "boolean") BooleanSlicer.slice(value, this)
    else if (typeof value === "bigint") this.tokens.integer(value)
    else {
      refuse(value === undefined ? "cannot serialize undefined; None is null" : `cannot serialize a ${typeof value}`)
    }
  }

  private object(value: object): void {
    if (Array.isArray(value)) return ListSlicer.slice(value, this)
    if (value instanceof Uint8Array) return this.tokens.bytes(value)
    if (value instanceof Tuple) return TupleSlicer.slice(value, this)
    if (value instanceof Dict) return DictSlicer.slice(value, this)
    if (value instanceof Float) return this.tokens.float(value.value)
    if (value instanceof MutableSet) return SetSlicer.slice(value, this)
    if (value instanceof ImmutableSet) return ImmutableSetSlicer.slice(value, this)
    if (value instanceof Decimal) return DecimalSlicer.slice(value, this)
    const name = value.constructor?.name ?? "Object"
    return refuse(
      `cannot serialize an object of the class ${name}; ${instead.get(name) ?? "see Value for those that can"}`
    )
  }
}
