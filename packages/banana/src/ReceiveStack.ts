/**
 * The sequences that are open, and what becomes of each token: the top one gets it, or refuses it.
 *
 * A refusal drops the whole top-level object: what is left of it is counted to its end and not stored.
 *
 * @since 0.1.0
 */
import { BananaError } from "./BananaError.ts"
import * as Constraint from "./Constraint.ts"
import * as Limits from "./Limits.ts"
import * as OpenTypes from "./OpenTypes.ts"
import { type Received, Violated } from "./Received.ts"
import { Broken, fail, Refused, refuse } from "./Refusal.ts"
import type { Expectation } from "./schema/Expectation.ts"
import { type Scope, Unslicer } from "./Unslicer.ts"
import { fromDouble } from "./value/Float.ts"
import { quoted } from "./value/PythonLiteral.ts"
import type { Value } from "./value/Value.ts"
import type { Header, TokenSink } from "./wire/TokenDecoder.ts"
import { bit, FLOAT, LONGINT, LONGNEG, nameOf, OPEN, setOf, STRING, VOCAB } from "./wire/TokenType.ts"
import { decodeUtf8 } from "./wire/Utf8.ts"
import type { Vocabulary, Word } from "./wire/Vocabulary.ts"

const nothing: ReadonlyArray<never> = []
const text = new TextDecoder()
const longs = setOf(LONGINT, LONGNEG)

/**
 * The state of a decoder above the tokens.
 *
 * @category models
 * @since 0.1.0
 */
export class ReceiveStack<A = Value> implements TokenSink, Scope {
  readonly limits: Limits.Limits
  words: ReadonlyMap<Header, Word>
  private ownWords: Map<Header, Word> | undefined = undefined
  private readonly leaves = new OpenTypes.Leaves(this)
  private readonly root: RootUnslicer
  /** The root, and the sequences that are open. */
  private readonly sequences: Array<Unslicer>
  private top: Unslicer
  expected: Constraint.Constraint
  /** What the root expects always, and what the sequences below the top expect when the one above each has been closed. */
  private readonly expectedBelow: Array<Constraint.Constraint>
  /** The numbers of the OPENs as the peer wrote them, which the CLOSEs have to repeat; the last is the top's. The root has none. */
  private readonly openNumbers: Array<Header> = []
  /** Between an OPEN and its word: that OPEN's number. */
  private opening: Header | undefined
  /** How many sequences have to be closed before anything counts again. */
  private discarding = 0
  /** How many OPENs came in all. */
  private opens = 0
  // These arrays begin with one item of no meaning: the engine compiles for the kinds of items that it sees an array begin with.
  waiting: Array<unknown> = [undefined]
  waitingCount = 0
  /** What a reference in this top-level object may stand for, and by which numbers, in ascending order. */
  private objects: Array<unknown> = [undefined]
  private numbers: Array<number> = [0]
  private objectsCount = 0
  size = 0
  private references = 0
  incomplete = 0
  private received: Array<Received<A>> = []
  /** Whether an end was received or found. */
  ended = false

  constructor(limits: Limits.Limits, vocabulary: Vocabulary, { constraint, finish }: Expectation<A>) {
    this.limits = limits
    this.words = vocabulary.words
    const deliver = (value: Value) => this.received.push(finish(value, this.root.describe(), this.references > 0))
    this.root = new RootUnslicer(deliver, constraint)
    this.sequences = [this.root]
    this.top = this.root
    this.expected = constraint
    this.expectedBelow = [constraint]
  }

  /** Whether no top-level object has begun. */
  get atBorder(): boolean {
    return this.top === this.root && this.opening === undefined && this.discarding === 0
  }

  /** What was received since the last time. */
  take(): ReadonlyArray<Received<A>> {
    const { received } = this
    if (received.length === 0) return nothing
    this.received = []
    return received
  }

  /** Ends on what stopped the tokens: an ERROR, or a broken rule. Throws a defect of ours on. */
  stop(cause: unknown): void {
    if (cause === ended) return
    this.ended = true
    this.forget()
    if (!(cause instanceof Broken)) throw cause
    this.received.push({ _tag: "Failed", error: new BananaError({ where: this.where(), reason: cause.text }) })
  }

  // ---- tokens

  admit(type: number, size: Header): boolean {
    if (this.discarding > 0) return false
    try {
      if (this.opening !== undefined) this.checkWord(type, size)
      else {
        this.check(type)
        const { expected } = this
        const { body } = this.limits
        const limit = type === STRING ? (expected.maxString ?? body) : Math.min(expected.maxLong ?? body, longestBigInt)
        if (type === FLOAT) this.charge(Limits.number)
        else if (size > limit) refuse(`${nameOf(type)} token too large: ${size}>${limit}`)
        else this.charge(Limits.string + Number(size))
      }
      return true
    } catch (cause) {
      this.violate(cause)
      return false
    }
  }

  integer(type: number, value: Header): void {
    if (this.discarding > 0) return
    try {
      if (this.opening !== undefined) this.checkWord(type, 0)
      // A long one was checked before its body.
      if ((bit(type) & longs) === 0) {
        this.check(type)
        if (typeof value === "bigint") this.charge(Limits.bigint)
        else if ((value | 0) !== value) this.charge(Limits.boxed)
      }
      this.top.receive(value)
    } catch (cause) {
      this.violate(cause)
    }
  }

  float(value: number): void {
    this.receive(fromDouble(value))
  }

  string(source: Uint8Array, start: number, end: number, isOwn: boolean): void {
    try {
      if (this.opening === undefined) return this.top.receiveString(source, start, end, isOwn)
      this.begin(decodeUtf8(source, start, end) ?? fail(notUtf8), this.opening)
    } catch (cause) {
      this.violate(cause)
    }
  }

  vocab(index: Header): void {
    const wanted = this.discarding === 0 && (this.opening !== undefined || this.takes(VOCAB))
    const { bytes, text } = this.words.get(index) ?? fail(`unknown vocab index ${index}`)
    if (!wanted) return
    try {
      if (this.opening !== undefined) return this.begin(text ?? fail(notUtf8), this.opening)
      this.charge(Limits.string + bytes.length)
      this.top.receiveString(bytes, 0, bytes.length, false)
    } catch (cause) {
      this.violate(cause)
    }
  }

  open(number: Header): void {
    this.opens++
    if (this.opening !== undefined) fail("OPEN token followed by OPEN")
    if (this.discarding > 0) {
      this.discarding++
      return
    }
    this.opening = number
    try {
      this.check(OPEN)
      if (this.sequences.length > this.limits.depth) refuse(`more than ${this.limits.depth} sequences in one another`)
    } catch (cause) {
      this.violate(cause)
    }
  }

  close(number: Header): void {
    if (this.discarding > 0) {
      this.discarding--
      return
    }
    const opened = this.openNumbers.pop()
    if (opened !== number || this.opening !== undefined) {
      const expected = opened === number ? "the word of an OPEN" : (opened ?? "None")
      fail(`lost sync, got CLOSE(${number}) but expecting ${expected}`)
    }
    let value: unknown
    try {
      value = this.top.close()
    } catch (cause) {
      return this.violate(cause, true)
    }
    this.sequences.pop()
    this.top = this.sequences[this.sequences.length - 1] as Unslicer // the root stays
    this.expected = this.expectedBelow.pop() as Constraint.Constraint // what this sequence pushed
    if (this.top === this.root && this.incomplete > 0) fail("a tuple that holds itself")
    this.receive(value)
    if (this.top === this.root) this.forget()
  }

  abort(): void {
    if (this.discarding > 0) return
    // Between an OPEN and its word an ABORT makes Foolscap lose count, so that a CLOSE right behind it ends the link: so here.
    const { opening } = this
    this.opening = undefined
    this.violate(new Refused("ABORT received"))
    this.opening = opening
  }

  ping(number: Header): void {
    this.received.push({ _tag: "Ping", number })
  }

  pong(number: Header): void {
    this.received.push({ _tag: "Pong", number })
  }

  error(source: Uint8Array, start: number, end: number): void {
    this.ended = true
    this.received.push({ _tag: "PeerError", text: text.decode(source.subarray(start, end)) })
    throw ended
  }

  unknown(type: number): void {
    const { expected } = this
    if (this.discarding > 0) return
    try {
      if (this.opening !== undefined) this.checkWord(type, 0)
      if (expected !== Constraint.any) expected.refusal(type, expected)
    } catch (cause) {
      this.violate(cause)
    }
  }

  // ---- objects

  register(object: unknown): number {
    const place = this.objectsCount++
    this.numbers[place] = this.opens - 1
    this.objects[place] = object
    return place
  }

  settle(place: number, object: unknown): void {
    this.objects[place] = object
  }

  find(count: Header): unknown {
    if (++this.references > this.limits.references) refuse(`more than ${this.limits.references} references`)
    const found = typeof count === "number" ? this.objects[indexIn(this.numbers, this.objectsCount, count)] : undefined
    return found instanceof Unslicer ? found.early() : found
  }

  setWords(words: Map<Header, Word>): void {
    this.ownWords = words
    this.words = words
  }

  addWord(index: Header, word: Word): void {
    this.setWords((this.ownWords ?? new Map(this.words)).set(index, word))
  }

  charge(size: number): void {
    this.size += size
    if (this.size > this.limits.size) refuse(`an object that takes more than ${this.limits.size} bytes`)
  }

  // ---- the rest

  private receive(value: unknown): void {
    try {
      this.top.receive(value)
    } catch (cause) {
      this.violate(cause)
    }
  }

  private takes(type: number): boolean {
    try {
      this.check(type)
      return true
    } catch (cause) {
      this.violate(cause)
      return false
    }
  }

  /** Refuses what the top sequence does not take, or what the top-level object has no room for. */
  private check(type: number): void {
    const { expected } = this
    if ((expected.tokens & bit(type)) === 0) expected.refusal(type, expected)
    // What comes at the top level is an object of its own.
    if (this.top === this.root) this.size = 0
    this.charge(type === OPEN ? Limits.sequence : Limits.token)
  }

  private checkWord(type: number, size: Header): void {
    if (type !== STRING) refuse(`index token ${hex(type)} not STRING or VOCAB`)
    if (size > OpenTypes.longest) refuse(`STRING token is too long, ${size}>${OpenTypes.longest}`)
  }

  /** The sequence that was opened is of the kind that this word says. */
  private begin(kind: string, number: Header): void {
    const isTop = this.top === this.root
    const shape = this.expected.shapeOf(kind)
    const unslice = OpenTypes.values.get(kind) ?? (isTop ? OpenTypes.vocabulary.get(kind) : undefined)
    if (unslice === undefined) return refuse(`unknown ${isTop ? "top-level " : ""}OPEN type (${quoted(kind)},)`)
    this.expectedBelow.push(this.expected)
    this.openNumbers.push(number)
    this.opening = undefined
    this.top = unslice(this, shape, this.leaves)
    this.sequences.push(this.top)
  }

  /** Drops the top-level object, and all that still comes of it. `closed`: the top sequence has had its CLOSE. */
  private violate(cause: unknown, closed = false): void {
    if (!(cause instanceof Refused)) throw cause
    const violated = new Violated(this.where(), cause.text)
    this.discarding = this.sequences.length - (closed ? 2 : 1) + (this.opening === undefined ? 0 : 1)
    this.opening = undefined
    this.sequences.length = 1
    this.expectedBelow.length = 1
    this.openNumbers.length = 0
    this.top = this.root
    this.expected = this.root.expected
    this.forget()
    this.received.push(violated)
  }

  /** A top-level object has ended: nothing of it is kept, and no reference reaches back behind it. */
  private forget(): void {
    this.waiting = [undefined]
    this.waitingCount = 0
    this.objects = [undefined]
    this.numbers = [0]
    this.objectsCount = 0
    this.size = 0
    this.references = 0
    this.incomplete = 0
    this.leaves.forget()
  }

  private where(): string {
    return this.sequences.map((unslicer) => unslicer.describe()).join(".")
  }
}

/** Where a number is among so many ascending ones; -1 if it is not. */
const indexIn = (numbers: ReadonlyArray<number>, count: number, wanted: number): number => {
  let from = 0
  let to = count - 1
  while (from <= to) {
    const middle = (from + to) >> 1
    const number = numbers[middle] as number // between its ends
    if (number === wanted) return middle
    if (number < wanted) from = middle + 1
    else to = middle - 1
  }
  return -1
}

const notUtf8 = "an index word that is not UTF-8"

/** Thrown to stop the tokens behind an ERROR. */
const ended = new Broken("ended")

/** In bytes. The engine has no larger ones. */
const longestBigInt = 2 ** 27

const hex = (type: number): string => `0x${type.toString(16)}`

/** The bottom of the stack: what is complete here is delivered. */
class RootUnslicer extends Unslicer {
  readonly expected: Constraint.Constraint
  private readonly deliver: (value: Value) => void

  constructor(deliver: (value: Value) => void, expected: Constraint.Constraint) {
    super()
    this.expected = expected
    this.deliver = deliver
  }

  receive(child: unknown): void {
    // A vocabulary's own sequences leave nothing.
    if (child !== undefined) this.deliver(child as Value) // made by our unslicers
  }

  close(): never {
    return fail("top-level should never receive CLOSE tokens")
  }

  describe(): string {
    return "<RootUnslicer>"
  }
}
