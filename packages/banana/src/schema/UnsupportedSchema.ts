/**
 * A Schema that says nothing about the wire.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

/**
 * The encoded side of a Schema is something that Banana does not carry. Thrown where a decoder is made, before it has seen a
 * byte.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnsupportedSchema extends Schema.TaggedError<UnsupportedSchema>("@effect-foolscap/UnsupportedSchema")(
  "UnsupportedSchema",
  {
    /** What Effect calls this kind of Schema, or the name that the program gave it. */
    kind: Schema.String
  }
) {
  override get message() {
    const instead = replacements.get(this.kind) ?? "encode it to one of the values that are, with Schema.encodeTo"
    return `a Schema of the kind ${this.kind} is encoded to what is no value of Banana: ${instead}`
  }

  /** The error of this node. */
  static readonly of = (ast: SchemaAST.AST): UnsupportedSchema => {
    const { expected, identifier } = ast.annotations ?? {}
    const name = identifier ?? expected
    return new UnsupportedSchema({ kind: typeof name === "string" ? name : ast._tag })
  }
}

const replacements = new Map([
  ["Objects", "use ConstraintSchema.Struct or ConstraintSchema.DictOf"],
  ["Any", "use ConstraintSchema.Any"],
  ["Unknown", "use ConstraintSchema.Any"],
  ["Undefined", "use Schema.optionalKey or ConstraintSchema.Nothing"],
  ["Void", "use ConstraintSchema.Nothing"],
  ["ReadonlyMap", "use ConstraintSchema.DictOf"],
  ["ReadonlySet", "use ConstraintSchema.SetOf"]
])
