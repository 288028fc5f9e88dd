import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { BananaDecoder } from "../../src/BananaDecoder.ts"
import { ListOf } from "../../src/ConstraintSchema.ts"
import { UnsupportedSchema } from "../../src/schema/UnsupportedSchema.ts"
import type { Value } from "../../src/value/Value.ts"
import { Vocabulary } from "../../src/wire/Vocabulary.ts"
import { FLOAT, LONGINT, OPEN, STRING } from "../../src/wire/TokenType.ts"
import { boolean, int, join, list, none, open, text, token } from "../Tokens.ts"
import { expecting, failed, violated } from "./Expecting.ts"

const tooLarge = (name: string, size: number, max: number) => `${name} token too large: ${size}>${max}`
const inText = (size: number) => join(open(0, "unicode"), token(size, STRING))

describe("A Schema of Effect's own", () => {
  const text5 = Schema.String.check(Schema.isMaxLength(5))
  const limits: ReadonlyArray<
    readonly [string, Schema.ConstraintCodec<unknown, Value>, before: Uint8Array, after: Uint8Array, string]
  > = [
    ["String.check(isMaxLength(5))", text5, inText(15), inText(16), violated(".<unicode>", tooLarge("STRING", 16, 15))],
    [
      "String.check(isMaxCodePoints(5))",
      Schema.String.check(Schema.isMaxCodePoints(5)),
      inText(20),
      inText(21),
      violated(".<unicode>", tooLarge("STRING", 21, 20))
    ],
    [
      "String with two limits, of which the smaller holds",
      Schema.String.check(Schema.isMaxLength(5), Schema.isBetweenLength(1, 3)),
      inText(9),
      inText(10),
      violated(".<unicode>", tooLarge("STRING", 10, 9))
    ],
    [
      "a branded String",
      text5.pipe(Schema.brand("Name")),
      inText(15),
      inText(16),
      violated(".<unicode>", tooLarge("STRING", 16, 15))
    ],
    [
      "Uint8Array.check(isMaxLength(5))",
      Schema.Uint8Array.check(Schema.isMaxLength(5)),
      token(5, STRING),
      token(6, STRING),
      violated("", tooLarge("STRING", 6, 5))
    ],
    [
      "Array.check(isMaxLength(1))",
      Schema.Array(Schema.Int).check(Schema.isMaxLength(1)),
      join(open(0, "list"), int(1)),
      join(open(0, "list"), int(1), token(0, OPEN)),
      violated(".[1]", "the list is full")
    ],
    [
      "Tuple, which is a list",
      Schema.Tuple([Schema.Int]),
      join(open(0, "list"), int(1)),
      join(open(0, "list"), int(1), int(2)),
      violated(".[1]", "the list is full")
    ],
    ["Int", Schema.Int, token(7, LONGINT), token(8, LONGINT), violated("", tooLarge("LONGINT", 8, 7))],
    [
      "Int, which is no float",
      Schema.Int,
      join(),
      token(0, FLOAT),
      violated("", "FLOAT token rejected by IntegerConstraint")
    ],
    [
      "Number, of which the largest has 128 bytes",
      Schema.Number,
      token(128, LONGINT),
      token(129, LONGINT),
      violated("", tooLarge("LONGINT", 129, 128))
    ],
    [
      "Number.check(isInt32()), a group of checks",
      Schema.Number.check(Schema.isInt32()),
      join(),
      token(0, FLOAT),
      violated("", "FLOAT token rejected by IntegerConstraint")
    ],
    ["Boolean", Schema.Boolean, open(0, "boolean"), int(1), failed("", "invalid token type: INT")],
    ["Null", Schema.Null, open(0, "none"), int(1), failed("", "invalid token type: INT")],
    [
      "a literal",
      Schema.Literal("\u00e9t\u00e9"),
      inText(5),
      inText(6),
      violated(".<unicode>", tooLarge("STRING", 6, 5))
    ],
    [
      "what is encoded to it",
      Schema.FiniteFromString,
      inText(1),
      token(0, FLOAT),
      failed("", "invalid token type: FLOAT")
    ]
  ]

  it.each(limits)("says what the tokens may be: %s", (_name, schema, before, after, told) => {
    assert.deepStrictEqual(expecting(schema)(before), [])
    assert.deepStrictEqual(expecting(schema)(after), [told])
  })

  it("is asked in the end for what tokens cannot tell", () => {
    assert.deepStrictEqual(expecting(Schema.String.check(Schema.isMinLength(2)))(text("a")), [
      violated("", "Expected a value with a length of at least 2")
    ])
    assert.deepStrictEqual(expecting(Schema.Literals(["a", "b"]))(text("c")), [violated("", 'Expected "a" | "b"')])
    assert.deepStrictEqual(expecting(Schema.Int)(int(2n ** 60n)), [violated("", "Expected an integer")])
  })

  it("gives its Type", () => {
    const schema = Schema.Array(Schema.Union([Schema.FiniteFromString, Schema.Boolean, Schema.Null]))
    assert.deepStrictEqual(expecting(schema)(list(text("1.5"), boolean(true), none)), [[1.5, true, null]])
  })

  it("fails with all it has to say in one line", () => {
    const [line] = expecting(Schema.Array(Schema.String.check(Schema.isPattern(/^a$/, { message: "one\ntwo" }))))(
      list(text("b"))
    )
    assert.strictEqual(line, violated(".[0]", "one two"))
  })
})

describe("A Schema that is encoded to no value", () => {
  const decoderOf = (schema: Schema.Constraint) => () =>
    // What the types forbid, and `Schema.Any` gets past them.
    new BananaDecoder({ vocabulary: Vocabulary.foolscap, schema: schema as Schema.ConstraintCodec<unknown, Value> })

  const unsupported: ReadonlyArray<readonly [string, Schema.Constraint, hint: string]> = [
    ["Struct", Schema.Struct({ a: Schema.String }), "ConstraintSchema.Struct"],
    ["Any", Schema.Any, "ConstraintSchema.Any"],
    ["Unknown", Schema.Unknown, "ConstraintSchema.Any"],
    ["Undefined", Schema.Undefined, "Schema.optionalKey"],
    ["Date", Schema.Date, "Schema.encodeTo"],
    ["ReadonlyMap", Schema.ReadonlyMap(Schema.String, Schema.String), "ConstraintSchema.DictOf"],
    ["Symbol", Schema.Symbol, "Schema.encodeTo"]
  ]

  it.each(unsupported)("is an error where the decoder is made, with what to do: %s", (_name, schema, hint) => {
    for (const each of [schema, Schema.NullOr(schema), Schema.Array(Schema.suspend(() => schema))]) {
      try {
        decoderOf(each)()
      } catch (error) {
        assert.instanceOf(error, UnsupportedSchema)
        assert.include(error.message, hint)
        continue
      }
      assert.fail("made a decoder")
    }
  })

  it("is so also deep in another", () => {
    assert.throws(decoderOf(ListOf(Schema.suspend(() => ListOf(Schema.Any)))), UnsupportedSchema)
  })
})
