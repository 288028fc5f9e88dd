/**
 * Python's set.
 *
 * @since 0.1.0
 */
import * as Key from "./Key.ts"
import { show, showAll, Shown } from "./Shown.ts"

/**
 * A set whose members are compared by value, as the keys of a `Dict`.
 *
 * @category models
 * @since 0.1.0
 */
export class MutableSet<A> extends Shown implements Iterable<A> {
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

  /** Throws a `TypeError` on what cannot be a member (`Key.of`): a list, a dict, a set, what holds one, or what is too long. */
  add(member: A): this {
    const id = Key.of(member)
    if (id === undefined) throw new TypeError("this value cannot be the member of a set")
    MutableSet.addId(this, id, member)
    return this
  }

  /** Adds a member, unless it is there, of which it is known what stands for it. */
  static readonly addId = <A>(set: MutableSet<A>, id: Key.Key, member: A): void => {
    if (!set.byKey.has(id)) set.byKey.set(id, member)
  }

  delete(member: A): boolean {
    const id = Key.of(member)
    return id !== undefined && this.byKey.delete(id)
  }

  toString(): string {
    return this.size === 0 ? "set()" : `{${showAll(this, show)}}`
  }

  [Symbol.iterator](): IterableIterator<A> {
    return this.byKey.values()
  }
}
