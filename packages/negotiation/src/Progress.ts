/**
 * How far one negotiation has come: what its service needs to know when a phase fails.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { Phase } from "./NegotiationError.ts"
import type { Side } from "./policy/Master.ts"
import type { Transport } from "./Transport.ts"

/**
 * What the peer expects to hear from us next, which is the form a refusal must have (N23): an HTTP answer, a block, a
 * token of the next protocol; or nothing, where it would be noise.
 *
 * @category models
 * @since 0.1.0
 */
export type Expected = "http" | "block" | "token" | "nothing"

/**
 * A record that the phases keep up to date, one for each negotiation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  readonly side: Side
  phase: Phase
  /** The plain transport, and from the end of PLAINTEXT on the secure one. */
  transport: Transport
  expected: Expected
  /** Who the peer proved to be. */
  peer: TubId | undefined
}

/**
 * The beginning: nothing said, nobody known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (side: Side, transport: Transport): Progress => ({
  side,
  phase: "Plaintext",
  transport,
  expected: "nothing",
  peer: undefined
})
