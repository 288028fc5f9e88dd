/**
 * Values the way Python prints them, for messages that a Foolscap peer could have written.
 *
 * @since 0.1.0
 */
import { Decimal } from "./Decimal.ts"
import { Float } from "./Float.ts"
import { Tuple } from "./Tuple.ts"

/** Messages have 1000 bytes in an ERROR token; a key in one does not need them all. */
const longest = 100

/**
 * What Python's `str(value)` gives, for the values that are keys; cut where it is long.
 *
 * @category formatting
 * @since 0.1.0
 */
export const strOf = (value: unknown): string => cut(typeof value === "string" ? value : reprOf(value))

/**
 * What Python's `repr(value)` gives, likewise.
 *
 * @category formatting
 * @since 0.1.0
 */
export const reprOf = (value: unknown): string => {
  if (value === null) return "None"
  switch (typeof value) {
    case "string":
      return quoted(cut(value))
    case "boolean":
      return value ? "True" : "False"
    case "number":
      return Number.isNaN(value) ? "nan" : Object.is(value, -0) ? "-0.0" : String(value).replace("Infinity", "inf")
    case "bigint":
      return cut(value.toString())
    default:
  }
  if (value instanceof Float) return `${value.value}.0`
  if (value instanceof Uint8Array) return `b${quoted(String.fromCharCode(...value.subarray(0, longest)), 0x7f)}`
  if (value instanceof Decimal) return `Decimal('${cut(value.text)}')`
  if (value instanceof Tuple) return `(${value.length === 0 ? "" : "..."})`
  return Array.isArray(value) ? (value.length === 0 ? "[]" : "[...]") : "{...}"
}

/**
 * Text in Python's quotes: single ones, unless it holds some and no double ones.
 *
 * @category formatting
 * @since 0.1.0
 */
export const quoted = (text: string, printable = 0xa1): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  let inside = ""
  for (const character of text) inside += escaped(character, quote, printable)
  return quote + inside + quote
}

const escaped = (character: string, quote: string, printable: number): string => {
  if (character === quote || character === "\\") return `\\${character}`
  if (character === "\n") return "\\n"
  if (character === "\r") return "\\r"
  if (character === "\t") return "\\t"
  const code = character.charCodeAt(0)
  const visible = code >= 0x20 && code < 0x7f
  return !visible && (code < 0xa1 || printable === 0x7f) ? `\\x${code.toString(16).padStart(2, "0")}` : character
}

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}...` : text)
