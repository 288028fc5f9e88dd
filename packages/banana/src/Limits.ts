/**
 * How much a peer may send before it has to stop (B23).
 *
 * @since 0.1.0
 */

/**
 * The limits of a decoder. What exceeds one is a `Violation`: the top-level object it is in is dropped, and what is left of it
 * is skipped without being stored.
 *
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  /** Bytes of one STRING, LONGINT or LONGNEG, where no constraint says otherwise. */
  readonly body: number
  /** Sequences open at the same time. More than 1000 can be received, but not be sent back. */
  readonly depth: number
  /**
   * Bytes that one top-level object takes in memory: the bodies of its tokens, and for each token what `token`, `string` and
   * `sequence` say, which is about what a value costs here.
   */
  readonly size: number
  /** `reference` sequences in one top-level object. */
  readonly references: number
}

/**
 * Foolscap's 1000 bytes for a body; the others have no limit there.
 *
 * @category constants
 * @since 0.1.0
 */
export const defaults: Limits = { body: 1000, depth: 1000, size: 67_108_864, references: 100_000 }

/**
 * The defaults, but for these. Throws a `RangeError` on a limit that is no number from 0; `Infinity` is one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (some: Partial<Limits> | undefined): Limits => {
  const limits = { ...defaults }
  for (const name of ["body", "depth", "size", "references"] as const) {
    const limit = some?.[name] ?? defaults[name]
    if (!(limit >= 0)) throw new RangeError(`limits.${name} is ${limit}, where a number from 0 is needed`)
    limits[name] = limit
  }
  return limits
}

/**
 * What each token counts, in bytes.
 *
 * @category constants
 * @since 0.1.0
 */
export const token = 8

/**
 * What a byte string or a long integer counts beside that and its bytes.
 *
 * @category constants
 * @since 0.1.0
 */
export const string = 200

/**
 * What a FLOAT counts beside that.
 *
 * @category constants
 * @since 0.1.0
 */
export const number = 32

/**
 * What an INT or NEG beyond -2^31 to 2^31 - 1 counts beside that: the engine keeps it apart.
 *
 * @category constants
 * @since 0.1.0
 */
export const boxed = 16

/**
 * What an INT or NEG beyond the safe integers counts beside that: 64 digits are 56 bytes.
 *
 * @category constants
 * @since 0.1.0
 */
export const bigint = 80

/**
 * What an entry of a dict or a member of a set counts beside its parts, and what it is found by.
 *
 * @category constants
 * @since 0.1.0
 */
export const entry = 96

/**
 * What a sequence counts beside its children.
 *
 * @category constants
 * @since 0.1.0
 */
export const sequence = 256
