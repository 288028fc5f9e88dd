/**
 * Python's tuple.
 *
 * @since 0.1.0
 */
import { Compound } from "./Key.ts"
import { show, showAll } from "./Shown.ts"

/**
 * A sequence that is not a list: where Python sent a tuple, an array would go back as a list.
 *
 * Two tuples with the same items are the same key of a `Dict`.
 *
 * @category models
 * @since 0.1.0
 */
export class Tuple<out Item> extends Compound implements Iterable<Item> {
  readonly items: ReadonlyArray<Item>

  /** `complete` is false while a decoder still adds to `items`; until it is done the tuple is no key. */
  constructor(items: ReadonlyArray<Item>, complete = true) {
    super(complete)
    this.items = items
  }

  static readonly of = <Items extends ReadonlyArray<unknown>>(...items: Items): Tuple<Items[number]> => new Tuple(items)

  get length(): number {
    return this.items.length
  }

  protected get kind(): "t" {
    return "t"
  }

  protected get members(): Iterable<unknown> {
    return this.items
  }

  toString(): string {
    return `(${showAll(this.items, show)}${this.length === 1 ? "," : ""})`
  }

  [Symbol.iterator](): IterableIterator<Item> {
    return this.items[Symbol.iterator]()
  }
}
