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
import { bytes, cut, float, quoted } from "./PythonLiteral.ts"
import { Tuple } from "./Tuple.ts"

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
