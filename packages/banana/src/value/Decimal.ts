/**
 * Python's `decimal.Decimal`: a number in base ten, with the digits it was written with.
 *
 * @since 0.1.0
 */
import * as BigDecimal from "effect/BigDecimal"
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import * as Option from "effect/Option"
import { Shown } from "./Shown.ts"

/** Longer coefficients or exponents are not turned into bigints, which would cost their square. */
const computable = 5000

/**
 * A decimal number as Python prints it: `1.50`, `1E+10`, `-0`, `NaN`, `sNaN`, `-Infinity`. Its text is exact.
 *
 * @category models
 * @since 0.1.0
 */
export class Decimal extends Shown implements Equal.Equal {
  readonly text: string
  /** `1.50` is 150 and -2. `undefined` for `NaN` and the infinities. */
  readonly finite: { readonly negative: boolean; readonly digits: string; readonly exponent: number } | undefined

  private constructor(text: string, finite: Decimal["finite"]) {
    super()
    this.text = text
    this.finite = finite
  }

  /**
   * Reads what Python's `Decimal(text)` reads: spaces around it, underscores and leading zeros do not count. `undefined` for
   * anything else, and for exponents of more than 15 digits.
   */
  static readonly fromText = (text: string): Decimal | undefined => {
    const plain = trim(text).replaceAll("_", "")
    const special = /^([+-]?)(?:(inf)(?:inity)?|(s?nan)(\d*))$/i.exec(plain)
    if (special !== null) {
      const [, sign, infinite, nan = "", payload = ""] = special
      const name = infinite === undefined ? (nan.length === 4 ? "sNaN" : "NaN") : "Infinity"
      return new Decimal(`${sign === "-" ? "-" : ""}${name}${payload.replace(/^0+/, "")}`, undefined)
    }
    const number = /^([+-]?)(?=\d|\.\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,15}))?$/i.exec(plain)
    if (number === null) return undefined
    const [, sign, whole = "", fraction = "", power = "0"] = number
    const digits = (whole + fraction).replace(/^0+(?=\d)/, "")
    const negative = sign === "-"
    const exponent = Number(power) - fraction.length
    return new Decimal(print(negative, digits, exponent), { negative, digits, exponent })
  }

  /** A double to its last digit, of which there can be more than a thousand. */
  static readonly fromDouble = (double: number): Decimal => {
    if (!Number.isFinite(double)) {
      return new Decimal(Number.isNaN(double) ? "NaN" : double < 0 ? "-Infinity" : "Infinity", undefined)
    }
    // Doubling is exact, and ends at an integer: a finite double is a multiple of 2 ** -1074.
    let power = 0
    let integer = Math.abs(double)
    for (; !Number.isInteger(integer); power++) integer *= 2
    const digits = (BigInt(integer) * 5n ** BigInt(power)).toString()
    const negative = double < 0 || Object.is(double, -0)
    return new Decimal(print(negative, digits, -power), { negative, digits, exponent: -power })
  }

  /** An integer. */
  static readonly fromBigInt = (integer: bigint): Decimal => {
    const negative = integer < 0n
    const digits = (negative ? -integer : integer).toString()
    return new Decimal(print(negative, digits, 0), { negative, digits, exponent: 0 })
  }

  /** The number as a `BigDecimal`; nothing for `NaN` and the infinities, and where it would be unreasonably long. */
  toBigDecimal(): Option.Option<BigDecimal.BigDecimal> {
    const { finite } = this
    if (finite === undefined || finite.digits.length > computable || Math.abs(finite.exponent) > computable) {
      return Option.none()
    }
    const coefficient = BigInt(finite.digits)
    return Option.some(BigDecimal.make(finite.negative ? -coefficient : coefficient, -finite.exponent))
  }

  /** The integer it is, as a bigint; `undefined` if it is none, or of thousands of digits. */
  toBigInt(): bigint | undefined {
    const { finite } = this
    if (finite === undefined || finite.digits.length > computable) return undefined
    const digits = withoutZeros(finite.digits) || "0"
    const zeros = digits === "0" ? 0 : finite.exponent + finite.digits.length - digits.length
    if (zeros < 0 || zeros > computable) return undefined
    const coefficient = BigInt(digits) * 10n ** BigInt(zeros)
    return finite.negative ? -coefficient : coefficient
  }

  toString(): string {
    return this.text
  }

  [Equal.symbol](that: unknown): boolean {
    return that instanceof Decimal && this.text === that.text
  }

  [Hash.symbol](): number {
    return Hash.string(this.text)
  }
}

/**
 * Without the zeros at the end. Not `/0+$/`, which begins anew at each zero of a row that does not end the text.
 *
 * @category formatting
 * @since 0.1.0
 */
export const withoutZeros = (digits: string): string => {
  let end = digits.length
  while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--
  return digits.slice(0, end)
}

/** With an exponent where Python prints one: above no digit, or for more than six places before the first digit. */
const print = (negative: boolean, digits: string, exponent: number): string => {
  const sign = negative ? "-" : ""
  // Where the point is, counted from the left of the digits.
  const point = digits.length + exponent
  if (exponent <= 0 && point > -6) {
    if (exponent === 0) return sign + digits
    return point > 0
      ? `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
      : `${sign}0.${"0".repeat(-point)}${digits}`
  }
  const power = point - 1
  const mantissa = digits.length === 1 ? digits : `${digits.slice(0, 1)}.${digits.slice(1)}`
  return `${sign}${mantissa}E${power < 0 ? "" : "+"}${power}`
}

/** Without the spaces around it: Python's are those of JavaScript, four control characters and NEL more, and one less. */
const trim = (text: string): string => {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charAt(start))) start++
  while (end > start && isSpace(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

const isSpace = (character: string): boolean =>
  (character >= "\x1c" && character <= "\x1f") ||
  character === "\x85" ||
  (character !== "\ufeff" && character.trim() === "")
