/**
 * Python's set.
 *
 * @since 0.1.0
 */
import * as Key from "./Key.ts"

/**
 * A set whose members are compared by value, as the keys of a `Dict`.
 *
 * @category models
 * @since 0.1.0
 */
export class MutableSet<in out A> implements Iterable<A> {
  private readonly byKey = new Map<Key.Key, A>()

  /** Throws on a member that `add` throws on. */
  static readonly from = <A>(members: Iterable<A>): MutableSet<A> => {
    const set = new MutableSet<A>()
    for (const member of members) set.add(member)
    return set
  }

  get size(): number {
    return this.byKey.size
  }

  has(member: A): boolean {
    const id = Key.of(member)
    return id !== undefined && this.byKey.has(id)
  }

  /** Throws a `TypeError` on what Python could not hash: a list, a dict, a set, or what holds one. */
  add(member: A): this {
    const id = Key.of(member)
    if (id === undefined) throw new TypeError("a list, dict or set cannot be a member of a set")
    if (!this.byKey.has(id)) this.byKey.set(id, member)
    return this
  }

  delete(member: A): boolean {
    const id = Key.of(member)
    return id !== undefined && this.byKey.delete(id)
  }

  [Symbol.iterator](): IterableIterator<A> {
    return this.byKey.values()
  }
}
