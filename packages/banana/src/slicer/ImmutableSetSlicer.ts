/**
 * `immutable-set`: the members of a frozenset, of which equal ones are one.
 *
 * @since 0.1.0
 */
import type * as Constraint from "../Constraint.ts"
import { within } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import type { Scope } from "../Unslicer.ts"
import { ImmutableSet } from "../value/ImmutableSet.ts"
import { Compound } from "../value/Key.ts"
import type { Value } from "../value/Value.ts"
import { MembersUnslicer } from "./SetSlicer.ts"
import { IndexWord } from "../wire/IndexWord.ts"

/**
 * Never sends a reference: Foolscap does not keep track of frozensets.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (set: ImmutableSet<Value>, out: Slicing): void => {
  const number = out.open(IndexWord.immutableSet)
  let at = 0
  try {
    for (const member of set) {
      out.value(member)
      at++
    }
  } catch (cause) {
    throw within(() => `{${at}}`, cause)
  }
  out.close(number)
}

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class ImmutableSetUnslicer extends MembersUnslicer {
  private readonly whole = new ImmutableSet(this.set, false)
  /** What was counted before it, and then what for it. */
  private size: number

  constructor(scope: Scope, shape: Constraint.Shape) {
    super(scope, shape)
    this.size = scope.size
    scope.register(this)
    scope.incomplete++
  }

  /** Counts anew each time: whoever sends it back sends all of it each time. */
  override early(): ImmutableSet<unknown> {
    if (Compound.isComplete(this.whole)) this.scope.charge(this.size)
    return this.whole
  }

  close(): ImmutableSet<unknown> {
    this.size = this.scope.size - this.size
    this.scope.incomplete -= Compound.closed(this.whole, [])
    return this.whole
  }
}
