import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import {
  Any,
  ByteString,
  DictOf,
  Integer,
  ListOf,
  Nothing,
  Number,
  SetOf,
  Struct,
  Text,
  TupleOf
} from "../../src/ConstraintSchema.ts"
import type { Value } from "../../src/value/Value.ts"
import { dict, float, int, join, list, longint, neg, none, reference, set, string, text, tuple } from "../Tokens.ts"
import { expecting, failed, violated } from "./Expecting.ts"

type Row = readonly [claim: string, schema: Schema.ConstraintCodec<unknown, Value>, bytes: Uint8Array, told: unknown]

const person = Struct({ name: Text({ minLength: 2 }), age: Schema.optionalKey(Schema.Int) })

const rows: ReadonlyArray<Row> = [
  ["bytes are too few", ByteString({ minLength: 2 }), string("a"), violated("", "string too short (1 < 2)")],
  ["text is too short", Text({ minLength: 2 }), text("\u{1f600}"), violated("", "string too short (1 < 2)")],
  ["text has too many code points", Text({ maxLength: 5 }), text("abcdef"), violated("", "string too long (6 > 5)")],
  ["text has as many code points as it may", Text({ maxLength: 2 }), text("\u{1f600}\u{1f600}"), "\u{1f600}\u{1f600}"],
  ["text does not match", Text({ pattern: /^[a-z]+$/ }), text("A"), violated("", "regexp failed to match")],
  ["a pattern matches anywhere, as in Python", Text({ pattern: /b/ }), text("abc"), "abc"],
  ["a list is too short", ListOf(Integer(), { minLength: 1 }), list(), violated("", "list too short")],
  ["an INT has more than 32 bits", Integer({ maxBytes: -1 }), int(2 ** 31), violated("", "number too large")],
  ["a NEG has more than 32 bits", Integer({ maxBytes: -1 }), neg(2 ** 31 + 1), violated("", "number too large")],
  ["a NEG has more bytes than it may", Integer({ maxBytes: 4 }), neg(2 ** 32), violated("", "number too large")],
  ["a NEG has as many bytes as it may", Integer({ maxBytes: 4 }), neg(2 ** 32 - 1), 1 - 2 ** 32],
  ["a float is as large as it likes", Number({ maxBytes: 4 }), float(1e300), 1e300],
  ["a float has a fraction", Number({ maxBytes: 4 }), float(2 ** 33 + 0.5), 2 ** 33 + 0.5],
  ["an INT among floats is not", Number({ maxBytes: 4 }), int(2 ** 32), violated("", "number too large")],
  ["an INT has 32 bits", Integer({ maxBytes: -1 }), neg(2 ** 31), -(2 ** 31)],
  [
    "an INT has more bytes than a LONGINT may",
    Integer({ maxBytes: 4 }),
    int(2 ** 32),
    violated("", "number too large")
  ],
  [
    "a text without a string in it is None",
    Text(),
    join(...[text("")].map((all) => all.slice(0, -4)), Uint8Array.of(0, 0x89)),
    violated("", "not a unicode object")
  ],
  ["a key is missing", person, dict(text("age"), int(1)), violated(".{}[name]", "Missing key")],
  ["a key may be missing", person, dict(text("name"), text("Ada")), { name: "Ada" }],
  [
    "the place is that of what is wrong",
    ListOf(TupleOf([Integer(), DictOf(Text(), SetOf(Text({ minLength: 2 })))])),
    list(tuple(int(1), dict(text("a"), set(text("bb"), text("c"))))),
    violated(".[0].[1].{}[a].{1}", "string too short (1 < 2)")
  ],
  [
    "the place may be a key with the name of the entries of a map",
    Struct({ entries: ListOf(ListOf(Text({ minLength: 2 }))) }),
    dict(text("entries"), list(list(text("bb"), text("c")))),
    violated(".{}[entries].[0].[1]", "string too short (1 < 2)")
  ],
  [
    "a key of a dict is wrong",
    DictOf(TupleOf([Text({ minLength: 2 })]), Integer()),
    dict(tuple(text("a")), int(1)),
    violated(".{}.[0]", "string too short (1 < 2)")
  ],
  [
    "a check of the program's own fails",
    ListOf(Integer().check(Schema.makeFilter((n) => n !== 3, { message: "not three" }))),
    list(int(3)),
    violated(".[0]", "not three")
  ]
]

describe("A complete value", () => {
  it.each(rows)("is judged by its Schema: %s", (_claim, schema, bytes, told) => {
    assert.deepStrictEqual(expecting(schema)(join(bytes, bytes)), [told, told])
  })
})

describe("A reference", () => {
  /** The item is taken as anything, and meant as something else the second time. */
  const twice = (schema: Schema.ConstraintCodec<unknown, Value>) => expecting(TupleOf([Any, schema]))

  it("is let through, and what it stands for is checked", () => {
    const numbers = ListOf(Integer(), { maxLength: 2 })
    assert.deepStrictEqual(twice(numbers)(tuple(list(int(1)), reference(1))), [[[1], [1]]])
    assert.deepStrictEqual(twice(numbers)(tuple(list(int(1), int(2), int(3)), reference(1))), [
      violated(".[1]", "list too long")
    ])
    assert.deepStrictEqual(twice(numbers)(tuple(list(float(1)), reference(1))), [violated(".[1].[0]", "not a number")])
    assert.deepStrictEqual(twice(numbers)(tuple(tuple(int(1)), reference(1))), [violated(".[1]", "not a list")])
    assert.deepStrictEqual(twice(TupleOf([]))(tuple(list(), reference(1))), [violated(".[1]", "not a tuple")])
    assert.deepStrictEqual(twice(TupleOf([]))(tuple(tuple(int(1)), reference(1))), [
      violated(".[1]", "wrong size tuple")
    ])
    assert.deepStrictEqual(twice(SetOf(Integer(), { maxLength: 1 }))(tuple(set(int(1), int(2)), reference(1))), [
      violated(".[1]", "set is too large")
    ])
    assert.deepStrictEqual(
      twice(DictOf(Integer(), Any, { maxKeys: 1 }))(tuple(dict(int(1), none, int(2), none), reference(1))),
      [violated(".[1]", "Dict keys=2 > maxKeys=1")]
    )
    assert.deepStrictEqual(twice(Struct({ a: Nothing }))(tuple(dict(string("a"), none), reference(1))), [
      violated(".[1]", "unexpected key 'b'a''")
    ])
  })

  it("to nothing still ends the link", () => {
    assert.deepStrictEqual(expecting(ListOf(Any))(list(reference(7))), [failed(".[0].??", "dangling reference '7'")])
  })

  it("brings no Float to where numbers are wanted, and leaves it where anything is", () => {
    const [both] = twice(Schema.Array(Schema.Number))(tuple(list(float(2)), reference(1)))
    assert.deepStrictEqual(JSON.stringify(both), JSON.stringify([[{ value: 2 }], [2]]))
  })
})

describe("A number", () => {
  it("is one where a Schema wants one, float or not", () => {
    const wire = list(float(2), float(2.5), int(2), float(-0))
    assert.deepStrictEqual(expecting(Schema.Array(Schema.Number))(wire), [[2, 2.5, 2, -0]])
    assert.deepStrictEqual(expecting(SetOf(Schema.Number))(set(float(2))), [new Set([2])])
    assert.deepStrictEqual(expecting(DictOf(Schema.Number, Schema.Number))(dict(float(2), float(3))), [
      new Map([[2, 3]])
    ])
    assert.deepStrictEqual(expecting(Schema.Union([Schema.BigInt, Schema.Number]))(float(2)), [2])
    assert.deepStrictEqual(expecting(Schema.NullOr(Schema.Array(Schema.NullOr(Schema.Number))))(wire), [
      [2, 2.5, 2, -0]
    ])
  })

  it("is one where a Schema wants one, however large, if it is exact", () => {
    const push = expecting(Schema.Number)
    assert.deepStrictEqual(push(join(int(2n ** 60n), neg(2n ** 60n))), [2 ** 60, -(2 ** 60)])
    assert.deepStrictEqual(push(int(2n ** 60n + 1n)), [violated("", "Expected number")])
    assert.deepStrictEqual(expecting(Schema.Literal(2 ** 60))(int(2n ** 60n)), [2 ** 60])
  })

  it("is a bigint where a Schema wants that, small or not", () => {
    const large = new Uint8Array(9).fill(1)
    assert.deepStrictEqual(expecting(Schema.Array(Schema.BigInt))(list(int(2), neg(2), longint(large))), [
      [2n, -2n, BigInt(`0x${"01".repeat(9)}`)]
    ])
  })
})
