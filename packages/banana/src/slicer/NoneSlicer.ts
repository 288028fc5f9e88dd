/**
 * `none`: Python's None.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { fail } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import { IndexWord } from "../wire/IndexWord.ts"

const nothing = Constraint.none(() => fail("NoneUnslicer does not accept any tokens"))

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (out: Slicing): void => out.close(out.open(IndexWord.none))

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class NoneUnslicer extends Unslicer {
  private readonly scope: Scope

  constructor(scope: Scope) {
    super()
    this.scope = scope
  }

  /** The same one for the next sequence. */
  begin(): this {
    this.scope.expected = nothing
    return this
  }

  receive(): void {}

  close(): null {
    return null
  }

  describe(): string {
    return "??"
  }
}
