/**
 * The Schema of every value.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Constraint from "../Constraint.ts"
import { Decimal } from "../value/Decimal.ts"
import { Dict } from "../value/Dict.ts"
import { Float } from "../value/Float.ts"
import { ImmutableSet } from "../value/ImmutableSet.ts"
import { MutableSet } from "../value/MutableSet.ts"
import { Tuple } from "../value/Tuple.ts"
import type { Value } from "../value/Value.ts"
import * as Form from "./Form.ts"

const classes = [Uint8Array, Float, Decimal, Tuple, Dict, MutableSet, ImmutableSet]

/** Looks at the value alone and not at what is in it, which may hold itself. */
const isValue = (input: unknown): input is Value => {
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

/**
 * Any value, as it is: also one that holds itself.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Any: Schema.Codec<Value> = Schema.declare(isValue, {
  ...Form.annotate({ name: "Any", tokens: Constraint.any.tokens }),
  expected: "a value of Banana"
})
