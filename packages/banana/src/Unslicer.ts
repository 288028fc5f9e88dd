/**
 * What builds one object out of the tokens between its OPEN and its CLOSE.
 *
 * @since 0.1.0
 */
import type * as Constraint from "./Constraint.ts"
import type { Limits } from "./Limits.ts"
import { copyOf } from "./wire/Bytes.ts"
import type { Header } from "./wire/TokenDecoder.ts"
import type { Word } from "./wire/Vocabulary.ts"

/**
 * What unslicers share: the objects of the top-level object that is being built, and what a whole link has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Scope {
  readonly limits: Limits
  /**
   * What may come next in the sequence that was opened last: the one that sets it. Whatever it does not accept is refused before
   * it is stored. It stands here and not in each unslicer, since the engine finds a property fast only in objects of few classes.
   */
  expected: Constraint.Constraint
  /** The table of what comes in, which all links have in common until a peer changes its own. */
  readonly words: ReadonlyMap<Header, Word>
  /** Gives this link a table of its own. */
  readonly setWords: (words: Map<Header, Word>) => void
  /** Adds to the table of this link alone. */
  readonly addWord: (index: Header, word: Word) => void
  /** How many tuples and immutable sets of this top-level object still wait for some of what they are made of. */
  incomplete: number
  /** Counts so many bytes more for this top-level object. */
  readonly charge: (size: number) => void
  /** How many were counted so far. */
  readonly size: number
  /** What has come for the lists that are open, one list behind the other; what is behind `waitingCount` is old. */
  readonly waiting: Array<unknown>
  waitingCount: number
  /**
   * Remembers the object that the newest OPEN begins, so that a `reference` finds it; or the unslicer, whose `early` is asked
   * then. Returns its place for `settle`.
   */
  readonly register: (object: unknown) => number
  /** Puts the object in the place of its unslicer. */
  readonly settle: (place: number, object: unknown) => void
  /** The object of the OPEN with this number, counted by ourselves; `undefined` if there is none in this top-level object. */
  readonly find: (count: Header) => unknown
}

/**
 * One open sequence. It says what it expects when it begins.
 *
 * @category models
 * @since 0.1.0
 */
export abstract class Unslicer {
  /** One child, complete: a simple value, or what a sequence inside has become. */
  abstract receive(child: unknown): void

  /** A STRING or a word, as `TokenSink` has it. */
  receiveString(source: Uint8Array, start: number, end: number, isOwn: boolean): void {
    this.receive(isOwn ? source : copyOf(source, start, end))
  }

  /** What all children together are. */
  abstract close(): unknown

  /** What a `reference` stands for where this unslicer was registered and not its object: that as it is so far. */
  early(): unknown {
    return undefined
  }

  /** The step of a path that leads here: `[2]` in a list that waits for its third item. */
  abstract describe(): string
}
