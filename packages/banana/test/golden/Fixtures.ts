/** What was recorded of Foolscap, as values. What the fields mean is said in ../fixtures/README.md. */
import { createHash } from "node:crypto"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import decodeJson from "../fixtures/decode.json" with { type: "json" }
import encodeJson from "../fixtures/encode.json" with { type: "json" }
import vocabJson from "../fixtures/vocab.json" with { type: "json" }
import { fromHex, toHex } from "../Tokens.ts"

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

const Repetition = Schema.Struct({
  hex: Schema.String,
  repeat: Schema.String,
  times: Schema.Int,
  sha256: Schema.String
})

const Bytes = Schema.Union([Schema.String, Repetition]).pipe(
  Schema.decodeTo(
    Schema.Uint8Array,
    SchemaTransformation.transform<Uint8Array, string | typeof Repetition.Type>({
      decode: (recorded) => {
        if (typeof recorded === "string") return fromHex(recorded)
        const bytes = fromHex(recorded.hex + recorded.repeat.repeat(recorded.times))
        if (sha256(bytes) !== recorded.sha256) throw new Error("the repetition is not what was recorded")
        return bytes
      },
      encode: toHex
    })
  )
)

/** A value, as Python's types name it. */
export type Described =
  | { readonly cycle: number }
  | { readonly type: "none" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "int" | "text" | "decimal"; readonly value: string }
  | { readonly type: "float"; readonly be_hex: string }
  | { readonly type: "bytes"; readonly hex: string }
  | { readonly type: "bytes"; readonly length: number; readonly sha256: string; readonly first_hex: string }
  | { readonly type: "list" | "tuple" | "set" | "immutable-set"; readonly items: ReadonlyArray<Described> }
  | { readonly type: "dict"; readonly items: ReadonlyArray<readonly [Described, Described]> }

const Inner = Schema.suspend((): Schema.Codec<Described> => Described)

const Described: Schema.Codec<Described> = Schema.Union([
  Schema.Struct({ cycle: Schema.Int }),
  Schema.Struct({ type: Schema.Literal("none") }),
  Schema.Struct({ type: Schema.Literal("boolean"), value: Schema.Boolean }),
  Schema.Struct({ type: Schema.Literals(["int", "text", "decimal"]), value: Schema.String }),
  Schema.Struct({ type: Schema.Literal("float"), be_hex: Schema.String }),
  Schema.Struct({ type: Schema.Literal("bytes"), hex: Schema.String }),
  Schema.Struct({
    type: Schema.Literal("bytes"),
    length: Schema.Int,
    sha256: Schema.String,
    first_hex: Schema.String
  }),
  Schema.Struct({ type: Schema.Literals(["list", "tuple", "set", "immutable-set"]), items: Schema.Array(Inner) }),
  Schema.Struct({ type: Schema.Literal("dict"), items: Schema.Array(Schema.Tuple([Inner, Inner])) })
])

const Encoded = Schema.Struct({
  vectors: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      value: Described,
      table0: Bytes,
      table1: Bytes,
      in_call_table1: Schema.optionalKey(Bytes)
    })
  ),
  streams: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      values: Schema.Array(Described),
      table: Schema.Literals([0, 1]),
      hex: Bytes
    })
  ),
  unsendable: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      kind: Schema.Literals(["toplevel", "call argument"]),
      hex: Bytes,
      connection_dropped: Schema.Boolean
    })
  )
})

/** What Foolscap sends. */
export const { streams, unsendable, vectors } = Schema.decodeUnknownSync(Encoded)(encodeJson)

const Decoded = Schema.Struct({
  name: Schema.String,
  hex: Bytes,
  objects: Schema.Array(Described),
  violations: Schema.optionalKey(Schema.Array(Schema.String)),
  local_error: Schema.optionalKey(Schema.Array(Schema.String)),
  remote_error_text: Schema.optionalKey(Schema.String),
  reply: Schema.optionalKey(Schema.String),
  exception_escapes_dataReceived: Schema.optionalKey(Schema.String),
  connection_dropped: Schema.Boolean,
  unconsumed_bytes: Schema.Int
})
export type Decoded = typeof Decoded.Type

/** What Foolscap makes of bytes. */
export const decoded = Schema.decodeUnknownSync(Schema.Struct({ vectors: Schema.Array(Decoded) }))(decodeJson).vectors

const Tables = Schema.Struct({
  tables: Schema.Array(
    Schema.Struct({
      index: Schema.Literals([0, 1]),
      words: Schema.Array(Schema.String),
      hash: Schema.String,
      hash_input_hex: Bytes,
      full_sha1: Schema.String
    })
  )
})

/** The vocabularies that can be negotiated. */
export const { tables } = Schema.decodeUnknownSync(Tables)(vocabJson)
