/**
 * Foolscap's constraints as Schemas.
 *
 * A Schema whose encoded side is a `Value` says two things to a `BananaDecoder`: what the tokens may be while they come, and what
 * to make of them. Effect's own Schemas do where they are encoded to values: `Schema.String`, `Schema.Int`, `Schema.Uint8Array`,
 * `Schema.Array(...)`, `Schema.NullOr(...)`, literals, unions. Here are those that Effect has not, and those that need limits.
 *
 * ```ts
 * import { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
 * import { ListOf, Struct, Text } from "@effect-foolscap/banana/ConstraintSchema"
 * import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
 * import * as Schema from "effect/Schema"
 *
 * const Person = Struct({
 *   name: Text({ maxLength: 40 }),
 *   age: Schema.optionalKey(Schema.Int),
 *   tags: ListOf(Text({ maxLength: 20 }), { maxLength: 10 })
 * })
 * const decoder = new BananaDecoder({ vocabulary: Vocabulary.initial(1), schema: Person })
 * for (const received of decoder.push(new Uint8Array())) {
 *   if (received._tag === "Delivered") received.value.name satisfies string
 * }
 * ```
 *
 * Kinds, sizes and lengths are enforced token by token. The rest, such as a minimal length, a pattern or what a reference
 * stands for, is checked when a value is complete. What does not fit is a `Violation`; bytes or a number where only text, a boolean
 * or `None` may stand end the link, as in Foolscap. The texts are Foolscap's where it has one.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as Constraint from "./Constraint.ts"
import { isValue } from "./schema/Any.ts"
import * as Container from "./schema/Container.ts"
import * as Form from "./schema/Form.ts"
import * as Length from "./schema/Length.ts"
import * as Scalar from "./schema/Scalar.ts"
import { declare, encoded, type Wire } from "./schema/Wire.ts"
import { Decimal as PythonDecimal } from "./value/Decimal.ts"
import { Dict } from "./value/Dict.ts"
import type { Float } from "./value/Float.ts"
import { ImmutableSet } from "./value/ImmutableSet.ts"
import { MutableSet } from "./value/MutableSet.ts"
import { Tuple } from "./value/Tuple.ts"
import type { Value } from "./value/Value.ts"

const isA =
  <A>(constructor: abstract new (...args: never) => A) =>
  (input: unknown): input is A =>
    input instanceof constructor

const isDict = isA<Dict<Value, Value>>(Dict)

/**
 * Any value, as it is: also one that holds itself.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Any: Schema.Codec<Value> = Schema.declare(isValue, {
  ...Form.annotate({ name: "Any", tokens: Constraint.any.tokens }),
  expected: "a value of Banana"
})

/**
 * `true` or `false`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Boolean: Schema.Codec<boolean> = Schema.Boolean.annotate({ message: "not a bool" })

/**
 * Python's `None`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Nothing: Schema.Codec<null> = Schema.Null

/**
 * Bytes: so many at most, and at least. Without `maxLength` a decoder takes `Limits.body`, with it that many, also where they are
 * more.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ByteString = (options: Length.Bounds = {}): Schema.Codec<Uint8Array> =>
  Length.checked(Schema.Uint8Array.annotate({ message: "not a bytestring" }), Length.bytes(options))

/**
 * Text: so many code points at most, and at least, and a pattern somewhere in it. Without `maxLength` a decoder takes
 * `Limits.body` bytes of UTF-8; with it four times as many, also where they are more, and counts them when they have come.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Text = ({
  pattern,
  ...bounds
}: Length.Bounds & { readonly pattern?: RegExp } = {}): Schema.Codec<string> => {
  const text = Length.checked(Schema.String.annotate({ message: "not a unicode object" }), Length.text(bounds))
  return pattern === undefined ? text : text.check(Schema.isPattern(pattern, { message: "regexp failed to match" }))
}

/** Foolscap's figure for an `int` or a `float`. */
const defaultBytes = 1024

/**
 * An integer of so many bytes at most, without its sign: 1024 if nothing is said. As in Foolscap, -1 stands for 32 bits with the
 * sign. -0 is none: it is a float on the wire.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Integer = ({ maxBytes = defaultBytes }: { readonly maxBytes?: number } = {}): Schema.Codec<
  number | bigint
> => declare(Scalar.isIntegral, Form.integer(maxBytes), "not a number").check(Scalar.fits(maxBytes))

/**
 * A float, or an integer as `Integer` has it. Python's `2.0` is 2 here and goes back as an integer.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Number = ({ maxBytes = defaultBytes }: { readonly maxBytes?: number } = {}): Schema.Codec<
  number | bigint,
  number | bigint | Float
> =>
  declare(Scalar.isNumberOrFloat, Form.number(maxBytes), "not a number")
    .check(Scalar.fits(maxBytes))
    .pipe(Schema.decodeTo(Schema.declare(Scalar.isNumber), Scalar.float))

/**
 * Python's `decimal.Decimal`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Decimal: Schema.Codec<PythonDecimal> = declare(
  (input) => input instanceof PythonDecimal,
  Form.sequence("DecimalConstraint", "decimal", {}),
  "not a decimal"
)

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
  const each = Schema.Tuple(items) as unknown as Schema.Codec<Each, ReadonlyArray<Value>> // each is encoded to a value
  return declare(isA<Tuple<Value>>(Tuple), form, "not a tuple")
    .check(Schema.makeFilter(({ length }) => length === items.length, { message: "wrong size tuple" }))
    .pipe(Schema.decodeTo(each, Container.tuple(items)))
}

const setOf =
  <S extends MutableSet<Value> | ImmutableSet<Value>>(
    kind: "set" | "immutable-set",
    is: (input: unknown) => input is S,
    from: (members: Iterable<Value>) => S
  ) =>
  <Item extends Wire>(
    item: Item,
    { maxLength }: { readonly maxLength?: number } = {}
  ): Schema.Codec<ReadonlySet<Item["Type"]>, S> => {
    const form = Form.sequence("SetConstraint", kind, { item: [encoded(item)], maxLength })
    const members: Schema.Codec<ReadonlySet<Item["Type"]>, ReadonlySet<Value>> = Schema.ReadonlySet(item)
    return declare(is, form, "not a set").pipe(
      Schema.decodeTo(Length.checked(members, Length.members(maxLength)), Container.set(item, from))
    )
  }

/**
 * A set that can be changed, at most so large. Its Type is JavaScript's own kind of set; of members that are equal on the wire,
 * such as two arrays of the same bytes, one is sent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SetOf = setOf("set", isA<MutableSet<Value>>(MutableSet), MutableSet.from)

/**
 * A frozenset, at most so large; otherwise as `SetOf`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ImmutableSetOf = setOf("immutable-set", isA<ImmutableSet<Value>>(ImmutableSet), ImmutableSet.from)

/**
 * One of these. While tokens come, whatever one of them would take is let through; which of them it was is found at the end, and
 * the first that fits is it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ChoiceOf = <const Members extends ReadonlyArray<Wire>>(members: Members): Schema.Union<Members> =>
  Schema.Union(members)

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
  const contents = { key: encoded(key), item: [encoded(value)], maxLength: maxKeys }
  const entries: Schema.Codec<ReadonlyMap<K["Type"], V["Type"]>, ReadonlyMap<Value, Value>> = Schema.ReadonlyMap(
    key,
    value
  )
  return declare(isDict, Form.sequence("DictConstraint", "dict", contents), "not a dict").pipe(
    Schema.decodeTo(Length.checked(entries, Length.keys(maxKeys)), Container.dict(key, value))
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
  const named = new Map(Object.entries(fields).map(([name, field]) => [name, encoded(field)]))
  const contents = { key: Schema.Literals([...named.keys()]).ast, named }
  type Each = Schema.Struct.Type<Fields>
  type Encoded = { readonly [name: string]: Value }
  const record = Schema.Struct(fields) as unknown as Schema.Codec<Each, Encoded> // each is encoded to a value
  return declare(isDict, Form.sequence("DictConstraint", "dict", contents), "not a dict").pipe(
    Schema.decodeTo(record, Container.record(fields))
  )
}
