/**
 * `reference`: an object that came before in the same top-level object, or in which this one is.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import type { Header } from "../wire/TokenDecoder.ts"
import { INT, setOf } from "../wire/TokenType.ts"
import { IndexWord } from "../wire/IndexWord.ts"

const anInt = Constraint.only(setOf(INT), () => fail("ReferenceUnslicer only accepts INTs"))

/**
 * `count` is the number of the object's OPEN.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (count: number, out: Slicing): void => out.sequenceOfInteger(IndexWord.reference, count)

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class ReferenceUnslicer extends Unslicer {
  private readonly scope: Scope
  private object: unknown = undefined

  constructor(scope: Scope) {
    super()
    this.scope = scope
  }

  /** The same one for the next sequence. */
  begin(): this {
    this.scope.expected = anInt
    this.object = undefined
    return this
  }

  /** Keeps nothing of the last sequence, whose object may be large. */
  forget(): void {
    this.object = undefined
  }

  receive(child: unknown): void {
    if (this.object !== undefined) fail("ReferenceUnslicer only accepts one int")
    const count = child as Header // an INT, which is all that is expected
    this.object = this.scope.find(count) ?? fail(`dangling reference '${count}'`)
  }

  close(): unknown {
    return this.object ?? fail("a reference to nothing")
  }

  describe(): string {
    return "??"
  }
}
