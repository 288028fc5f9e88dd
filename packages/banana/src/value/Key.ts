/**
 * When two values are the same key of a dict, or the same member of a set: as Python sees it (B13).
 *
 * @since 0.1.0
 */
import { Decimal, withoutZeros } from "./Decimal.ts"
import { Float } from "./Float.ts"
import { Shown } from "./Shown.ts"

/**
 * What stands for a value in a `Map`: equal keys are equal values. Text for every kind, because the engine hashes text with a
 * secret of its own, but numbers so that a peer could choose many that fall together. A text stands for itself, which the
 * engine has hashed already if it came before; all others, and a text that begins with NUL itself, have a NUL before them.
 *
 * @category models
 * @since 0.1.0
 */
export type Key = string

/** The engine tells longer texts of one length apart only by comparing them to the end. */
const longest = 16_000
const deepest = 500
let depth = 0

/**
 * A value made of others, whose key is made of theirs.
 *
 * @category models
 * @since 0.1.0
 */
export abstract class Compound extends Shown {
  /** `t` for a tuple; `f` for a set, whose members have no order. */
  protected abstract readonly kind: "t" | "f"
  protected abstract readonly members: Iterable<unknown>
  private complete: boolean
  /** How many members are not complete yet, and who waits for this one. */
  private missing = 0
  private waiting: Array<Compound> | undefined
  /** Whether a decoder made it, so that nobody changes what it is made of. */
  private readonly isReceived: boolean
  /**
   * Its key, once it was asked for, if nobody changes what it is made of: references name one value many times over. A value with
   * a NaN in it keeps it always, since it equals itself all the same.
   */
  private key: Key | undefined
  /** How many values are in one another here, as of when its key was put together. */
  private height = 1

  constructor(complete: boolean) {
    super()
    this.complete = complete
    this.isReceived = !complete
  }

  /** Whether all is there that it is made of, which a decoder may still wait for. */
  static readonly isComplete = (value: Compound): boolean => value.complete

  /**
   * Says that no member is to come any more, of which these are not complete. Returns how many values that completes: with
   * this one those that waited for it.
   */
  static readonly closed = (value: Compound, incomplete: ReadonlyArray<Compound>): number => {
    value.missing = incomplete.length
    for (const member of incomplete) (member.waiting ??= []).push(value)
    const ready = incomplete.length === 0 ? [value] : []
    for (const next of ready) {
      next.complete = true
      for (const other of next.waiting ?? []) if (--other.missing === 0) ready.push(other)
      next.waiting = undefined
    }
    return ready.length
  }

  /** The key of `value`; see `of`. */
  static readonly keyOf = (value: Compound): Key | undefined => {
    if (!value.complete) return undefined
    if (value.key !== undefined) return depth + value.height > deepest ? undefined : value.key
    if (depth === deepest) return undefined
    const before = nans
    depth++
    let key: Key | undefined
    try {
      key = Compound.ofAll(value)
    } finally {
      depth--
    }
    if (value.isReceived || nans > before) value.key = key
    if (depth > 0 && key !== undefined) inner += key.length
    return key
  }

  /** Each part with its length before it, so that no two lists of parts read the same. */
  private static readonly ofAll = (value: Compound): Key | undefined => {
    const parts: Array<string> = []
    let length = 0
    let height = 1
    for (const member of value.members) {
      const key = of(member)
      if (key === undefined) return undefined
      length += key.length
      if (length > longest) return undefined
      parts.push(key)
      if (member instanceof Compound && member.height >= height) height = member.height + 1
    }
    value.height = height
    if (value.kind === "f") parts.sort()
    return `\0${value.kind}` + parts.map((part) => `${part.length}:${part}`).join("")
  }
}

/**
 * How many characters were put together so far, of all keys of values that are parts of others. It takes time, and some are kept: a
 * decoder counts those of a key beside the key itself.
 *
 * @category getters
 * @since 0.1.0
 */
export const innerLength = (): number => inner
let inner = 0

/**
 * The key of a value, by Python's rules: `1`, `1.0`, `True` and `Decimal("1")` are one key; bytes and text never are.
 * `undefined` for what Python cannot hash: lists, dicts, sets, and what holds one of them. Also for a tuple or immutable set
 * nested deeper than 500, and for a key of more than 16,000 characters with all its parts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (value: unknown): Key | undefined => {
  const key = anyLength(value)
  return key === undefined || key.length > longest ? undefined : key
}

const anyLength = (value: unknown): Key | undefined => {
  switch (typeof value) {
    case "string":
      return value.charCodeAt(0) === 0 ? `\0s${value}` : value
    case "number":
      return ofDouble(value)
    case "bigint":
      return ofInteger(value)
    case "boolean":
      return value ? "\0i1" : "\0i0"
    default:
  }
  if (value === null) return "\0n"
  if (value instanceof Uint8Array) return value.length > longest ? undefined : `\0b${latin1(value)}`
  if (value instanceof Float) return ofDouble(value.value)
  if (value instanceof Decimal) return ofDecimal(value)
  return value instanceof Compound ? Compound.keyOf(value) : undefined
}

/** A key like no other: `NaN` does not equal itself. */
const unlike = (): Key => `\0u${nans++}`
let nans = 0

const ofInteger = (value: bigint): Key => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? `\0i${number}` : `\0x${value.toString(16)}`
}

const ofDouble = (value: number): Key => {
  if (Number.isNaN(value)) return unlike()
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? ofInteger(BigInt(value)) : `\0i${value}`
}

const ofDecimal = (value: Decimal): Key | undefined => {
  const { finite, text } = value
  if (finite === undefined) {
    if (text.includes("sNaN")) return undefined
    return text.includes("NaN") ? unlike() : ofDouble(Number(text))
  }
  const integer = value.toBigInt()
  if (integer !== undefined) return ofInteger(integer)
  // A fraction is the same key as a float if it is exactly that float, which has at least seven digits for ten places.
  const double = Number(text)
  const normal = normalOf(value)
  const { length } = finite.digits
  return length <= longestDouble &&
    -finite.exponent * 0.69 < length &&
    Number.isFinite(double) &&
    normalOf(Decimal.fromDouble(double)) === normal
    ? ofDouble(double)
    : normal
}

/** No double has more digits in base ten. */
const longestDouble = 1100

/** Sign, digits without zeros at the end, and the exponent that goes with them. */
const normalOf = ({ finite }: Decimal): string => {
  const digits = finite?.digits ?? ""
  const trimmed = withoutZeros(digits)
  return `\0d${finite?.negative === true ? "-" : ""}${trimmed}e${(finite?.exponent ?? 0) + digits.length - trimmed.length}`
}

/** In pieces, which the stack has room for: a long text that grew by a few characters would take 32 bytes each time. */
const latin1 = (bytes: Uint8Array): string => {
  const { length } = bytes
  let text = ""
  let at = 0
  if (length > few) {
    for (; at < length; at += piece) text += Reflect.apply(String.fromCharCode, String, bytes.subarray(at, at + piece))
    return text
  }
  for (; at + 4 <= length; at += 4) {
    type Four = [number, number, number, number]
    const [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]] as Four // below its length
    text += String.fromCharCode(a, b, c, d)
  }
  for (; at < length; at++) text += String.fromCharCode(bytes[at] as number) // below its length
  return text
}

/** Up to so many bytes, four at a time cost less than a piece. */
const few = 32
const piece = 512
