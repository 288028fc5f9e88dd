/**
 * What a decoder is to deliver: how it takes the tokens, and what it makes of a value that is complete.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Schema from "effect/Schema"
import * as SchemaParser from "effect/SchemaParser"
import type { Constraint } from "../Constraint.ts"
import type { Limits } from "../Limits.ts"
import { type Received, Violated } from "../Received.ts"
import type { Value } from "../value/Value.ts"
import { compile } from "./Compiler.ts"
import * as Finding from "./Finding.ts"
import { converter } from "./Numbers.ts"
import * as Sharing from "./Sharing.ts"

/**
 * What is expected at the top level.
 *
 * @category models
 * @since 0.1.0
 */
export interface Expectation<out A> {
  readonly constraint: Constraint
  /**
   * What a value that has come whole is, or what is wrong with it; `where` is the place of the whole. `isShared`: it has
   * references in it. Throws `Refused` if it is too large because of them.
   */
  readonly finish: (value: Value, where: string, isShared: boolean) => Received<A>
}

/**
 * The value as it is, of tokens that the constraint takes.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromConstraint = (constraint: Constraint): Expectation<Value> => ({
  constraint,
  finish: (value) => ({ _tag: "Delivered", value })
})

/**
 * What the Schema takes, as its Type. Throws `UnsupportedSchema`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSchema = <A>(schema: Schema.ConstraintCodec<A, Value>, limits: Limits): Expectation<A> => {
  const constraint = compile(schema.ast, limits.body)
  const convert = converter(schema)
  const decode = SchemaParser.decodeUnknownExit(schema)
  const read = (value: Value, where: string, isShared: boolean): Received<A> => {
    if (isShared) Sharing.check(value, constraint, limits)
    const exit = decode(convert(value))
    if (Exit.isSuccess(exit)) return { _tag: "Delivered", value: exit.value }
    const error = Cause.findErrorOption(exit.cause)
    if (Option.isNone(error)) throw Cause.squash(exit.cause)
    const { place, reason } = Finding.of(error.value, value)
    return new Violated(where + place, reason)
  }
  return {
    constraint,
    finish: (value, where, isShared) => {
      try {
        return read(value, where, isShared)
      } catch (cause) {
        if (isStackOverflow(cause)) return new Violated(where, "nested too deep for its Schema")
        throw cause
      }
    }
  }
}

/**
 * A Schema that calls itself for each sequence inside another needs more of the stack than the limit of depth promises, and so does
 * what tells of its refusal.
 */
const isStackOverflow = (defect: unknown): boolean =>
  defect instanceof RangeError && defect.message.includes("call stack")
