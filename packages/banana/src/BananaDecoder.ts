/**
 * Bytes into values.
 *
 * ```text
 *   push(chunk) ──▶ TokenDecoder ──▶ the unslicer on top of the stack ──▶ Received
 * ```
 *
 * @since 0.1.0
 */
import * as Constraint from "./Constraint.ts"
import * as Limits from "./Limits.ts"
import type { Received } from "./Received.ts"
import { ReceiveStack } from "./ReceiveStack.ts"
import { TokenDecoder } from "./wire/TokenDecoder.ts"
import type { Vocabulary } from "./wire/Vocabulary.ts"

/**
 * Decodes one direction of one link. Any bytes in any chunks give the same `Received`; nothing throws.
 *
 * @category models
 * @since 0.1.0
 */
export class BananaDecoder {
  private readonly stack: ReceiveStack
  private readonly tokens: TokenDecoder

  /** `constraint` is what top-level objects must be. */
  constructor(options: {
    readonly vocabulary: Vocabulary
    readonly limits?: Partial<Limits.Limits>
    readonly constraint?: Constraint.Constraint
  }) {
    this.stack = new ReceiveStack(
      { ...Limits.defaults, ...options.limits },
      options.vocabulary,
      options.constraint ?? Constraint.any
    )
    this.tokens = new TokenDecoder(this.stack)
  }

  /** Whether the bytes so far end between two top-level objects: an end of the stream there loses nothing. */
  get atBorder(): boolean {
    return this.tokens.atBorder && this.stack.atBorder
  }

  /** What is complete with these bytes. Keeps no part of `chunk`. */
  push(chunk: Uint8Array): ReadonlyArray<Received> {
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
