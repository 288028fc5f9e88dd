import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
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
import { Decimal as PythonDecimal } from "../../src/value/Decimal.ts"
import type { Value } from "../../src/value/Value.ts"
import { canonical } from "../Canonical.ts"
import { encode } from "../Stream.ts"
import { toHex } from "../Tokens.ts"
import { expecting } from "./Expecting.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

const Person = Struct({ name: Text(), age: Schema.optionalKey(Integer()) })

/** As Foolscap 21.7 sends `value` with table 1. */
const rows: ReadonlyArray<
  readonly [python: string, schema: Schema.ConstraintCodec<unknown, Value>, value: unknown, hex: string]
> = [
  [`b"abc"`, ByteString(), bytes("abc"), "0382616263"],
  [`"a\\u00e9"`, Text(), "a\u00e9", "00880887038261c3a90089"],
  ["-5", Integer({ maxBytes: -1 }), -5, "0583"],
  ["2**40", Integer(), 2 ** 40, "0685010000000000"],
  ["2**40, from a bigint", Schema.BigInt, 2n ** 40n, "0685010000000000"],
  ["2.5", Number(), 2.5, "844004000000000000"],
  ["True", Boolean, true, "0088018701810089"],
  ["None", Nothing, null, "008800870089"],
  [`Decimal("1.50")`, Decimal, PythonDecimal.fromText("1.50"), "00880782646563696d616c0482312e35300089"],
  ["[1, 2]", ListOf(Integer()), [1, 2], "00880487018102810089"],
  [`(1, "a")`, TupleOf([Integer(), Text()]), [1, "a"], "0088058701810188088701826101890089"],
  ["{7}", SetOf(Integer()), new Set([7]), "0088068707810089"],
  ["frozenset([7])", ImmutableSetOf(Integer()), new Set([7]), "0088078707810089"],
  [
    `{(1, 2): "a"}`,
    DictOf(TupleOf([Integer(), Integer()]), Text()),
    new Map([[[1, 2], "a"]]),
    "00880387018805870181028101890288088701826102890089"
  ],
  [
    `{"name": "Ada", "age": 36}`,
    Person,
    { name: "Ada", age: 36 },
    "00880387018808870382616765018924810288088704826e616d65028903880887038241646103890089"
  ],
  [`{"name": "Ada"}`, Person, { name: "Ada" }, "008803870188088704826e616d65018902880887038241646102890089"],
  [
    `["a", None]`,
    Schema.Array(Schema.NullOr(Schema.String)),
    ["a", null],
    "008804870188088701826101890288008702890089"
  ],
  [
    `[(1,), [b"x"]]`,
    ListOf(ChoiceOf([TupleOf([Integer()]), Any])),
    [[1], [bytes("x")]],
    "0088048701880587018101890288048701827802890089"
  ]
]

describe("What a Schema encodes", () => {
  it.each(rows)("is sent as Foolscap sends %s", (_python, schema, value, hex) => {
    const encoded = Schema.encodeUnknownSync(schema)(value)
    assert.strictEqual(toHex(encode([encoded])), hex)
  })

  it("must be able to be a key where it is one", () => {
    const problem = (schema: Schema.ConstraintCodec<unknown, Value>, value: unknown) =>
      Effect.runSync(Effect.flip(Schema.encodeUnknownEffect(schema)(value))).message
    assert.strictEqual(problem(DictOf(ListOf(Integer()), Any), new Map([[[1], 2]])), "unhashable key '[...]'")
    assert.strictEqual(problem(SetOf(ListOf(Integer())), new Set([[]])), "unhashable member '[]' of a set")
    const twice = new Map([
      [bytes("a"), 1],
      [bytes("a"), 2]
    ])
    assert.strictEqual(problem(DictOf(ByteString(), Integer()), twice), "duplicate key 'b'a''")
  })

  it("is an integer or not as it is on the wire: -0 is a float", () => {
    const encode = Schema.encodeExit(Integer())
    assert.isTrue(Exit.isSuccess(encode(0)))
    assert.isTrue(Exit.isFailure(encode(-0)))
    assert.isTrue(Exit.isSuccess(Schema.encodeExit(Number())(-0)))
  })

  it("is held to the same limits", () => {
    const tooLong = Schema.encodeUnknownExit(ListOf(Text({ maxLength: 1 }), { maxLength: 1 }))
    assert.isTrue(Exit.isSuccess(tooLong(["a"])))
    assert.isTrue(Exit.isFailure(tooLong(["ab"])))
    assert.isTrue(Exit.isFailure(tooLong(["a", "b"])))
  })
})

/** No half of a surrogate pair, which cannot be sent. */
const Word = Text({ pattern: /^[a-zé\u{1f600}]*$/u, maxLength: 20 })

/** -0 is a float on the wire, which no integer is. */
const Whole = Schema.Int.check(Schema.makeFilter((n) => !Object.is(n, -0)))

class Point extends Schema.Class<Point>("Point")({ x: Schema.Finite, y: Schema.Finite }) {}

interface Node {
  readonly label: string
  readonly next: Node | null
}
const Node: Schema.Codec<Node, Value> = Struct({ label: Word, next: Schema.NullOr(Schema.suspend(() => Node)) })

/** Of all kinds, one in another. */
const schemas: { readonly [name: string]: Schema.Codec<unknown, Value> } = {
  "a record": Struct({
    text: Word,
    bytes: Schema.optionalKey(ByteString({ maxLength: 20 })),
    flag: Boolean,
    count: Whole,
    amount: Schema.Number
  }),
  "tuples in a list": ListOf(TupleOf([Schema.BigInt, Schema.NullOr(Word)]), { maxLength: 5, minLength: 1 }),
  "a map": DictOf(Word, ListOf(Schema.Finite)),
  "a map by tuples": DictOf(TupleOf([Whole]), Nothing, { maxKeys: 1 }),
  sets: TupleOf([SetOf(Whole), ImmutableSetOf(Word, { maxLength: 3 })]),
  "a choice": ChoiceOf([
    Struct({ kind: Schema.Literal("a"), value: Whole }),
    Struct({ kind: Schema.Literal("b"), value: Word }),
    Schema.Literals(["c", 7, 1.5])
  ]),
  "a class": Struct({ x: Schema.Finite, y: Schema.Finite }).pipe(Schema.decodeTo(Point)),
  "integers in texts": ListOf(Schema.BigIntFromString),
  "one in itself": Node
}

describe("What a Schema can say", () => {
  for (const [name, schema] of Object.entries(schemas)) {
    it.prop(`comes back as it was: ${name}`, [schema], ([value]) => {
      const encoded = Schema.encodeSync(schema)(value)
      const [back, ...more] = expecting(schema)(encode([encoded]))
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual(back, value)
      assert.strictEqual(canonical(Schema.encodeUnknownSync(schema)(back)), canonical(encoded))
    })
  }
})
