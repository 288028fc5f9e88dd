/**
 * Python's frozenset.
 *
 * @since 0.1.0
 */
import { Compound } from "./Key.ts"
import { MutableSet } from "./MutableSet.ts"
import { show, showAll } from "./Shown.ts"

/**
 * A set that does not change, and so can be a key of a `Dict` or a member of another set. Members are compared by value, as the
 * keys of a `Dict`.
 *
 * @category models
 * @since 0.1.0
 */
export class ImmutableSet<A> extends Compound implements Iterable<A> {
  private readonly set: MutableSet<A>

  /** `complete` is false while a decoder still adds to `set`; until it is done this set is no key. */
  constructor(set: MutableSet<A>, complete = true) {
    super(complete)
    this.set = set
  }

  /** Throws a `TypeError` on what cannot be a member, as `MutableSet.add` does. */
  static readonly from = <A>(members: Iterable<A>): ImmutableSet<A> => new ImmutableSet(MutableSet.from(members))

  get size(): number {
    return this.set.size
  }

  has(member: A): boolean {
    return this.set.has(member)
  }

  protected get kind(): "f" {
    return "f"
  }

  protected get members(): Iterable<unknown> {
    return this.set
  }

  toString(): string {
    return this.size === 0 ? "frozenset()" : `frozenset({${showAll(this, show)}})`
  }

  [Symbol.iterator](): IterableIterator<A> {
    return this.set[Symbol.iterator]()
  }
}
