import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import {
  Any,
  ByteString,
  ChoiceOf,
  DictOf,
  Integer,
  ListOf,
  Nothing,
  Struct,
  Text,
  TupleOf
} from "../../src/ConstraintSchema.ts"
import { Dict } from "../../src/value/Dict.ts"
import { LONGINT, STRING } from "../../src/wire/TokenType.ts"
import { boolean, dict, float, int, join, list, none, open, string, text, token, tuple } from "../Tokens.ts"
import { expecting, violated } from "./Expecting.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("A choice", () => {
  it("takes what any of it takes, and no other token or sequence", () => {
    const choice = ChoiceOf([Text(), Nothing, Integer()])
    for (const [sent, value] of [
      [text("a"), "a"],
      [none, null],
      [int(5), 5]
    ] as const) {
      assert.deepStrictEqual(expecting(choice)(sent), [value])
    }
    assert.deepStrictEqual(expecting(choice)(token(3, STRING)), [
      violated("", "typebyte STRING does not satisfy any of (UnicodeConstraint, Nothing, IntegerConstraint)")
    ])
    assert.deepStrictEqual(expecting(choice)(open(0, "list")), [
      violated("", "unacceptable OPEN type: ('list',) not in my list [('unicode',), ('none',)]")
    ])
  })

  it("never ends the link over a token, as Foolscap's does not either", () => {
    assert.deepStrictEqual(expecting(Schema.NullOr(Text()))(join(string("a"), text("b"))), [
      violated("", "typebyte STRING does not satisfy any of (UnicodeConstraint, Nothing)"),
      "b"
    ])
  })

  it("has the largest of the limits, of which the decoder's may be one", () => {
    const five = ByteString({ maxLength: 5 })
    assert.deepStrictEqual(expecting(ChoiceOf([five, ByteString({ maxLength: 9 })]))(token(10, STRING)), [
      violated("", "STRING token too large: 10>9")
    ])
    assert.deepStrictEqual(expecting(ChoiceOf([five, ByteString()]))(token(1001, STRING)), [
      violated("", "STRING token too large: 1001>1000")
    ])
    assert.deepStrictEqual(
      expecting(ChoiceOf([ByteString({ maxLength: 2000 }), ByteString()]))(token(1001, STRING)),
      []
    )
    assert.deepStrictEqual(expecting(ChoiceOf([Text({ maxLength: 5 }), Text()]))(text("a".repeat(1000))), [
      "a".repeat(1000)
    ])
    assert.deepStrictEqual(expecting(ChoiceOf([five, Integer({ maxBytes: 8 })]))(token(9, LONGINT)), [
      violated("", "LONGINT token too large: 9>8")
    ])
  })

  it("is decided when the value is complete", () => {
    const choice = ChoiceOf([ListOf(Integer()), ListOf(Text())])
    assert.deepStrictEqual(expecting(choice)(list(int(1), int(2))), [[1, 2]])
    assert.deepStrictEqual(expecting(choice)(list(text("a"))), [["a"]])
    // Each could be in one of them.
    assert.deepStrictEqual(expecting(choice)(list(int(1), text("a"))), [violated(".[1]", "not a number")])
    assert.deepStrictEqual(expecting(choice)(join(open(0, "list"), open(0, "none"))), [
      violated(".[0]", "unacceptable OPEN type: ('none',) not in my list [('unicode',)]")
    ])
  })

  it("of lists is full when the longest is", () => {
    const choice = ChoiceOf([ListOf(Integer(), { maxLength: 1 }), ListOf(Integer(), { maxLength: 2 })])
    assert.deepStrictEqual(expecting(choice)(join(open(0, "list"), int(1), int(2), token(0, STRING))), [
      violated(".[2]", "the list is full")
    ])
  })

  it("of tuples is asked item by item if they are of one size", () => {
    const choice = ChoiceOf([TupleOf([Integer(), Text()]), TupleOf([Nothing, Text()])])
    assert.deepStrictEqual(expecting(choice)(tuple(none, text("a"))), [[null, "a"]])
    assert.deepStrictEqual(expecting(choice)(join(open(0, "tuple"), int(1), open(0, "none"))), [
      violated(".[1]", "unacceptable OPEN type: ('none',) not in my list [('unicode',)]")
    ])
    const sizes = ChoiceOf([TupleOf([]), TupleOf([Integer(), Text()])])
    assert.deepStrictEqual(expecting(sizes)(join(tuple(), tuple(int(1), text("a")))), [[], [1, "a"]])
    assert.deepStrictEqual(expecting(sizes)(join(open(0, "tuple"), int(1), text("a"), int(1))), [
      violated(".[2]", "the tuple is full")
    ])
  })

  it("of structs takes the keys of each, with what each has under them", () => {
    const Shape = ChoiceOf([
      Struct({ kind: Schema.Literal("circle"), radius: Schema.Number }),
      Struct({ kind: Schema.Literal("square"), side: Schema.Number })
    ])
    const circle = dict(text("kind"), text("circle"), text("radius"), float(2))
    assert.deepStrictEqual(expecting(Shape)(circle), [{ kind: "circle", radius: 2 }])
    assert.deepStrictEqual(expecting(Shape)(dict(text("kind"), text("square"), text("side"), int(2))), [
      { kind: "square", side: 2 }
    ])
    assert.deepStrictEqual(expecting(Shape)(join(open(0, "dict"), text("colour"))), [
      violated(".{}[colour]", "unexpected key 'colour'")
    ])
    assert.deepStrictEqual(expecting(Shape)(join(open(0, "dict"), text("kind"), open(0, "list"))), [
      violated(".{}[kind]", "unacceptable OPEN type: ('list',) not in my list [('unicode',)]")
    ])
    assert.deepStrictEqual(
      expecting(Shape)(join(open(0, "dict"), text("kind"), open(0, "unicode"), token(7, STRING))),
      [violated(".{}[kind].<unicode>", "STRING token too large: 7>6")]
    )
  })

  it("of a struct and a dict takes any key", () => {
    const choice = ChoiceOf([Struct({ a: Nothing }), DictOf(Text(), Integer())])
    assert.deepStrictEqual(expecting(choice)(dict(text("a"), none)), [{ a: null }])
    assert.deepStrictEqual(expecting(choice)(dict(text("b"), int(1))), [new Map([["b", 1]])])
  })

  it("with anything in it is anything, and the limits of the rest", () => {
    const choice = ChoiceOf([ListOf(ByteString({ maxLength: 2000 })), Any])
    assert.deepStrictEqual(expecting(choice)(join(boolean(true), dict(none, none))), [true, Dict.from([[null, null]])])
    assert.deepStrictEqual(expecting(choice)(list(string("a".repeat(2000)))), [[bytes("a".repeat(2000))]])
    assert.deepStrictEqual(expecting(choice)(list(int(1), none)), [[1, null]])
    assert.deepStrictEqual(expecting(ChoiceOf([DictOf(Integer(), Integer()), Any]))(dict(text("a"), none)), [
      Dict.from([["a", null]])
    ])
    assert.deepStrictEqual(expecting(choice)(join(open(0, "tuple"), token(2000, STRING))), [
      violated(".[0]", "STRING token too large: 2000>1000")
    ])
  })
})
