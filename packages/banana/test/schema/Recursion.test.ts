import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Any, ChoiceOf, DictOf, Integer, ListOf, Nothing, Struct, Text, TupleOf } from "../../src/ConstraintSchema.ts"
import * as Limits from "../../src/Limits.ts"
import type { Value } from "../../src/value/Value.ts"
import { FLOAT } from "../../src/wire/TokenType.ts"
import { close, dict, int, join, list, nested, none, open, reference, repeat, text, token, tuple } from "../Tokens.ts"
import { expecting, violated } from "./Expecting.ts"

interface Category {
  readonly name: string
  readonly parts: ReadonlyArray<Category>
}
const Category: Schema.Codec<Category, Value> = Struct({
  name: Text({ maxLength: 5 }),
  parts: ListOf(Schema.suspend(() => Category))
})

type Tree = number | bigint | ReadonlyArray<Tree>
const Tree: Schema.Codec<Tree, Value> = ChoiceOf([Integer(), ListOf(Schema.suspend(() => Tree))])

const category = (name: string, ...parts: ReadonlyArray<Uint8Array>) =>
  dict(text("name"), text(name), text("parts"), list(...parts))

describe("A recursive Schema", () => {
  it("is enforced at every depth", () => {
    const push = expecting(Category)
    const inside = join(open(0, "dict"), text("parts"), open(0, "list"))
    assert.deepStrictEqual(push(category("all", category("some", category("one")))), [
      { name: "all", parts: [{ name: "some", parts: [{ name: "one", parts: [] }] }] }
    ])
    assert.deepStrictEqual(push(join(inside, inside, inside, open(0, "dict"), text("no"))), [
      violated(".{}[parts].[0].{}[parts].[0].{}[parts].[0].{}[no]", "unexpected key 'no'")
    ])
  })

  it("may be a choice that goes on in itself", () => {
    const push = expecting(Tree)
    assert.deepStrictEqual(push(list(int(1), list(int(2), list()))), [[1, [2, []]]])
    assert.deepStrictEqual(push(join(open(0, "list"), open(0, "list"), token(0, FLOAT))), [
      violated(".[0].[0]", "typebyte FLOAT does not satisfy any of (IntegerConstraint, ListConstraint)")
    ])
  })

  it("may be a choice of two ways into itself", () => {
    type Odd = null | ReadonlyArray<Odd> | ReadonlyArray<ReadonlyArray<Odd>>
    const Odd: Schema.Codec<Odd, Value> = ChoiceOf([
      Nothing,
      ListOf(Schema.suspend(() => Odd)),
      ListOf(ListOf(Schema.suspend(() => Odd)))
    ])
    assert.deepStrictEqual(expecting(Odd)(list(list(none), none)), [[[null], null]])
    assert.deepStrictEqual(expecting(Odd)(join(repeat(9, open(0, "list")), open(0, "tuple"))), [
      violated(".[0]".repeat(9), "unacceptable OPEN type: ('tuple',) not in my list [('none',), ('list',)]")
    ])
  })

  it("takes nothing if it is nothing but itself", () => {
    const Never: Schema.Codec<never, Value> = Schema.suspend(() => Never)
    assert.deepStrictEqual(expecting(Never)(int(1)), [violated("", "INT token rejected by Nothing")])
  })

  it("may be too deep to be read: that costs the object", () => {
    type Deep = ReadonlyMap<string, Deep>
    const Deep: Schema.Codec<Deep, Value> = DictOf(
      Text(),
      Schema.suspend(() => Deep)
    )
    const depth = 5000
    const bytes = join(repeat(depth, join(open(0, "dict"), text("a"))), dict(), repeat(depth, close(0)), dict())
    assert.deepStrictEqual(expecting(Deep, { depth: 2 * depth })(bytes), [
      violated("", "nested too deep for its Schema"),
      new Map()
    ])
    assert.deepStrictEqual(expecting(Tree)(nested(1001)), [
      violated(".[0]".repeat(1000), "more than 1000 sequences in one another")
    ])
  })

  it("may be too deep for its references to be followed: that costs the object", () => {
    const depth = 20_000
    const bytes = join(repeat(depth, open(0, "list")), list(), reference(depth), repeat(depth, close(0)), list())
    assert.deepStrictEqual(expecting(Tree, { depth: 2 * depth })(bytes), [
      violated("", "nested too deep for its Schema"),
      []
    ])
  })

  it("may be refused at any depth, also where it is too deep to say why", () => {
    type Deep = string | readonly [Deep]
    const Deep: Schema.Codec<Deep, Value> = ChoiceOf([Text({ minLength: 2 }), TupleOf([Schema.suspend(() => Deep)])])
    for (let depth = 500; depth < 4000; depth += 50) {
      const bytes = join(repeat(depth, open(0, "tuple")), text("a"), repeat(depth, close(0)), text("ab"))
      const [refused, ...others] = expecting(Deep, { depth: 2 * depth })(bytes)
      assert.include(String(refused), "Violated", `${depth} tuples`)
      assert.deepStrictEqual(others, ["ab"])
    }
  })
})

describe("A value that holds itself", () => {
  it("is none that a Schema could make", () => {
    assert.deepStrictEqual(expecting(Tree)(join(list(reference(0)), list())), [
      violated("", "more than 1000 sequences in one another"),
      []
    ])
  })

  it("is still anything", () => {
    const [delivered] = expecting(TupleOf([Any]))(tuple(list(reference(1))))
    const [loop] = delivered as [ReadonlyArray<unknown>]
    assert.strictEqual(loop[0], loop)
  })
})

describe("References", () => {
  /** A list, a list of it twice, a list of that twice: 2 ** levels in all. */
  const doubling = (levels: number): Uint8Array => {
    const before = join(repeat(levels, open(0, "list")), list())
    const after = Array.from({ length: levels }, (_, level) => join(reference(levels - level), close(0)))
    // Each reference opens a sequence as well, but behind those it could mean.
    return join(before, ...after)
  }

  it("that multiply what they stand for count as often as they stand for it", () => {
    const size = Limits.sequence * 31
    assert.deepStrictEqual(expecting(Tree, { size: 2 * size })(doubling(2)), [
      [
        [[], []],
        [[], []]
      ]
    ])
    assert.deepStrictEqual(expecting(Tree)(join(doubling(40), int(1))), [
      violated("", `an object that takes more than ${Limits.defaults.size} bytes`),
      1
    ])
  })

  it("that multiply what nobody looks at cost nothing", () => {
    const [delivered] = expecting(Any)(doubling(40))
    assert.isArray(delivered)
  })

  it("that put a deep object in a deep place make it deeper, up to the limit", () => {
    // Six, and the same within six others, all in one more: thirteen.
    const deep = (levels: number, inner: Uint8Array) =>
      join(repeat(levels, open(0, "list")), inner, repeat(levels, close(0)))
    const bytes = list(deep(6, join()), deep(6, reference(1)))
    const six = [[[[[[]]]]]]
    assert.deepStrictEqual(expecting(Tree, { depth: 13 })(bytes), [[six, [[[[[[six]]]]]]]])
    assert.deepStrictEqual(expecting(Tree, { depth: 12 })(bytes), [
      violated("", "more than 12 sequences in one another")
    ])
  })
})
