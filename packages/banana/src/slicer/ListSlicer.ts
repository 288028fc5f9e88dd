/**
 * `list`: the items.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { refuse } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import type { Value } from "../value/Value.ts"

const full = Constraint.none(() => refuse("the list is full"))

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (list: ReadonlyArray<Value>, out: Slicing): void => {
  if (out.isKnown(list)) return
  const number = out.open("list")
  for (let at = 0; at < list.length; at++) out.value(list[at] as Value) // below its length
  out.close(number)
}

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class ListUnslicer extends Unslicer {
  private readonly items: Array<unknown> = []
  /** How many more; below zero for any number. */
  private room: number

  constructor(scope: Scope, shape: Constraint.Shape) {
    super(shape.maxLength === 0 ? full : (shape.item ?? Constraint.any))
    this.room = shape.maxLength ?? -1
    scope.register(this.items)
  }

  receive(child: unknown): void {
    this.items.push(child)
    if (this.room > 0 && --this.room === 0) this.expected = full
  }

  close(): ReadonlyArray<unknown> {
    return this.items
  }

  describe(): string {
    return `[${this.items.length}]`
  }
}
