/**
 * Python's dict.
 *
 * @since 0.1.0
 */
import * as Key from "./Key.ts"
import { show, showAll, Shown } from "./Shown.ts"

/**
 * A map whose keys are compared by value, as Python does: bytes by their bytes, tuples by their items, and `1`, `1.0` and `true`
 * are one key. It keeps the order in which keys came; on the wire they are sorted.
 *
 * @category models
 * @since 0.1.0
 */
export class Dict<K, V> extends Shown implements Iterable<readonly [K, V]> {
  /** The values, by what stands for their keys. */
  private readonly byKey = new Map<Key.Key, V>()
  /** The keys that do not stand for themselves, as text does: most dicts have none. */
  private others: Map<Key.Key, K> | undefined = undefined

  /** A dict of these entries; of two with the same key the last counts. Values of several
   * kinds: `Dict.from<Value, Value>`, or `fromRecord`. Throws on a key that `set` throws on. */
  static readonly from = <K, V>(entries: Iterable<readonly [K, V]>): Dict<K, V> => {
    const dict = new Dict<K, V>()
    for (const [key, value] of entries) dict.set(key, value)
    return dict
  }

  /** A dict with text for keys: the properties of a record. */
  static readonly fromRecord = <V>(record: { readonly [name: string]: V }): Dict<string, V> =>
    Dict.from(Object.entries(record))

  get size(): number {
    return this.byKey.size
  }

  has(key: K): boolean {
    const id = Key.of(key)
    return id !== undefined && this.byKey.has(id)
  }

  get(key: K): V | undefined {
    const id = Key.of(key)
    return id === undefined ? undefined : this.byKey.get(id)
  }

  /** Throws a `TypeError` on what cannot be a key (`Key.of`): a list, a dict, a set, what holds one, or what is too long. */
  set(key: K, value: V): this {
    const id = Key.of(key)
    if (id === undefined) throw new TypeError("this value cannot be the key of a dict")
    Dict.add(this, id, key, value)
    return this
  }

  /** Sets the value of a key of which it is known what stands for it. The first of equal keys stays. */
  static readonly add = <K, V>(dict: Dict<K, V>, id: Key.Key, key: K, value: V): void => {
    if (id !== key && !dict.byKey.has(id)) (dict.others ??= new Map()).set(id, key)
    dict.byKey.set(id, value)
  }

  /** Whether there is a key for which this stands. */
  static readonly hasId = (dict: Dict<unknown, unknown>, id: Key.Key): boolean => dict.byKey.has(id)

  /** Key, value, key, value, as a list of its own. */
  static readonly partsOf = <K, V>(dict: Dict<K, V>): ReadonlyArray<K | V> => {
    // Not by an iterator, for which the engine makes an object for each entry.
    const parts: Array<K | V> = []
    if (dict.others === undefined) dict.byKey.forEach((value, id) => parts.push(id as K & Key.Key, value)) // all stand for themselves
    else dict.byKey.forEach((value, id) => parts.push(dict.keyOf(id), value))
    return parts
  }

  delete(key: K): boolean {
    const id = Key.of(key)
    if (id === undefined) return false
    this.others?.delete(id)
    return this.byKey.delete(id)
  }

  *keys(): IterableIterator<K> {
    for (const id of this.byKey.keys()) yield this.keyOf(id)
  }

  values(): IterableIterator<V> {
    return this.byKey.values()
  }

  toString(): string {
    return `{${showAll(this, ([key, value]) => `${show(key)}: ${show(value)}`)}}`
  }

  *[Symbol.iterator](): IterableIterator<readonly [K, V]> {
    for (const [id, value] of this.byKey) yield [this.keyOf(id), value]
  }

  private keyOf(id: Key.Key): K {
    const { others } = this
    // What is not among the others stands for itself.
    return (others?.has(id) === true ? others.get(id) : id) as K // as `add` has put it there
  }
}
