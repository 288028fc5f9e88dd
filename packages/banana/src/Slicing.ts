/**
 * What a slicer writes to.
 *
 * @since 0.1.0
 */
import type { Value } from "./value/Value.ts"
import type { IndexWord } from "./wire/IndexWord.ts"

/**
 * The tokens of one top-level object, on their way out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Slicing {
  /** Sends a `reference` if this object was sent before in the same top-level object, and notes it for the next OPEN if not. */
  readonly isKnown: (object: object) => boolean
  /** OPEN and the index word; returns the number for `close`. */
  readonly open: (word: IndexWord) => number
  readonly close: (number: number) => void
  readonly value: (value: Value) => void
  /** Sends the items from `from` on as long as they are integers from 0 to below 2^31; returns where others go on. */
  readonly integers: (items: ReadonlyArray<Value>, from: number) => number
  /** OPEN, the index word, an integer, and CLOSE. */
  readonly sequenceOfInteger: (word: IndexWord, value: number) => void
  /** OPEN, the index word, the UTF-8 of a text or a word of the table, and CLOSE. */
  readonly sequenceOfText: (word: IndexWord, text: string) => void
}
