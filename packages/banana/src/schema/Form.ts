/**
 * What the encoded side of a Schema looks like on the wire.
 *
 * A Schema of Effect's own says it by its kind and its checks. One that `ConstraintSchema` makes carries it as an annotation.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import type * as SchemaAST from "effect/SchemaAST"
import { isInteger } from "../value/Float.ts"
import { FLOAT, INT, LONGINT, LONGNEG, NEG, OPEN, setOf, STRING, type TokenSet, VOCAB } from "../wire/TokenType.ts"
import * as Check from "./Check.ts"

/**
 * What a sequence may hold; `Constraint.Shape` with the encoded sides of Schemas inside.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contents {
  /** Most items, members or keys. */
  readonly maxLength?: number | undefined
  /** What each item may be: any of these. */
  readonly item?: ReadonlyArray<SchemaAST.AST>
  /** The items one by one: so many, no more and no fewer. */
  readonly items?: ReadonlyArray<SchemaAST.AST>
  readonly key?: SchemaAST.AST
  /** The value of each key, by its text: these keys and no others. */
  readonly named?: ReadonlyMap<string, SchemaAST.AST>
  /** Most bytes of a text or a decimal. */
  readonly maxBytes?: number | undefined
}

/**
 * The tokens and the sequences that one Schema takes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Form {
  /** As Foolscap calls it in a message. */
  readonly name: string
  readonly tokens: TokenSet
  /** The longest STRING, in bytes; `undefined` leaves it to `Limits.body`. */
  readonly maxString?: number | undefined
  /** The longest LONGINT or LONGNEG, in bytes; likewise. */
  readonly maxLong?: number | undefined
  /** Another token ends the link, as Foolscap does where it expects one of a few kinds of sequences. */
  readonly strict?: boolean
  /** The kinds of sequences, by their index word; without it all are taken. */
  readonly kinds?: { readonly [kind: string]: Contents }
}

const annotation = "@effect-foolscap/banana/Form"

/**
 * The annotation by which a declaration says its form.
 *
 * @category annotations
 * @since 0.1.0
 */
export const annotate = (form: Form): { readonly [annotation]: Form } => ({ [annotation]: form })

/**
 * The form of a sequence of one kind.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sequence = (name: string, kind: string, contents: Contents, strict = false): Form => ({
  name,
  tokens: setOf(OPEN),
  kinds: { [kind]: contents },
  strict
})

/**
 * Text of so many bytes of UTF-8 at most.
 *
 * @category constructors
 * @since 0.1.0
 */
export const text = (maxBytes?: number): Form => sequence("UnicodeConstraint", "unicode", { maxBytes }, true)

/**
 * Bytes, at most so many.
 *
 * @category constructors
 * @since 0.1.0
 */
export const byteString = (maxLength?: number): Form => ({
  name: "ByteStringConstraint",
  tokens: setOf(STRING, VOCAB),
  maxString: maxLength,
  kinds: {}
})

const integers = setOf(INT, NEG)
const longs = setOf(LONGINT, LONGNEG)

/**
 * An integer of so many bytes at most; -1 for INT and NEG alone, as Foolscap has it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const integer = (maxBytes: number): Form => ({
  name: "IntegerConstraint",
  tokens: maxBytes === -1 ? integers : integers | longs,
  maxLong: maxBytes,
  kinds: {}
})

/**
 * A float, or an integer of so many bytes at most.
 *
 * @category constructors
 * @since 0.1.0
 */
export const number = (maxBytes: number): Form => ({
  ...integer(maxBytes),
  name: "NumberConstraint",
  tokens: integer(maxBytes).tokens | setOf(FLOAT)
})

/** Foolscap's limit for an `int` or `float` in a schema. */
const maxIntegerBytes = 1024
/** A safe integer has 53 bits. */
const maxSafeBytes = 7
/** The largest double is an integer, and sent as one. */
const maxDoubleBytes = 128

const boolean = sequence("BooleanConstraint", "boolean", {}, true)
const nothing = sequence("Nothing", "none", {}, true)

const utf8 = new TextEncoder()

const ofLiteral = (literal: SchemaAST.LiteralValue): Form => {
  if (typeof literal === "string") return text(utf8.encode(literal).length)
  if (typeof literal === "boolean") return boolean
  if (typeof literal === "bigint" || isInteger(literal)) return integer(maxIntegerBytes)
  return { name: "NumberConstraint", tokens: setOf(FLOAT), kinds: {} }
}

/**
 * The form of one node of an encoded side; `undefined` if Banana has none for it. Unions and suspended Schemas are not asked.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (ast: SchemaAST.AST): Form | undefined => {
  switch (ast._tag) {
    case "String":
      return text(Check.maxUtf8(ast.checks))
    case "TemplateLiteral":
      return text()
    case "Number":
      return Check.isInteger(ast.checks) ? integer(maxSafeBytes) : number(maxDoubleBytes)
    case "BigInt":
      return integer(maxIntegerBytes)
    case "Boolean":
      return boolean
    case "Null":
      return nothing
    case "Literal":
      return ofLiteral(ast.literal)
    case "Arrays":
      return sequence("ListConstraint", "list", {
        maxLength: Check.maxLength(ast.checks) ?? (ast.rest.length === 0 ? ast.elements.length : undefined),
        item: [...ast.elements, ...ast.rest]
      })
    case "Declaration":
      if (isBytes(ast)) return byteString(Check.maxLength(ast.checks))
      return ast.annotations?.[annotation] as Form | undefined // by `annotate` alone
    default:
      return undefined
  }
}

/**
 * Whether a sequence of this kind fits.
 *
 * @category predicates
 * @since 0.1.0
 */
export const takes = (form: Form | undefined, kind: string): boolean =>
  form !== undefined && (form.kinds === undefined || form.kinds[kind] !== undefined)

const isBytes = ({ annotations }: SchemaAST.Declaration): boolean => {
  const representation: unknown = annotations?.["representation"]
  return Predicate.hasProperty(representation, "id") && representation.id === "effect/schema/Uint8Array"
}
