/**
 * Simple values the way Python writes them.
 *
 * @since 0.1.0
 */

/** How much of a text or of bytes is shown. A message has 1000 bytes in an ERROR token; a value in one does not need them all. */
const longest = 100

/**
 * A text, cut where it is long.
 *
 * @category formatting
 * @since 0.1.0
 */
export const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}...` : text)

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

/**
 * Bytes in Python's quotes, cut where they are long.
 *
 * @category formatting
 * @since 0.1.0
 */
export const bytes = (value: Uint8Array): string => {
  const ascii = quoted(String.fromCharCode(...value.subarray(0, longest)))
  const escapes = ascii.replaceAll(/\P{ASCII}/gu, (character) => `\\x${character.charCodeAt(0).toString(16)}`)
  return `b${escapes}${value.length > longest ? "..." : ""}`
}

/**
 * A float: the same digits as here, but with an exponent from 1e16 up and below 1e-4, of two digits at least.
 *
 * @category formatting
 * @since 0.1.0
 */
export const float = (value: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf"
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0"
  const size = Math.abs(value)
  if (size < 1e16 && size >= 1e-4) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [mantissa = "", power = ""] = value.toExponential().split("e")
  return `${mantissa}e${power.slice(0, 1)}${power.slice(1).padStart(2, "0")}`
}
