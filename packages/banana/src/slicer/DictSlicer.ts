/**
 * `dict`: key, value, key, value. Keys are sent in order and taken in any.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import * as Limits from "../Limits.ts"
import { fail, refuse, within } from "../Refusal.ts"
import type { Slicing } from "../Slicing.ts"
import { type Scope, Unslicer } from "../Unslicer.ts"
import { Dict } from "../value/Dict.ts"
import * as Key from "../value/Key.ts"
import * as Order from "../value/Order.ts"
import { strOf } from "../value/PythonText.ts"
import type { Value } from "../value/Value.ts"
import { IndexWord } from "../wire/IndexWord.ts"

const full = Constraint.none(() => refuse("the dict is full"))

/**
 * Sends one.
 *
 * @category slicing
 * @since 0.1.0
 */
export const slice = (dict: Dict<Value, Value>, out: Slicing): void => {
  if (out.isKnown(dict)) return
  const number = out.open(IndexWord.dict)
  // As it is now: what the code of a value does to the dict comes too late.
  const parts = Dict.partsOf(dict)
  const ordered = areInOrder(parts) ? parts : sorted(dict)
  let at = 0
  try {
    for (; at < ordered.length; at++) out.value(ordered[at] as Value) // below its length
  } catch (cause) {
    throw within(() => (at % 2 === 0 ? "{}" : `{}[${strOf(ordered[at - 1])}]`), cause)
  }
  out.close(number)
}

/** Most dicts come in the order of their keys: records are written that way, and so is what Foolscap sends. */
const areInOrder = (parts: ReadonlyArray<Value>): boolean => {
  for (let key = 2; key < parts.length; key += 2) {
    if (Order.compare(parts[key - 2], parts[key]) > 0) return false
  }
  return true
}

const sorted = (dict: Dict<Value, Value>): ReadonlyArray<Value> => {
  const entries = [...dict].sort(([a], [b]) => Order.compare(a, b))
  return entries.flatMap(([key, value]) => [key, value])
}

/**
 * Receives one.
 *
 * @category unslicing
 * @since 0.1.0
 */
export class DictUnslicer extends Unslicer {
  private readonly dict = new Dict<unknown, unknown>()
  private readonly scope: Scope
  private readonly shape: Constraint.Shape
  /** Whether a key has come whose value has not. A last key without a value is dropped, as Foolscap does. */
  private hasKey = false
  private key: unknown = undefined
  private id: Key.Key = ""

  constructor(scope: Scope, shape: Constraint.Shape) {
    super()
    this.scope = scope
    this.shape = shape
    this.expectKey()
    scope.register(this.dict)
  }

  private expectKey(): void {
    const isFull = this.dict.size >= (this.shape.maxLength ?? Infinity)
    this.scope.expected = isFull ? full : (this.shape.key ?? Constraint.any)
  }

  receive(child: unknown): void {
    if (this.hasKey) {
      Dict.add(this.dict, this.id, this.key, child)
      this.hasKey = false
      this.expectKey()
      return
    }
    this.id = this.idOf(child)
    this.key = child
    this.hasKey = true
    const { item, named } = this.shape
    this.scope.expected = named === undefined ? (item ?? Constraint.any) : this.namedBy(named, child)
  }

  private idOf(key: unknown): Key.Key {
    const before = Key.innerLength()
    const id = Key.of(key)
    if (id === undefined) {
      return fail(
        key instanceof Key.Compound && !Key.Compound.isComplete(key)
          ? "incomplete object as dictionary key"
          : `unhashable key '${strOf(key)}'`
      )
    }
    if (Dict.hasId(this.dict, id)) fail(`duplicate key '${strOf(key)}'`)
    // One tuple can be a part of many keys, each of which is long.
    this.scope.charge(Limits.entry + id.length + Key.innerLength() - before)
    return id
  }

  private namedBy(named: ReadonlyMap<string, Constraint.Constraint>, key: unknown): Constraint.Constraint {
    return (typeof key === "string" ? named.get(key) : undefined) ?? refuse(`unexpected key '${strOf(key)}'`)
  }

  close(): Dict<unknown, unknown> {
    return this.dict
  }

  describe(): string {
    return this.hasKey ? `{}[${strOf(this.key)}]` : "{}"
  }
}
