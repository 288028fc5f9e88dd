/**
 * How much a peer may send before it has to stop.
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
  /** Sequences open at the same time. */
  readonly depth: number
  /** Tokens and bytes of bodies of one top-level object, counted together. In memory, a token takes up to some 50 bytes. */
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
export const defaults: Limits = { body: 1000, depth: 1000, size: 16_777_216, references: 100_000 }
