/**
 * `tuple`: the items.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import { refuse, within } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import { Compound } from "../value/Key.ts"
import { Tuple } from "../value/Tuple.ts"
import type { Value } from "../value/Value.ts"
import { IndexWord } from "../wire/IndexWord.ts"

const full = Constraint.none(() => refuse("the tuple is full"))

/** Python has one empty tuple, so that the second one in an object is a reference to the first. */
const empty = {}

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (tuple: Tuple<Value>, out: Slicing): void => {
  if (out.isKnown(tuple.length === 0 ? empty : tuple)) return
  const number = out.open(IndexWord.tuple)
  const { items } = tuple
  let at = 0
  try {
    for (; at < items.length; at++) out.value(items[at] as Value) // below its length
  } catch (cause) {
    throw within(() => `[${at}]`, cause)
  }
  out.close(number)
}

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class TupleUnslicer extends Unslicer {
  private readonly items: Array<unknown> = []
  private readonly tuple = new Tuple(this.items, false)
  private readonly scope: Scope
  private readonly shape: Constraint.Shape
  /** Items that are tuples around this one, or wait for such. */
  private incomplete: Array<Compound> = []

  constructor(scope: Scope, shape: Constraint.Shape) {
    super()
    this.scope = scope
    this.shape = shape
    this.expect()
    scope.register(this.tuple)
    scope.incomplete++
  }

  private expect(): void {
    const { item, items, maxLength = Infinity } = this.shape
    const next = items === undefined && this.items.length < maxLength ? (item ?? Constraint.any) : undefined
    this.scope.expected = next ?? items?.[this.items.length] ?? full
  }

  receive(child: unknown): void {
    this.items.push(child)
    if (child instanceof Compound && !Compound.isComplete(child)) this.incomplete.push(child)
    this.expect()
  }

  close(): Tuple<unknown> {
    if (this.shape.items !== undefined && this.items.length < this.shape.items.length) refuse("wrong size tuple")
    this.scope.incomplete -= Compound.closed(this.tuple, this.incomplete)
    return this.tuple
  }

  describe(): string {
    return `[${this.items.length}]`
  }
}
