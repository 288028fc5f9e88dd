/**
 * Bytes into values.
 *
 * ```text
 *   push(chunk) ──▶ TokenDecoder ──▶ the unslicer on top of the stack ──▶ Received
 * ```
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import * as Constraint from "./Constraint.ts"
import * as Limits from "./Limits.ts"
import type { Received } from "./Received.ts"
import { ReceiveStack } from "./ReceiveStack.ts"
import * as Expectation from "./schema/Expectation.ts"
import type { Value } from "./value/Value.ts"
import { TokenDecoder } from "./wire/TokenDecoder.ts"
import type { Vocabulary } from "./wire/Vocabulary.ts"

/**
 * Decodes one direction of one link. Any bytes in any chunks give the same `Received`; nothing that a peer sends makes it
 * throw, unless a Schema of the program's own throws on it or is not synchronous.
 *
 * @category models
 * @since 0.1.0
 */
export class BananaDecoder<A = Value> {
  private readonly stack: ReceiveStack<A>
  private readonly tokens: TokenDecoder

  /**
   * `schema` is what top-level objects must be, and become; `constraint` is what they must be where they stay values. Throws
   * `UnsupportedSchema` for a Schema that says nothing about the wire, and a `RangeError` for a limit that is no number from 0.
   */
  constructor(options: {
    readonly vocabulary: Vocabulary
    readonly limits?: Partial<Limits.Limits>
    readonly constraint?: Constraint.Constraint
    readonly schema?: Schema.ConstraintCodec<A, Value>
  }) {
    const limits = Limits.make(options.limits)
    const expectation: Expectation.Expectation<unknown> =
      options.schema === undefined
        ? Expectation.fromConstraint(options.constraint ?? Constraint.any)
        : Expectation.fromSchema(options.schema, limits)
    // Without a schema, A is Value.
    this.stack = new ReceiveStack(limits, options.vocabulary, expectation as Expectation.Expectation<A>)
    this.tokens = new TokenDecoder(this.stack)
  }

  /** Whether the bytes so far end between two top-level objects: an end of the stream there loses nothing. */
  get atBorder(): boolean {
    return this.tokens.atBorder && this.stack.atBorder
  }

  /** What is complete with these bytes. Keeps no part of `chunk`. */
  push(chunk: Uint8Array): ReadonlyArray<Received<A>> {
    const { stack } = this
    if (!stack.ended) {
      try {
        this.tokens.push(chunk)
      } catch (cause) {
        stack.stop(cause)
      }
    }
    return stack.take()
  }
}
