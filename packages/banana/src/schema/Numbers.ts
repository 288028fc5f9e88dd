/**
 * Numbers as a Schema wants them.
 *
 * A value keeps `2.0`, a `Float`, apart from `2`, and an integer is a number if it is safe and a bigint if not. `Schema.Number` and
 * `Schema.BigInt` do neither.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { Float, isInteger } from "../value/Float.ts"
import type { Value } from "../value/Value.ts"
import { alternatives } from "./Alternatives.ts"
import * as Form from "./Form.ts"

/** `undefined` leaves every value as it is. */
type Convert = ((value: Value) => Value) | undefined

/**
 * Turns the numbers in what has come into those that the encoded side of a Schema has in their place.
 *
 * @category converting
 * @since 0.1.0
 */
export const converter = (schema: Schema.Constraint): ((value: Value) => Value) =>
  of(SchemaAST.toEncoded(schema.ast)) ?? ((value) => value)

const known = new WeakMap<SchemaAST.AST, { readonly convert: Convert }>()

const of = (ast: SchemaAST.AST): Convert => {
  const found = known.get(ast)
  if (found !== undefined) return found.convert
  const convert = make(ast)
  known.set(ast, { convert })
  return convert
}

const make = (ast: SchemaAST.AST): Convert => {
  switch (ast._tag) {
    case "Number":
      return toNumber
    case "BigInt":
      return toBigInt
    case "Literal":
      return literal.get(typeof ast.literal)
    case "Arrays":
      return inArray(ast)
    case "Union":
      return inUnion(ast)
    case "Suspend":
      // Not before it is needed: what it stands for may not be there yet.
      return (value) => of(ast.thunk())?.(value) ?? value
    default:
      return undefined
  }
}

/** An integer that no double is stays what it is, and is refused. */
const toNumber = (value: Value): Value => {
  if (value instanceof Float) return value.value
  if (typeof value !== "bigint") return value
  const number = Number(value)
  return Number.isFinite(number) && BigInt(number) === value ? number : value
}

const toBigInt = (value: Value): Value => (typeof value === "number" && isInteger(value) ? BigInt(value) : value)

const literal = new Map<string, Convert>([
  ["number", toNumber],
  ["bigint", toBigInt]
])

const inArray = ({ elements, rest }: SchemaAST.Arrays): Convert => {
  const converts = [...elements, ...rest].map(of)
  if (converts.every((convert) => convert === undefined)) return undefined
  const head = elements.length
  const tail = Math.max(0, rest.length - 1)
  return (value) => {
    if (!isList(value)) return value
    const border = value.length - tail
    return value.map((item, at) => {
      const convert = converts[at < head ? at : at < border ? head : head + 1 + at - border]
      return convert === undefined ? item : convert(item)
    })
  }
}

/** As the first member that the value fits, once its numbers are what that member wants. */
const inUnion = (union: SchemaAST.Union): Convert => {
  if (union.types.every((member) => of(member) === undefined)) return undefined
  let members: ReadonlyArray<Member> | undefined
  return (value) => {
    members ??= membersOf(union)
    const possible = isList(value) ? members.filter(({ isArray }) => isArray) : members
    const [only] = possible
    // Looking into a list only to see whether it fits would be done again for each list in it.
    if (possible.length === 1 && only !== undefined) return only.convert(value)
    for (const { convert, is } of possible) {
      const converted = convert(value)
      if (is(converted)) return converted
    }
    return value
  }
}

interface Member {
  readonly convert: (value: Value) => Value
  readonly is: (value: unknown) => boolean
  readonly isArray: boolean
}

const membersOf = (union: SchemaAST.Union): ReadonlyArray<Member> =>
  alternatives([union]).map((ast) => ({
    convert: of(ast) ?? ((value) => value),
    is: Schema.is(Schema.make(ast)),
    isArray: Form.takes(Form.of(ast), "list")
  }))

const isList = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)
