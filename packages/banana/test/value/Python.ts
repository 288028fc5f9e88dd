/** How Python compares values: exactly, as fractions. Slow and simple, to check the fast way by. */
import { Decimal } from "../../src/value/Decimal.ts"
import { Float } from "../../src/value/Float.ts"
import { ImmutableSet } from "../../src/value/ImmutableSet.ts"
import { Tuple } from "../../src/value/Tuple.ts"

/** A fraction with a denominator above zero, or an infinity. */
type Exact = readonly [numerator: bigint, denominator: bigint] | number

const exact = (value: unknown): Exact | undefined => {
  if (typeof value === "boolean") return [value ? 1n : 0n, 1n]
  if (typeof value === "bigint") return [value, 1n]
  if (value instanceof Float) return exactDouble(value.value)
  if (typeof value === "number") return exactDouble(value)
  if (!(value instanceof Decimal)) return undefined
  const { finite } = value
  if (finite === undefined) return Number(value.text)
  const coefficient = BigInt(finite.digits) * (finite.negative ? -1n : 1n)
  const power = 10n ** BigInt(Math.abs(finite.exponent))
  return finite.exponent < 0 ? [coefficient, power] : [coefficient * power, 1n]
}

const exactDouble = (double: number): Exact => {
  if (!Number.isFinite(double)) return double
  let [numerator, denominator] = [double, 1n]
  while (!Number.isInteger(numerator)) {
    numerator *= 2
    denominator *= 2n
  }
  return [BigInt(numerator), denominator]
}

const sign = (difference: number | bigint): number => (difference < 0 ? -1 : difference > 0 ? 1 : 0)

const compareExact = (a: Exact, b: Exact): number => {
  if (typeof a === "number") return typeof b === "number" && a === b ? 0 : sign(a)
  return typeof b === "number" ? -sign(b) : sign(a[0] * b[1] - b[0] * a[1])
}

const codePoints = (text: string) => Array.from(text, (character) => character.codePointAt(0) ?? 0)

const compareNumbers = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = sign((a[at] ?? 0) - (b[at] ?? 0))
    if (order !== 0) return order
  }
  return sign(a.length - b.length)
}

/** What Python's `==` says of two values that can be keys, of which none is NaN. */
export const equalInPython = (a: unknown, b: unknown): boolean => {
  if (a instanceof Tuple && b instanceof Tuple) {
    return a.length === b.length && a.items.every((item, at) => equalInPython(item, b.items[at]))
  }
  if (a instanceof ImmutableSet && b instanceof ImmutableSet) {
    return a.size === b.size && [...a].every((member) => [...b].some((other) => equalInPython(member, other)))
  }
  return a === null ? b === null : compareInPython(a, b) === 0
}

/** -1, 0 or 1; `undefined` where Python raises a TypeError. */
export const compareInPython = (a: unknown, b: unknown): number | undefined => {
  if (typeof a === "string" && typeof b === "string") return compareNumbers(codePoints(a), codePoints(b))
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareNumbers(a, b)
  if (a instanceof Tuple && b instanceof Tuple) {
    for (let at = 0; at < a.length && at < b.length; at++) {
      if (!equalInPython(a.items[at], b.items[at])) return compareInPython(a.items[at], b.items[at])
    }
    return sign(a.length - b.length)
  }
  const [one, other] = [exact(a), exact(b)]
  return one === undefined || other === undefined ? undefined : compareExact(one, other)
}
