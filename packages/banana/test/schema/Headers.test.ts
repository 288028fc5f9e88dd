import { assert, describe, it } from "@effect/vitest"
import type * as Schema from "effect/Schema"
import {
  Boolean,
  ByteString,
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
import type { Value } from "../../src/value/Value.ts"
import { FLOAT, LONGINT, LONGNEG, OPEN, STRING } from "../../src/wire/TokenType.ts"
import { close, fromHex, int, join, neg, none, open, string, text, token, vocab } from "../Tokens.ts"
import { expecting, failed, violated } from "./Expecting.ts"

type Row = readonly [
  claim: string,
  schema: Schema.ConstraintCodec<unknown, Value>,
  before: Uint8Array,
  offending: Uint8Array,
  told: string
]

const nothing = new Uint8Array()
const float = token(0, FLOAT)
const tooLarge = (name: string, size: number, max: number) => `${name} token too large: ${size}>${max}`
const notIn = (kind: string, ...kinds: ReadonlyArray<string>) =>
  `unacceptable OPEN type: ('${kind}',) not in my list [${kinds.map((each) => `('${each}',)`).join(", ")}]`

const rows: ReadonlyArray<Row> = [
  [
    "ByteString takes no number",
    ByteString(),
    nothing,
    int(1),
    violated("", "INT token rejected by ByteStringConstraint")
  ],
  [
    "ByteString takes no sequence",
    ByteString(),
    nothing,
    token(0, OPEN),
    violated("", "OPEN token rejected by ByteStringConstraint")
  ],
  [
    "ByteString takes so many bytes",
    ByteString({ maxLength: 5 }),
    nothing,
    token(6, STRING),
    violated("", tooLarge("STRING", 6, 5))
  ],
  ["Integer takes no float", Integer(), nothing, float, violated("", "FLOAT token rejected by IntegerConstraint")],
  [
    "Integer takes no bytes",
    Integer(),
    nothing,
    token(9, STRING),
    violated("", "STRING token rejected by IntegerConstraint")
  ],
  ["Integer takes 1024 bytes", Integer(), nothing, token(1025, LONGINT), violated("", tooLarge("LONGINT", 1025, 1024))],
  [
    "Integer takes as many bytes as it says",
    Integer({ maxBytes: 8 }),
    nothing,
    token(9, LONGNEG),
    violated("", tooLarge("LONGNEG", 9, 8))
  ],
  [
    "Integer of 32 bits takes no long one",
    Integer({ maxBytes: -1 }),
    nothing,
    token(1, LONGINT),
    violated("", "LONGINT token rejected by IntegerConstraint")
  ],
  [
    "Number takes no bytes",
    Number(),
    nothing,
    token(9, STRING),
    violated("", "STRING token rejected by NumberConstraint")
  ],
  [
    "Number takes as many bytes as it says",
    Number({ maxBytes: 8 }),
    nothing,
    token(9, LONGINT),
    violated("", tooLarge("LONGINT", 9, 8))
  ],
  ["Text ends the link over bytes", Text(), nothing, token(1, STRING), failed("", "invalid token type: STRING")],
  ["Text ends the link over a word", Text(), nothing, vocab(4), failed("", "invalid token type: VOCAB")],
  ["Text takes no other sequence", Text(), nothing, open(0, "list"), violated("", notIn("list", "unicode"))],
  [
    "Text takes four bytes for each of its code points",
    Text({ maxLength: 5 }),
    open(0, "unicode"),
    token(21, STRING),
    violated(".<unicode>", tooLarge("STRING", 21, 20))
  ],
  ["Boolean ends the link over a number", Boolean, nothing, int(1), failed("", "invalid token type: INT")],
  ["Boolean takes no other sequence", Boolean, nothing, open(0, "none"), violated("", notIn("none", "boolean"))],
  ["Nothing ends the link over a number", Nothing, nothing, neg(1), failed("", "invalid token type: NEG")],
  ["Nothing takes no other sequence", Nothing, nothing, open(0, "boolean"), violated("", notIn("boolean", "none"))],
  ["Decimal takes no number", Decimal, nothing, float, violated("", "FLOAT token rejected by DecimalConstraint")],
  ["Decimal takes no text", Decimal, nothing, open(0, "unicode"), violated("", notIn("unicode", "decimal"))],
  ["ListOf takes no tuple", ListOf(Integer()), nothing, open(0, "tuple"), violated("", notIn("tuple", "list"))],
  ["ListOf takes no number", ListOf(Integer()), nothing, int(1), violated("", "INT token rejected by ListConstraint")],
  [
    "ListOf asks its items",
    ListOf(ByteString({ maxLength: 5 })),
    join(open(0, "list"), string("a")),
    token(6, STRING),
    violated(".[1]", tooLarge("STRING", 6, 5))
  ],
  [
    "ListOf is full",
    ListOf(Integer(), { maxLength: 2 }),
    join(open(0, "list"), int(1), int(2)),
    token(9, LONGINT),
    violated(".[2]", "the list is full")
  ],
  [
    "ListOf is full for sequences, too",
    ListOf(Text(), { maxLength: 1 }),
    join(open(0, "list"), text("a")),
    token(0, OPEN),
    violated(".[1]", "the list is full")
  ],
  [
    "ListOf can be for nothing",
    ListOf(Integer(), { maxLength: 0 }),
    open(0, "list"),
    int(1),
    violated(".[0]", "the list is full")
  ],
  ["TupleOf takes no list", TupleOf([Integer()]), nothing, open(0, "list"), violated("", notIn("list", "tuple"))],
  [
    "TupleOf asks each item for itself",
    TupleOf([Integer(), Boolean]),
    join(open(0, "tuple"), int(1)),
    open(0, "unicode"),
    violated(".[1]", notIn("unicode", "boolean"))
  ],
  [
    "TupleOf is full",
    TupleOf([Integer()]),
    join(open(0, "tuple"), int(1)),
    int(1),
    violated(".[1]", "the tuple is full")
  ],
  [
    "TupleOf wants all its items",
    TupleOf([Integer(), Integer()]),
    join(open(0, "tuple"), int(1)),
    close(0),
    violated(".[1]", "wrong size tuple")
  ],
  [
    "SetOf takes no frozenset",
    SetOf(Integer()),
    nothing,
    open(0, "immutable-set"),
    violated("", notIn("immutable-set", "set"))
  ],
  [
    "SetOf asks its members",
    SetOf(Integer()),
    open(0, "set"),
    float,
    violated(".{0}", "FLOAT token rejected by IntegerConstraint")
  ],
  [
    "SetOf is full",
    SetOf(Integer(), { maxLength: 1 }),
    join(open(0, "set"), int(1)),
    int(2),
    violated(".{1}", "the set is full")
  ],
  [
    "ImmutableSetOf takes no set that can change",
    ImmutableSetOf(Integer()),
    nothing,
    open(0, "set"),
    violated("", notIn("set", "immutable-set"))
  ],
  [
    "ImmutableSetOf is full",
    ImmutableSetOf(Integer(), { maxLength: 1 }),
    join(open(0, "immutable-set"), int(1)),
    int(2),
    violated(".{1}", "the set is full")
  ],
  [
    "DictOf asks its keys",
    DictOf(Integer(), Integer()),
    open(0, "dict"),
    token(1, STRING),
    violated(".{}", "STRING token rejected by IntegerConstraint")
  ],
  [
    "DictOf asks its values",
    DictOf(Integer(), Integer()),
    join(open(0, "dict"), int(1)),
    token(1, STRING),
    violated(".{}[1]", "STRING token rejected by IntegerConstraint")
  ],
  [
    "DictOf is full",
    DictOf(Integer(), Integer(), { maxKeys: 1 }),
    join(open(0, "dict"), int(1), int(1)),
    int(2),
    violated(".{}", "the dict is full")
  ],
  [
    "Struct takes no key longer than its longest",
    Struct({ name: Text(), é: Text() }),
    join(open(0, "dict"), open(0, "unicode")),
    token(5, STRING),
    violated(".{}.<unicode>", tooLarge("STRING", 5, 4))
  ],
  [
    "Struct takes no other key",
    Struct({ name: Text() }),
    join(open(0, "dict"), open(0, "unicode"), string("mane")),
    close(0),
    violated(".{}[mane]", "unexpected key 'mane'")
  ],
  [
    "Struct ends the link over a key that is no text",
    Struct({ name: Text() }),
    open(0, "dict"),
    token(4, STRING),
    failed(".{}", "invalid token type: STRING")
  ],
  [
    "Struct asks the value of each key",
    Struct({ name: Text(), age: Integer() }),
    join(open(0, "dict"), text("age")),
    token(0, OPEN),
    violated(".{}[age]", "OPEN token rejected by IntegerConstraint")
  ],
  [
    "Struct is full",
    Struct({ name: Nothing }),
    join(open(0, "dict"), text("name"), none),
    token(0, OPEN),
    violated(".{}", "the dict is full")
  ]
]

describe("A constraint (B16)", () => {
  it.each(rows)("%s: told at the header, before a body", (_claim, schema, before, offending, told) => {
    const push = expecting(schema)
    assert.deepStrictEqual(push(before), [])
    // What follows a header is not there yet, and of an OPEN its word is all that is needed.
    for (const byte of offending.subarray(0, -1)) assert.deepStrictEqual(push(Uint8Array.of(byte)), [])
    assert.deepStrictEqual(push(offending.slice(-1)), [told])
  })

  it("costs one object: the rest of it is skipped, and the next is taken", () => {
    const push = expecting(ListOf(ByteString({ maxLength: 2 }), { maxLength: 2 }))
    const next = join(open(0, "list"), string("no"), close(0))
    const refused = join(open(0, "list"), string("a"), string("too long"), open(0, "list"), int(1), close(0), close(0))
    assert.deepStrictEqual(push(join(refused, next)), [
      violated(".[1]", tooLarge("STRING", 8, 2)),
      [new TextEncoder().encode("no")]
    ])
  })

  it("that says how long a string may be holds in place of the limit, also above it", () => {
    const bytes = string("a".repeat(1001))
    assert.deepStrictEqual(expecting(ByteString())(bytes), [violated("", tooLarge("STRING", 1001, 1000))])
    assert.deepStrictEqual(expecting(ByteString(), { body: 1001 })(bytes), [new Uint8Array(1001).fill(0x61)])
    assert.deepStrictEqual(expecting(ByteString({ maxLength: 1001 }))(bytes), [new Uint8Array(1001).fill(0x61)])
    assert.deepStrictEqual(expecting(Text({ maxLength: 1001 }))(text("a".repeat(1001))), ["a".repeat(1001)])
    assert.deepStrictEqual(expecting(Integer())(join(token(1024, LONGINT), new Uint8Array(1024))), [0])
  })

  it("takes a word of the table where it takes bytes, however short those may be", () => {
    assert.deepStrictEqual(expecting(ListOf(ByteString()))(join(open(0, "list"), vocab(4), close(0))), [
      [new TextEncoder().encode("list")]
    ])
  })

  it("does not hold for PING, which may stand anywhere", () => {
    assert.deepStrictEqual(expecting(ListOf(Integer()))(join(open(0, "list"), fromHex("018e"), int(1), close(0))), [
      "Ping 1",
      [1]
    ])
  })
})
