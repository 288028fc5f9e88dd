/**
 * How values look to whoever prints them: as in Python.
 *
 * @since 0.1.0
 */
import * as Inspectable from "effect/Inspectable"
import { bytes, cut, float, quoted } from "./PythonLiteral.ts"

/** Deeper ones are left out, and with them those that hold themselves. */
const deepest = 8
let depth = 0

/** How many items of one value are shown, and how many in all: what is held many times over would never come to an end. */
const most = 100
const mostInAll = 1000
let left = mostInAll

/**
 * A value that prints as Python would print it: `(1, 'a')`, `{'name': b'Ada'}`, `2.0`. Cut where it is long or deep.
 *
 * @category models
 * @since 0.1.0
 */
export abstract class Shown {
  abstract toString(): string

  [Inspectable.NodeInspectSymbol](): string {
    return this.toString()
  }
}

/**
 * Any value as it looks inside of another one.
 *
 * @category formatting
 * @since 0.1.0
 */
export const show = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return quoted(cut(value))
    case "bigint":
      return cut(value.toString())
    case "boolean":
      return value ? "True" : "False"
    case "number":
      return Number.isInteger(value) && !Object.is(value, -0) ? String(value) : float(value)
    case "object":
      if (value === null) return "None"
      if (value instanceof Uint8Array) return bytes(value)
      if (Array.isArray(value)) return `[${showAll(value, show)}]`
      return value instanceof Shown ? value.toString() : "{...}"
    default:
      return value instanceof Shown ? value.toString() : "{...}"
  }
}

/**
 * Each of these, with commas between.
 *
 * @category formatting
 * @since 0.1.0
 */
export const showAll = <A>(values: Iterable<A>, one: (value: A) => string): string => {
  if (depth === 0) left = mostInAll
  if (depth === deepest) return "..."
  depth++
  try {
    const parts: Array<string> = []
    for (const value of values) {
      if (parts.length === most || left-- <= 0) {
        parts.push("...")
        break
      }
      parts.push(one(value))
    }
    return parts.join(", ")
  } finally {
    depth--
  }
}
