/**
 * `set`: the members, of which equal ones are one.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import * as Limits from "../Limits.ts"
import { fail, refuse, within } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import * as Key from "../value/Key.ts"
import { MutableSet } from "../value/MutableSet.ts"
import { strOf } from "../value/PythonText.ts"
import type { Value } from "../value/Value.ts"
import { IndexWord } from "../wire/IndexWord.ts"

const full = Constraint.none(() => refuse("the set is full"))

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (set: MutableSet<Value>, out: Slicing): void => {
  if (out.isKnown(set)) return
  const number = out.open(IndexWord.set)
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
 * Fills a set, from which `close` makes the value.
 *
 * @category unslicing
 * @since 0.1.0
 */
export abstract class MembersUnslicer extends Unslicer {
  protected readonly set = new MutableSet<unknown>()
  protected readonly scope: Scope
  private readonly maxLength: number

  constructor(scope: Scope, shape: Constraint.Shape) {
    super()
    this.scope = scope
    scope.expected = shape.maxLength === 0 ? full : (shape.item ?? Constraint.any)
    this.maxLength = shape.maxLength ?? Infinity
  }

  receive(child: unknown): void {
    const before = Key.innerLength()
    const id = Key.of(child) ?? fail(`unhashable member '${strOf(child)}' of a set`)
    this.scope.charge(Limits.entry + id.length + Key.innerLength() - before)
    MutableSet.addId(this.set, id, child)
    if (this.set.size >= this.maxLength) this.scope.expected = full
  }

  describe(): string {
    return `{${this.set.size}}`
  }
}

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class SetUnslicer extends MembersUnslicer {
  constructor(scope: Scope, shape: Constraint.Shape) {
    super(scope, shape)
    scope.register(this.set)
  }

  close(): MutableSet<unknown> {
    return this.set
  }
}
