/**
 * Values the way Python prints them, for messages that a Foolscap peer could have written.
 *
 * @since 0.1.0
 */
import { Decimal } from "./Decimal.ts"
import { Dict } from "./Dict.ts"
import { Float } from "./Float.ts"
import { ImmutableSet } from "./ImmutableSet.ts"
import { MutableSet } from "./MutableSet.ts"
import { Tuple } from "./Tuple.ts"

/** A message has 1000 bytes in an ERROR token; a value in one does not need them all. */
const longest = 100

/**
 * What Python's `str(value)` gives: text and decimals as they are, everything else as `reprOf`. Cut where it is long.
 *
 * @category formatting
 * @since 0.1.0
 */
export const strOf = (value: unknown): string => {
  if (typeof value === "string") return cut(value)
  return value instanceof Decimal ? cut(value.text) : reprOf(value)
}

/**
 * What Python's `repr(value)` gives for simple values; of what is inside others it only says that it is there.
 *
 * @category formatting
 * @since 0.1.0
 */
export const reprOf = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return quoted(cut(value))
    case "boolean":
      return value ? "True" : "False"
    case "number":
      return Number.isInteger(value) && !Object.is(value, -0) ? String(value) : float(value)
    case "bigint":
      return cut(value.toString())
    default:
  }
  if (value === null) return "None"
  if (value instanceof Float) return float(value.value)
  if (value instanceof Uint8Array) return bytes(value)
  if (value instanceof Decimal) return `Decimal('${cut(value.text)}')`
  if (value instanceof Tuple) return value.length === 0 ? "()" : "(...)"
  if (value instanceof Dict) return value.size === 0 ? "{}" : "{...}"
  if (value instanceof MutableSet) return value.size === 0 ? "set()" : "{...}"
  if (value instanceof ImmutableSet) return value.size === 0 ? "frozenset()" : "frozenset({...})"
  return Array.isArray(value) && value.length === 0 ? "[]" : "[...]"
}

/**
 * Text in Python's quotes: single ones, unless it holds some and no double ones. What cannot be seen is escaped.
 *
 * @category formatting
 * @since 0.1.0
 */
export const quoted = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  return quote + text.replaceAll(/[\\'"]|[\p{C}\p{Z}]/gu, (character) => escaped(character, quote)) + quote
}

const escaped = (character: string, quote: string): string => {
  if (character === quote || character === "\\") return `\\${character}`
  if (character === " " || character === "'" || character === '"') return character
  const named = short.get(character)
  if (named !== undefined) return named
  const code = character.codePointAt(0) ?? 0
  const [mark, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8]
  return `\\${mark}${code.toString(16).padStart(digits, "0")}`
}

const short = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"]
])

const bytes = (value: Uint8Array): string => {
  const ascii = quoted(String.fromCharCode(...value.subarray(0, longest)))
  const escapes = ascii.replaceAll(/\P{ASCII}/gu, (character) => `\\x${character.charCodeAt(0).toString(16)}`)
  return `b${escapes}${value.length > longest ? "..." : ""}`
}

/** The same digits as here, but with an exponent from 1e16 up and below 1e-4, of two digits at least. */
const float = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf"
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0"
  const size = Math.abs(value)
  if (size < 1e16 && size >= 1e-4) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [mantissa = "", power = ""] = value.toExponential().split("e")
  return `${mantissa}e${power.slice(0, 1)}${power.slice(1).padStart(2, "0")}`
}

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}...` : text)
