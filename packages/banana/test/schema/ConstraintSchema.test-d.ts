/** What the types promise: what a Schema delivers, and that one which is encoded to no value is none for a decoder. */
import * as Schema from "effect/Schema"
import { expectTypeOf } from "vitest"
import { BananaDecoder } from "../../src/BananaDecoder.ts"
import {
  Any,
  Boolean,
  ByteString,
  ChoiceOf,
  Decimal,
  DictOf,
  ImmutableSetOf,
  Integer,
  ListOf,
  Nothing,
  Number,
  SetOf,
  Struct,
  Text,
  TupleOf
} from "../../src/ConstraintSchema.ts"
import type { Received } from "../../src/Received.ts"
import type { Decimal as PythonDecimal } from "../../src/value/Decimal.ts"
import type { Value } from "../../src/value/Value.ts"
import type { Vocabulary } from "../../src/wire/Vocabulary.ts"

declare const vocabulary: Vocabulary

// Each is the Type that its name promises, and encoded to a value.
expectTypeOf(Any.Type).toEqualTypeOf<Value>()
expectTypeOf(Boolean.Type).toEqualTypeOf<boolean>()
expectTypeOf(Nothing.Type).toEqualTypeOf<null>()
expectTypeOf(Decimal.Type).toEqualTypeOf<PythonDecimal>()
expectTypeOf(ByteString()["Type"]).toEqualTypeOf<Uint8Array>()
expectTypeOf(Text()["Type"]).toEqualTypeOf<string>()
expectTypeOf(Integer()["Type"]).toEqualTypeOf<number | bigint>()
expectTypeOf(Number()["Type"]).toEqualTypeOf<number | bigint>()
expectTypeOf(ListOf(Text())["Type"]).toEqualTypeOf<ReadonlyArray<string>>()
expectTypeOf(TupleOf([Text(), Nothing])["Type"]).toEqualTypeOf<readonly [string, null]>()
expectTypeOf(SetOf(Text())["Type"]).toEqualTypeOf<ReadonlySet<string>>()
expectTypeOf(ImmutableSetOf(Text())["Type"]).toEqualTypeOf<ReadonlySet<string>>()
expectTypeOf(DictOf(Text(), Schema.Int)["Type"]).toEqualTypeOf<ReadonlyMap<string, number>>()
expectTypeOf(ChoiceOf([Text(), Nothing])["Type"]).toEqualTypeOf<string | null>()

const Person = Struct({ name: Text(), age: Schema.optionalKey(Schema.Int) })
expectTypeOf(Person.Type).toEqualTypeOf<{ readonly name: string; readonly age?: number }>()
expectTypeOf(Person.Encoded).toExtend<Value>()
expectTypeOf(ListOf(Person)["Encoded"]).toExtend<Value>()

// A decoder delivers the Type of its Schema, and values without one.
expectTypeOf(new BananaDecoder({ vocabulary })).toEqualTypeOf<BananaDecoder<Value>>()
expectTypeOf(new BananaDecoder({ vocabulary }).push(new Uint8Array())).toEqualTypeOf<ReadonlyArray<Received>>()
expectTypeOf(new BananaDecoder({ vocabulary, schema: ListOf(Schema.FiniteFromString) })).toEqualTypeOf<
  BananaDecoder<ReadonlyArray<number>>
>()

// What is encoded to no value, or needs a service to be decoded, is none for it.
// @ts-expect-error a Date is no value
new BananaDecoder({ vocabulary, schema: Schema.Date })
// @ts-expect-error an object is no value
new BananaDecoder({ vocabulary, schema: Schema.Struct({ name: Schema.String }) })
// @ts-expect-error nor is one inside
ListOf(Schema.Struct({ name: Schema.String }))
// @ts-expect-error a field that is undefined is none
Struct({ name: Schema.optional(Schema.String) })
declare const serviceful: Schema.Codec<string, string, "a service">
// @ts-expect-error a decoder has no services
new BananaDecoder({ vocabulary, schema: serviceful })
