/**
 * Foolscap's constraints as Schemas.
 *
 * A Schema whose encoded side is a `Value` says two things to a `BananaDecoder`: what the tokens may be while they come, and what
 * to make of them. Effect's own Schemas do where they are encoded to values: `Schema.String`, `Schema.Int`, `Schema.Uint8Array`,
 * `Schema.Array(...)`, `Schema.NullOr(...)`, literals, unions. Here are those that Effect has not, and those that need limits.
 *
 * ```ts
 * const Person = Struct({ name: Text({ maxLength: 40 }), age: Schema.optionalKey(Integer()) })
 * const decoder = new BananaDecoder({ vocabulary, schema: Person })
 * ```
 *
 * Kinds, sizes and lengths are enforced token by token. The rest, such as a minimal length, a pattern or what a reference
 * stands for, is checked when a value is complete. Either way it is a `Violation`, and the texts are Foolscap's.
 *
 * @since 0.1.0
 */
export { Any } from "./schema/Any.ts"
export { ChoiceOf, DictOf, ImmutableSetOf, ListOf, SetOf, Struct, TupleOf } from "./schema/Container.ts"
export { Boolean, ByteString, Decimal, Integer, Nothing, Number, Text } from "./schema/Scalar.ts"
export { UnsupportedSchema } from "./schema/UnsupportedSchema.ts"
