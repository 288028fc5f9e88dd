/**
 * Limits of length, in Foolscap's words.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

/**
 * Most and fewest.
 *
 * @category models
 * @since 0.1.0
 */
export interface Bounds {
  readonly maxLength?: number
  readonly minLength?: number
}

/** `like` is Effect's check of the same, which says to others what ours does. */
const bound =
  <A>(
    lengthOf: (value: A) => number,
    holds: (length: number, bound: number) => boolean,
    like: (bound: number) => { readonly annotations: Schema.Annotations.Filter | undefined },
    say: (length: number, bound: number) => string
  ) =>
  (limit: number | undefined): ReadonlyArray<SchemaAST.Filter<A>> => {
    if (limit === undefined) return []
    const check = (value: A) => {
      const length = lengthOf(value)
      return holds(length, limit) || say(length, limit)
    }
    return [Schema.makeFilter(check, like(limit).annotations)]
  }

const isAtMost = (length: number, max: number): boolean => length <= max
const isAtLeast = (length: number, min: number): boolean => length >= min
const tooLong = (length: number, max: number): string => `string too long (${length} > ${max})`
const tooShort = (length: number, min: number): string => `string too short (${length} < ${min})`

const lengthOf = ({ length }: { readonly length: number }): number => length
const sizeOf = ({ size }: { readonly size: number }): number => size

/** Python's `len` of a text. */
const codePoints = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}

const maxBytes = bound(lengthOf, isAtMost, Schema.isMaxLength, tooLong)
const minBytes = bound(lengthOf, isAtLeast, Schema.isMinLength, tooShort)
const maxCodePoints = bound(codePoints, isAtMost, Schema.isMaxCodePoints, tooLong)
const minCodePoints = bound(codePoints, isAtLeast, Schema.isMinCodePoints, tooShort)
const maxItems = bound(lengthOf, isAtMost, Schema.isMaxLength, () => "list too long")
const minItems = bound(lengthOf, isAtLeast, Schema.isMinLength, () => "list too short")

/**
 * So many bytes.
 *
 * @category checks
 * @since 0.1.0
 */
export const bytes = ({ maxLength, minLength }: Bounds) => [...maxBytes(maxLength), ...minBytes(minLength)]

/**
 * So many code points, which is what Python counts.
 *
 * @category checks
 * @since 0.1.0
 */
export const text = ({ maxLength, minLength }: Bounds) => [...maxCodePoints(maxLength), ...minCodePoints(minLength)]

/**
 * So many items of a list.
 *
 * @category checks
 * @since 0.1.0
 */
export const items = ({ maxLength, minLength }: Bounds) => [...maxItems(maxLength), ...minItems(minLength)]

/**
 * So many members of a set.
 *
 * @category checks
 * @since 0.1.0
 */
export const members = bound(sizeOf, isAtMost, Schema.isMaxSize, () => "set is too large")

/**
 * So many keys of a dict.
 *
 * @category checks
 * @since 0.1.0
 */
export const keys = bound(sizeOf, isAtMost, Schema.isMaxSize, (size, max) => `Dict keys=${size} > maxKeys=${max}`)

/**
 * The schema, with all of these checks.
 *
 * @category combinators
 * @since 0.1.0
 */
export const checked = <A, E>(
  schema: Schema.Codec<A, E>,
  checks: ReadonlyArray<SchemaAST.Filter<A>>
): Schema.Codec<A, E> => checks.reduce((each, check) => each.check(check), schema)
