/**
 * The order in which the keys of a dict are sent: Python's (B13).
 *
 * @since 0.1.0
 */
import { Decimal } from "./Decimal.ts"
import { Float } from "./Float.ts"
import { Tuple } from "./Tuple.ts"

/**
 * Below zero where `a` comes before `b`: numbers by value, bytes by byte, text by code point, tuples item by item. Python cannot
 * compare values of different kinds, and Foolscap cannot send a dict that mixes them; here numbers come first, then bytes,
 * text, tuples, and the rest in the order it came, and Foolscap takes them in any order.
 *
 * @category comparing
 * @since 0.1.0
 */
export const compare = (a: unknown, b: unknown): number => {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareItems(a, b, (x, y) => x - y)
  if (a instanceof Tuple && b instanceof Tuple) return compareItems(a.items, b.items, compare)
  const one = numberOf(a)
  const other = numberOf(b)
  if (one === undefined || other === undefined) return rankOf(a) - rankOf(b)
  if (one instanceof Decimal || other instanceof Decimal) return compareDecimals(decimalOf(one), decimalOf(other))
  return one < other ? -1 : one > other ? 1 : 0
}

const numberOf = (value: unknown): number | bigint | Decimal | undefined => {
  if (typeof value === "number" || typeof value === "bigint" || value instanceof Decimal) return value
  if (typeof value === "boolean") return value ? 1 : 0
  return value instanceof Float ? value.value : undefined
}

const decimalOf = (value: number | bigint | Decimal): Decimal => {
  if (value instanceof Decimal) return value
  return typeof value === "bigint" ? Decimal.fromBigInt(value) : Decimal.fromDouble(value)
}

const rankOf = (value: unknown): number => {
  if (numberOf(value) !== undefined) return 0
  if (value instanceof Uint8Array) return 1
  if (typeof value === "string") return 2
  return value instanceof Tuple ? 3 : 4
}

const compareItems = <A>(a: ArrayLike<A>, b: ArrayLike<A>, compareItem: (a: A, b: A) => number): number => {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const order = compareItem(a[at] as A, b[at] as A) // below both lengths
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Surrogates stand for code points above all others, but their own numbers are not the highest. */
const compareText = (a: string, b: string): number => {
  const shared = Math.min(a.length, b.length)
  for (let at = 0; at < shared; at++) {
    const one = a.charCodeAt(at)
    const other = b.charCodeAt(at)
    if (one !== other) return lift(one) - lift(other)
  }
  return a.length - b.length
}

const lift = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit)

const compareDecimals = (a: Decimal, b: Decimal): number => {
  const [one, other] = [a.finite, b.finite]
  if (one === undefined || other === undefined) return sideOf(a) - sideOf(b)
  const [oneZero, otherZero] = [/^0+$/.test(one.digits), /^0+$/.test(other.digits)]
  const oneSign = oneZero ? 0 : one.negative ? -1 : 1
  const otherSign = otherZero ? 0 : other.negative ? -1 : 1
  if (oneSign !== otherSign || oneZero) return oneSign - otherSign
  // Where the first digit stands, then the digits from there on.
  const magnitude = one.digits.length + one.exponent - (other.digits.length + other.exponent)
  if (magnitude !== 0) return oneSign * magnitude
  const length = Math.max(one.digits.length, other.digits.length)
  const [left, right] = [one.digits.padEnd(length, "0"), other.digits.padEnd(length, "0")]
  return left === right ? 0 : oneSign * (left < right ? -1 : 1)
}

/** Below, among or above the finite ones; `NaN` has no place. */
const sideOf = ({ text }: Decimal): number => (text === "Infinity" ? 1 : text === "-Infinity" ? -1 : 0)
