/**
 * What can be a value at all.
 *
 * @since 0.1.0
 */
import { Decimal } from "../value/Decimal.ts"
import { Dict } from "../value/Dict.ts"
import { Float } from "../value/Float.ts"
import { ImmutableSet } from "../value/ImmutableSet.ts"
import { MutableSet } from "../value/MutableSet.ts"
import { Tuple } from "../value/Tuple.ts"
import type { Value } from "../value/Value.ts"

const classes = [Uint8Array, Float, Decimal, Tuple, Dict, MutableSet, ImmutableSet]

/**
 * Looks at the value alone and not at what is in it, which may hold itself.
 *
 * @category guards
 * @since 0.1.0
 */
export const isValue = (input: unknown): input is Value => {
  switch (typeof input) {
    case "boolean":
    case "number":
    case "bigint":
    case "string":
      return true
    default:
      return input === null || Array.isArray(input) || classes.some((each) => input instanceof each)
  }
}
