/**
 * A Schema into the `Constraint` that lets through what its encoded side could take.
 *
 * A place is one Schema, or several of which any may fit: the members of a union. Where two of them take the same kind of
 * sequence, what is in it is a place with the children of both. As there are only so many sets of Schemas, this ends for
 * recursive ones, too, and their Constraints come back to themselves.
 *
 * @since 0.1.0
 */
import * as SchemaAST from "effect/SchemaAST"
import * as Constraint from "../Constraint.ts"
import { Any } from "../ConstraintSchema.ts"
import { fail, refuse } from "../Refusal.ts"
import { bit, LONGINT, nameOf, STRING } from "../wire/TokenType.ts"
import { alternatives } from "./Alternatives.ts"
import * as Form from "./Form.ts"
import { UnsupportedSchema } from "./UnsupportedSchema.ts"

/**
 * The constraint of a Schema. `body` is the limit where the Schema has none. Throws `UnsupportedSchema`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const compile = (ast: SchemaAST.AST, body: number): Constraint.Constraint => {
  const compiler = new Compiler(body)
  const constraint = compiler.place([SchemaAST.toEncoded(ast)])
  compiler.finish()
  return constraint
}

type Mutable<A> = { -readonly [Key in keyof A]: A[Key] }

/** One way to fit in a place. */
interface Leaf {
  readonly id: number
  readonly form: Form.Form
}

class Compiler {
  private readonly body: number
  private readonly leaves = new Map<SchemaAST.AST, Leaf>()
  private readonly places = new Map<string, Constraint.Constraint>()
  /** What is left to do for the sequences of the places so far. */
  private readonly rest: Array<() => void> = []

  constructor(body: number) {
    this.body = body
  }

  place(asts: ReadonlyArray<SchemaAST.AST>): Constraint.Constraint {
    const leaves = alternatives(asts).map((ast) => this.leaf(ast))
    const key = leaves
      .map(({ id }) => id)
      .sort((a, b) => a - b)
      .join()
    const known = this.places.get(key)
    if (known !== undefined) return known
    const constraint = this.make(leaves.map(({ form }) => form))
    this.places.set(key, constraint)
    return constraint
  }

  finish(): void {
    for (const task of this.rest) task()
  }

  private leaf(ast: SchemaAST.AST): Leaf {
    const known = this.leaves.get(ast)
    if (known !== undefined) return known
    const form = Form.of(ast)
    if (form === undefined) throw UnsupportedSchema.of(ast)
    const leaf = { id: this.leaves.size, form }
    this.leaves.set(ast, leaf)
    return leaf
  }

  private make(forms: ReadonlyArray<Form.Form>): Constraint.Constraint {
    const kinds = new Set(forms.flatMap((form) => Object.keys(form.kinds ?? {})))
    const others = forms.some((form) => form.kinds === undefined)
    if (others && forms.length === 1) return Constraint.any
    const names = [...new Set(forms.map(({ name }) => name))]
    const [name = "Nothing"] = names
    return new Constraint.Constraint({
      name,
      tokens: forms.reduce((tokens, form) => tokens | form.tokens, 0),
      maxString: this.longest(forms, STRING, (form) => form.maxString),
      maxLong: this.longest(forms, LONGINT, (form) => form.maxLong),
      opens: new Map(Array.from(kinds, (kind) => [kind, this.shape(contentsOf(forms, kind))])),
      others,
      ...(names.length > 1 ? { refusal: anyOf(names) } : {}),
      ...(names.length === 1 && forms.some(({ strict }) => strict === true) ? { refusal: broken } : {})
    })
  }

  /** The largest limit of those that take this token. */
  private longest(
    forms: ReadonlyArray<Form.Form>,
    type: number,
    limitOf: (form: Form.Form) => number | undefined
  ): number | undefined {
    const limits = forms.filter(({ tokens }) => (tokens & bit(type)) !== 0).map((form) => limitOf(form) ?? this.body)
    return limits.length === 0 ? undefined : Math.max(...limits)
  }

  private shape(all: ReadonlyArray<Form.Contents>): Constraint.Shape {
    const shape: Mutable<Constraint.Shape> = {}
    const lengths = all.map(({ items, maxLength, named }) => maxLength ?? items?.length ?? named?.size ?? Infinity)
    const maxLength = Math.max(...lengths)
    if (maxLength < Infinity) shape.maxLength = maxLength
    if (all.some(({ maxBytes }) => maxBytes !== undefined)) {
      shape.maxBytes = Math.max(...all.map(({ maxBytes }) => maxBytes ?? this.body))
    }
    // Later, as the children may be places around this one.
    if (all.some(({ item, items, named }) => (item ?? items ?? named) !== undefined)) {
      this.rest.push(() => this.fill(shape, all))
    }
    return shape
  }

  private fill(shape: Mutable<Constraint.Shape>, all: ReadonlyArray<Form.Contents>): void {
    const keys = all.flatMap(({ key }) => key ?? [])
    if (keys.length === all.length) shape.key = this.place(keys)
    const names = all.flatMap(({ named }) => named ?? [])
    const tuples = all.flatMap(({ items }) => (items === undefined ? [] : [items]))
    const [first = []] = tuples
    if (names.length === all.length) shape.named = this.named(names)
    else if (tuples.length === all.length && tuples.every(({ length }) => length === first.length)) {
      shape.items = first.map((_, at) => this.place(tuples.flatMap((items) => items[at] ?? [])))
    } else shape.item = this.place(all.flatMap(childrenOf))
  }

  private named(all: ReadonlyArray<ReadonlyMap<string, SchemaAST.AST>>): ReadonlyMap<string, Constraint.Constraint> {
    const names = new Set(all.flatMap((each) => [...each.keys()]))
    return new Map(Array.from(names, (name) => [name, this.place(all.flatMap((each) => each.get(name) ?? []))]))
  }
}

/** A form that takes all kinds of sequences has nothing to say about what is in them. */
const contentsOf = (forms: ReadonlyArray<Form.Form>, kind: string): ReadonlyArray<Form.Contents> =>
  forms.flatMap(({ kinds }) => (kinds === undefined ? {} : (kinds[kind] ?? [])))

const childrenOf = ({ item, items, named }: Form.Contents): ReadonlyArray<SchemaAST.AST> =>
  items ?? item ?? (named === undefined ? [Any.ast] : [...named.values()])

const broken = (type: number): never => fail(`invalid token type: ${nameOf(type)}`)

const anyOf =
  (names: ReadonlyArray<string>) =>
  (type: number): never =>
    refuse(`typebyte ${nameOf(type)} does not satisfy any of (${names.join(", ")})`)
