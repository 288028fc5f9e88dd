/**
 * Schemas of what holds other values.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { Dict } from "../value/Dict.ts"
import { ImmutableSet } from "../value/ImmutableSet.ts"
import * as Key from "../value/Key.ts"
import { MutableSet } from "../value/MutableSet.ts"
import { strOf } from "../value/PythonText.ts"
import { Tuple } from "../value/Tuple.ts"
import type { Value } from "../value/Value.ts"
import * as Form from "./Form.ts"
import * as Length from "./Length.ts"
import { converter } from "./Numbers.ts"

/**
 * A Schema whose encoded side is a value: of what a container may hold.
 *
 * @category models
 * @since 0.1.0
 */
export type Wire<A = unknown> = Schema.ConstraintCodec<A, Value>

/**
 * A list of such items: so many at most, and at least.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListOf = <Item extends Wire>(
  item: Item,
  bounds: Length.Bounds = {}
): Schema.Codec<ReadonlyArray<Item["Type"]>, ReadonlyArray<Item["Encoded"]>> =>
  Length.checked<ReadonlyArray<Item["Type"]>, ReadonlyArray<Item["Encoded"]>>(
    Schema.Array(item).annotate({ message: "not a list" }),
    Length.items(bounds)
  )

/** A declaration of one kind of sequence: its form, and what is said of anything else. */
const kindOf = <A extends Value>(is: (input: unknown) => input is A, form: Form.Form, message: string) =>
  Schema.declare<A>(is, { ...Form.annotate(form), message })

const encoded = ({ ast }: Wire): SchemaAST.AST => SchemaAST.toEncoded(ast)

const isTuple = (input: unknown): input is Tuple<Value> => input instanceof Tuple
const isDict = (input: unknown): input is Dict<Value, Value> => input instanceof Dict

/**
 * A tuple of these items, one by one. Its Type is an array; `Schema.Tuple` in its place would be a list.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TupleOf = <const Items extends ReadonlyArray<Wire>>(
  items: Items
): Schema.Codec<{ readonly [At in keyof Items]: Items[At]["Type"] }, Tuple<Value>> => {
  type Each = { readonly [At in keyof Items]: Items[At]["Type"] }
  const form = Form.sequence("TupleConstraint", "tuple", { items: items.map(encoded) })
  const converters = items.map(converter)
  return kindOf(isTuple, form, "not a tuple")
    .check(Schema.makeFilter(({ length }) => length === items.length, { message: "wrong size tuple" }))
    .pipe(
      Schema.decodeTo(
        Schema.Tuple(items) as unknown as Schema.Codec<Each, ReadonlyArray<Value>>, // every item is encoded to a value
        SchemaTransformation.transform<ReadonlyArray<Value>, Tuple<Value>>({
          decode: (tuple) => tuple.items.map((item, at) => converters[at]?.(item) ?? item),
          encode: (values) => new Tuple(values)
        })
      )
    )
}

/** What is wrong with these keys of a dict or members of a set. */
const keyIssue = (keys: Iterable<Value>, mayRepeat: boolean): string | undefined => {
  const seen = new Set<Key.Key>()
  for (const key of keys) {
    const id = Key.of(key)
    if (id === undefined) return `unhashable key '${strOf(key)}'`
    if (!mayRepeat && seen.has(id)) return `duplicate key '${strOf(key)}'`
    seen.add(id)
  }
  return undefined
}

const fail = (message: string): Effect.Effect<never, SchemaIssue.Issue> =>
  Effect.fail(new SchemaIssue.InvalidValue({ message }))

const setOf =
  <S extends MutableSet<Value> | ImmutableSet<Value>>(
    kind: "set" | "immutable-set",
    is: (input: unknown) => input is S,
    from: (members: Iterable<Value>) => S,
    message: string
  ) =>
  <Item extends Wire>(
    item: Item,
    { maxLength }: { readonly maxLength?: number } = {}
  ): Schema.Codec<ReadonlySet<Item["Type"]>, S> => {
    const convert = converter(item)
    const members: Schema.Codec<ReadonlySet<Item["Type"]>, ReadonlySet<Value>> = Schema.ReadonlySet(item)
    return kindOf(is, Form.sequence("SetConstraint", kind, { item: [encoded(item)], maxLength }), message).pipe(
      Schema.decodeTo(
        Length.checked(members, Length.members(maxLength)),
        SchemaTransformation.transformEffect<ReadonlySet<Value>, S>({
          decode: (set) => Effect.succeed(new Set(Array.from(set, convert))),
          encode: (values) => {
            const issue = keyIssue(values, true)
            return issue === undefined ? Effect.succeed(from(values)) : fail(issue)
          }
        })
      )
    )
  }

/**
 * A set that can be changed, at most so large. Its Type is JavaScript's own kind of set; of members that are equal on the wire,
 * such as two arrays of the same bytes, one is sent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SetOf = setOf(
  "set",
  (input): input is MutableSet<Value> => input instanceof MutableSet,
  MutableSet.from<Value>,
  "not a set"
)

/**
 * A frozenset, at most so large; otherwise as `SetOf`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ImmutableSetOf = setOf(
  "immutable-set",
  (input): input is ImmutableSet<Value> => input instanceof ImmutableSet,
  ImmutableSet.from<Value>,
  "not a set"
)

/**
 * A dict from such keys to such values, at most so many. Its Type is JavaScript's own kind of map, also where keys are bytes or
 * tuples, which such a map finds by identity alone. Two keys that are equal on the wire cannot be sent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DictOf = <K extends Wire, V extends Wire>(
  key: K,
  value: V,
  { maxKeys }: { readonly maxKeys?: number } = {}
): Schema.Codec<ReadonlyMap<K["Type"], V["Type"]>, Dict<Value, Value>> => {
  const [convertKey, convertValue] = [converter(key), converter(value)]
  const form = Form.sequence("DictConstraint", "dict", {
    key: encoded(key),
    item: [encoded(value)],
    maxLength: maxKeys
  })
  const entries: Schema.Codec<ReadonlyMap<K["Type"], V["Type"]>, ReadonlyMap<Value, Value>> = Schema.ReadonlyMap(
    key,
    value
  )
  return kindOf(isDict, form, "not a dict").pipe(
    Schema.decodeTo(
      Length.checked(entries, Length.keys(maxKeys)),
      SchemaTransformation.transformEffect<ReadonlyMap<Value, Value>, Dict<Value, Value>>({
        decode: (dict) =>
          Effect.succeed(new Map(Array.from(dict, ([name, each]) => [convertKey(name), convertValue(each)]))),
        encode: (map) => {
          const issue = keyIssue(map.keys(), false)
          return issue === undefined ? Effect.succeed(Dict.from(map)) : fail(issue)
        }
      })
    )
  )
}

/**
 * A dict with text for keys: these and no others, of which those made with `Schema.optionalKey` may be missing. Its Type is an
 * object.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Struct = <const Fields extends { readonly [name: string]: Wire }>(
  fields: Fields
): Schema.Codec<Schema.Struct.Type<Fields>, Dict<Value, Value>> => {
  type Encoded = { readonly [name: string]: Value }
  const named = new Map(Object.entries(fields).map(([name, field]) => [name, encoded(field)]))
  const converters = new Map(Object.entries(fields).map(([name, field]) => [name, converter(field)]))
  const form = Form.sequence("DictConstraint", "dict", { key: Schema.Literals([...named.keys()]).ast, named })
  return kindOf(isDict, form, "not a dict").pipe(
    Schema.decodeTo(
      Schema.Struct(fields) as unknown as Schema.Codec<Schema.Struct.Type<Fields>, Encoded>, // so is every field
      SchemaTransformation.transformEffect<Encoded, Dict<Value, Value>>({
        decode: (dict) => {
          const entries: Array<[string, Value]> = []
          for (const [key, value] of dict) {
            const convert = typeof key === "string" ? converters.get(key) : undefined
            if (typeof key !== "string" || convert === undefined) return fail(`unexpected key '${strOf(key)}'`)
            entries.push([key, convert(value)])
          }
          return Effect.succeed(Object.fromEntries(entries))
        },
        encode: (record) => Effect.succeed(Dict.from<Value, Value>(Object.entries(record)))
      })
    )
  )
}

/**
 * One of these. While tokens come, whatever one of them would take is let through; which of them it was is found at the end, and
 * the first that fits is it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ChoiceOf = <const Members extends ReadonlyArray<Wire>>(members: Members): Schema.Union<Members> =>
  Schema.Union(members)
