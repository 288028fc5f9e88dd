/**
 * `boolean`: one INT, and all but zero is true.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import { INT, setOf } from "../wire/TokenType.ts"
import { IndexWord } from "../wire/IndexWord.ts"

const notAnInt = () => fail("BooleanUnslicer only accepts an INT token")
const anInt = Constraint.only(setOf(INT), notAnInt)
const noMore = Constraint.none((type) => (type === INT ? fail("BooleanUnslicer only accepts one token") : notAnInt()))

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (value: boolean, out: Slicing): void => out.sequenceOfInteger(IndexWord.boolean, value ? 1 : 0)

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class BooleanUnslicer extends Unslicer {
  private readonly scope: Scope
  private value: boolean | null = null

  constructor(scope: Scope) {
    super()
    this.scope = scope
  }

  /** The same one for the next sequence. */
  begin(): this {
    this.scope.expected = anInt
    this.value = null
    return this
  }

  receive(child: unknown): void {
    this.value = child !== 0
    this.scope.expected = noMore
  }

  /** Without a token in it, it is None to Foolscap. */
  close(): boolean | null {
    return this.value
  }

  describe(): string {
    return "<bool>"
  }
}
