/**
 * Python's values as they are here, so that what Python sent goes back as what Python would send.
 *
 * | Python | here |
 * | --- | --- |
 * | `None` | `null` |
 * | `bool` | `boolean` |
 * | `int` | `number` among the safe integers, `bigint` outside |
 * | `float` | `number`, but `Float` for one without a fraction |
 * | `bytes` | `Uint8Array` |
 * | `str` | `string` |
 * | `list` | array |
 * | `tuple` | `Tuple` |
 * | `dict` | `Dict` |
 * | `set`, `frozenset` | `MutableSet`, `ImmutableSet` |
 * | `decimal.Decimal` | `Decimal` |
 *
 * @since 0.1.0
 */
import type { Decimal } from "./Decimal.ts"
import type { Dict } from "./Dict.ts"
import type { Float } from "./Float.ts"
import type { ImmutableSet } from "./ImmutableSet.ts"
import type { MutableSet } from "./MutableSet.ts"
import type { Tuple } from "./Tuple.ts"

/**
 * A value that Banana carries. Arrays, tuples, dicts and mutable sets may be shared or hold themselves: what is one object
 * stays one object on the other side.
 *
 * @category models
 * @since 0.1.0
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | Float
  | Uint8Array
  | string
  | ReadonlyArray<Value>
  | Tuple<Value>
  | Dict<Value, Value>
  | MutableSet<Value>
  | ImmutableSet<Value>
  | Decimal
