/**
 * Between the classes that values have for Python's containers and JavaScript's own.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { Dict } from "../value/Dict.ts"
import * as Key from "../value/Key.ts"
import { strOf } from "../value/PythonText.ts"
import { Tuple } from "../value/Tuple.ts"
import type { Value } from "../value/Value.ts"
import { converter } from "./Numbers.ts"
import type { Wire } from "./Wire.ts"

/** A transformation to `A`, from what a value has in its place. */
type From<A, E> = SchemaTransformation.Transformation<A, E>

const fail = (message: string): Effect.Effect<never, SchemaIssue.Issue> =>
  Effect.fail(new SchemaIssue.InvalidValue({ message }))

/**
 * A tuple of these as an array.
 *
 * @category transformations
 * @since 0.1.0
 */
export const tuple = (items: ReadonlyArray<Wire>): From<ReadonlyArray<Value>, Tuple<Value>> => {
  const converters = items.map(converter)
  return SchemaTransformation.transform<ReadonlyArray<Value>, Tuple<Value>>({
    decode: (values) => values.items.map((item, at) => converters[at]?.(item) ?? item),
    encode: (values) => new Tuple(values)
  })
}

/**
 * A set of these as a `Set`.
 *
 * @category transformations
 * @since 0.1.0
 */
export const set = <S extends Iterable<Value>>(
  item: Wire,
  from: (members: Iterable<Value>) => S
): From<ReadonlySet<Value>, S> => {
  const convert = converter(item)
  return SchemaTransformation.transformEffect<ReadonlySet<Value>, S>({
    decode: (members) => Effect.succeed(new Set(Array.from(members, convert))),
    encode: (members) => {
      const unhashable = Array.from(members).find((member) => Key.of(member) === undefined)
      return unhashable === undefined
        ? Effect.succeed(from(members))
        : fail(`unhashable member '${strOf(unhashable)}' of a set`)
    }
  })
}

/**
 * A dict of these as a `Map`.
 *
 * @category transformations
 * @since 0.1.0
 */
export const dict = (key: Wire, value: Wire): From<ReadonlyMap<Value, Value>, Dict<Value, Value>> => {
  const [convertKey, convertValue] = [converter(key), converter(value)]
  return SchemaTransformation.transformEffect<ReadonlyMap<Value, Value>, Dict<Value, Value>>({
    decode: (entries) =>
      Effect.succeed(new Map(Array.from(entries, ([name, each]) => [convertKey(name), convertValue(each)]))),
    encode: (map) => {
      const entries = new Dict<Value, Value>()
      for (const [name, each] of map) {
        if (Key.of(name) === undefined) return fail(`unhashable key '${strOf(name)}'`)
        if (entries.has(name)) return fail(`duplicate key '${strOf(name)}'`)
        entries.set(name, each)
      }
      return Effect.succeed(entries)
    }
  })
}

/**
 * A dict with these keys as an object.
 *
 * @category transformations
 * @since 0.1.0
 */
export const record = (fields: {
  readonly [name: string]: Wire
}): From<{ readonly [name: string]: Value }, Dict<Value, Value>> => {
  const converters = new Map(Object.entries(fields).map(([name, field]) => [name, converter(field)]))
  return SchemaTransformation.transformEffect<{ readonly [name: string]: Value }, Dict<Value, Value>>({
    decode: (entries) => {
      const properties: Array<[string, Value]> = []
      for (const [key, value] of entries) {
        const convert = typeof key === "string" ? converters.get(key) : undefined
        if (typeof key !== "string" || convert === undefined) return fail(`unexpected key '${strOf(key)}'`)
        properties.push([key, convert(value)])
      }
      return Effect.succeed(Object.fromEntries(properties))
    },
    encode: (properties) => Effect.succeed(Dict.from<Value, Value>(Object.entries(properties)))
  })
}
