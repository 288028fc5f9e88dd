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
  /** Under a text that stands for itself the value alone, under any other key the entry. */
  private readonly byKey = new Map<Key.Key, V | readonly [K, V]>()

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
    const found = id === undefined ? undefined : this.byKey.get(id)
    return id === undefined || found === undefined ? undefined : entryOf(id, found)[1]
  }

  /** Throws a `TypeError` on what cannot be a key (`Key.of`): a list, a dict, a set, what holds one, or what is too long. */
  set(key: K, value: V): this {
    const id = Key.of(key)
    if (id === undefined) throw new TypeError("this value cannot be the key of a dict")
    const found = this.byKey.get(id)
    Dict.add(this, id, found === undefined ? key : entryOf(id, found)[0], value)
    return this
  }

  /** Sets the value of a key of which it is known what stands for it. */
  static readonly add = <K, V>(dict: Dict<K, V>, id: Key.Key, key: K, value: V): void => {
    dict.byKey.set(id, isItself(id) ? value : [key, value])
  }

  /** Whether there is a key for which this stands. */
  static readonly hasId = (dict: Dict<unknown, unknown>, id: Key.Key): boolean => dict.byKey.has(id)

  /** Key, value, key, value, as a list of its own. */
  static readonly partsOf = <K, V>(dict: Dict<K, V>): ReadonlyArray<K | V> => {
    // Not by an iterator, nor by `entryOf`: the engine would make an object for each entry.
    const parts: Array<K | V> = []
    dict.byKey.forEach((found, id) => {
      if (isItself(id)) parts.push(id as Key.Key & K, found as V) // as `add` has put it there
      else {
        const [key, value] = found as readonly [K, V] // likewise
        parts.push(key, value)
      }
    })
    return parts
  }

  delete(key: K): boolean {
    const id = Key.of(key)
    return id !== undefined && this.byKey.delete(id)
  }

  *keys(): IterableIterator<K> {
    for (const [key] of this) yield key
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this) yield value
  }

  toString(): string {
    return `{${showAll(this, ([key, value]) => `${show(key)}: ${show(value)}`)}}`
  }

  *[Symbol.iterator](): IterableIterator<readonly [K, V]> {
    for (const [id, found] of this.byKey) {
      yield entryOf(id, found)
    }
  }
}

/** Every key but such a text has a NUL before what stands for it. */
const isItself = (id: Key.Key): boolean => id.charCodeAt(0) !== 0

const entryOf = <K, V>(id: Key.Key, found: V | readonly [K, V]): readonly [K, V] =>
  isItself(id) ? [id as Key.Key & K, found as V] : (found as readonly [K, V]) // as `add` has put it there
