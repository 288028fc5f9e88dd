/**
 * Where in a value a Schema found something wrong.
 *
 * @since 0.1.0
 */
import * as SchemaIssue from "effect/SchemaIssue"
import { Dict } from "../value/Dict.ts"
import { ImmutableSet } from "../value/ImmutableSet.ts"
import { MutableSet } from "../value/MutableSet.ts"
import { strOf } from "../value/PythonText.ts"
import { Tuple } from "../value/Tuple.ts"
import type { Value } from "../value/Value.ts"

/**
 * What a Schema has against a value, and the steps that lead there from the whole of it: `.[1].{}[name]`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  readonly place: string
  readonly reason: string
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/**
 * The first thing that an issue tells of.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (issue: SchemaIssue.Issue, whole: Value): Finding => {
  const [first] = format(issue).issues
  const path = (first?.path ?? []).map((step) => (typeof step === "object" ? step.key : step))
  return { place: placeOf(path, whole), reason: (first?.message ?? "refused").replaceAll("\n", " ") }
}

/** The path is one through what the Schema makes of the value. It is followed for as long as the value goes the same way. */
const placeOf = (path: ReadonlyArray<PropertyKey>, whole: Value): string => {
  const [step, ...rest] = path
  if (typeof step === "number" && (Array.isArray(whole) || whole instanceof Tuple)) {
    const item: Value | undefined = (whole instanceof Tuple ? whole.items : whole)[step]
    return `.[${step}]${further(rest, item)}`
  }
  if (typeof step === "string" && whole instanceof Dict) {
    const [index, side, ...inside] = rest
    if (step !== "entries" || whole.has(step) || typeof index !== "number") {
      return `.{}[${strOf(step)}]${further(rest, whole.get(step))}`
    }
    const [key, value] = Array.from(whole)[index] ?? []
    return side === 0 ? `.{}${further(inside, key)}` : `.{}[${strOf(key)}]${further(inside, value)}`
  }
  if (step === "values" && (whole instanceof MutableSet || whole instanceof ImmutableSet)) {
    const [index, ...inside] = rest
    return `.{${String(index)}}${further(inside, Array.from(whole)[Number(index)])}`
  }
  return ""
}

const further = (path: ReadonlyArray<PropertyKey>, value: Value | undefined): string =>
  value === undefined ? "" : placeOf(path, value)
