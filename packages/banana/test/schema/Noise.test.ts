import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import {
  Any,
  ByteString,
  ChoiceOf,
  DictOf,
  Integer,
  ListOf,
  Nothing,
  SetOf,
  Struct,
  Text,
  TupleOf
} from "../../src/ConstraintSchema.ts"
import type { Value } from "../../src/value/Value.ts"
import { cutBy, Lengths } from "../Stream.ts"
import {
  abort,
  close,
  float,
  int,
  join,
  list,
  longint,
  none,
  open,
  reference,
  string,
  text,
  token,
  vocab
} from "../Tokens.ts"
import { expecting } from "./Expecting.ts"

type Tree = null | number | bigint | ReadonlyArray<Tree> | ReadonlyMap<string, Tree>
const Tree: Schema.Codec<Tree, Value> = ChoiceOf([
  Nothing,
  Integer(),
  ListOf(Schema.suspend(() => Tree)),
  DictOf(
    Text(),
    Schema.suspend(() => Tree),
    { maxKeys: 2 }
  )
])

const schemas = [
  Any,
  Tree,
  Schema.Array(Schema.NullOr(Schema.Number)),
  ListOf(ChoiceOf([TupleOf([Integer(), Text()]), SetOf(ByteString({ maxLength: 1 })), Any]), { maxLength: 3 }),
  Struct({ a: ListOf(Schema.Number), b: Schema.optionalKey(Tree) })
]

const kinds = ["list", "list", "list", "tuple", "dict", "set", "immutable-set", "unicode", "none", "reference"]
const pieces: ReadonlyArray<Uint8Array> = [
  ...kinds.map((kind) => open(0, kind)),
  ...Array.from({ length: 10 }, () => close(0)),
  ...[0, 1, 2, 3].map((count) => reference(count)),
  int(0),
  int(2n ** 60n),
  float(2),
  string("a"),
  string("ab"),
  vocab(4),
  longint(Uint8Array.of(1)),
  text("a"),
  text("b"),
  none,
  list(int(1)),
  join(open(0, "dict"), text("a"), open(0, "list")),
  join(open(0, "tuple"), int(1), text("x"), close(0)),
  abort(0),
  token(2000, 0x82)
]
const tokens = Arbitrary.map(Arbitrary.array(Arbitrary.schema(Schema.Literals([...pieces.keys()]))), (chosen) =>
  join(...chosen.map((each) => pieces[each] ?? int(0)))
)

describe("A decoder that expects a Schema", () => {
  for (const [at, schema] of schemas.entries()) {
    const is = Schema.is(schema)

    it.prop(
      `makes of any tokens values of its Type, refusals, or an end, the same in any chunks: ${at}`,
      [tokens, Lengths],
      ([bytes, lengths]) => {
        const told = expecting(schema)(join(list(), bytes))
        for (const each of told) assert.isTrue(typeof each === "string" || is(each))
        const push = expecting(schema)
        assert.deepStrictEqual(Array.from(cutBy(lengths)(join(list(), bytes)), push).flat(), told)
      },
      { arbitrary: { runs: 500 } }
    )
  }
})
