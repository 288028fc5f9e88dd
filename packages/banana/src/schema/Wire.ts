/**
 * What the Schemas of containers share.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Value } from "../value/Value.ts"
import * as Form from "./Form.ts"

/**
 * A Schema whose encoded side is a value: of what a container may hold.
 *
 * @category models
 * @since 0.1.0
 */
export type Wire<A = unknown> = Schema.ConstraintCodec<A, Value>

/**
 * The values of one class: their form, and what is said of anything else.
 *
 * @category constructors
 * @since 0.1.0
 */
export const declare = <A extends Value>(
  is: (input: unknown) => input is A,
  form: Form.Form,
  message: string
): Schema.declare<A> => Schema.declare<A>(is, { ...Form.annotate(form), message })

/**
 * The encoded side of a Schema, for a `Form`.
 *
 * @category getters
 * @since 0.1.0
 */
export const encoded = ({ ast }: Wire): SchemaAST.AST => SchemaAST.toEncoded(ast)
