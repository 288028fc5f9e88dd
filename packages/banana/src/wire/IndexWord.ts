/**
 * The words behind an OPEN that are sent (B6), as numbers, by which the encoder finds their tokens in an array.
 *
 * @since 0.1.0
 */

/**
 * Which word: its place in `texts`.
 *
 * @category models
 * @since 0.1.0
 */
export type IndexWord = (typeof IndexWord)[keyof typeof IndexWord]

/**
 * The words.
 *
 * @category constants
 * @since 0.1.0
 */
export const IndexWord = {
  none: 0,
  boolean: 1,
  reference: 2,
  dict: 3,
  list: 4,
  tuple: 5,
  set: 6,
  immutableSet: 7,
  unicode: 8,
  decimal: 9
} as const

/**
 * The words themselves, each in its place.
 *
 * @category constants
 * @since 0.1.0
 */
export const texts = [
  "none",
  "boolean",
  "reference",
  "dict",
  "list",
  "tuple",
  "set",
  "immutable-set",
  "unicode",
  "decimal"
] as const
