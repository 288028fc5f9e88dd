/**
 * What may come next in a stream: enforced as the tokens arrive, before anything is built (B16).
 *
 * `ConstraintSchema` makes one from a Schema.
 *
 * @since 0.1.0
 */
import { refuse } from "./Refusal.ts"
import {
  FLOAT,
  INT,
  LONGINT,
  LONGNEG,
  NEG,
  nameOf,
  OPEN,
  setOf,
  STRING,
  type TokenSet,
  VOCAB
} from "./wire/TokenType.ts"

/**
 * What a sequence of one kind may hold. Where it says nothing, that is what its unslicer takes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shape {
  /** Most items, members or keys. */
  readonly maxLength?: number
  /** What each item, or value of a dict, must be. */
  readonly item?: Constraint
  /** What the items must be one by one: so many, no more and no fewer. */
  readonly items?: ReadonlyArray<Constraint>
  /** What each key must be. */
  readonly key?: Constraint
  /** What the value of each key must be, by the text of the key: these keys and no others. */
  readonly named?: ReadonlyMap<string, Constraint>
  /** Most bytes of a text or a decimal. */
  readonly maxBytes?: number
}

/**
 * The tokens and kinds of sequences that are accepted in one place.
 *
 * @category models
 * @since 0.1.0
 */
export class Constraint {
  /** As Foolscap calls it in a message. */
  readonly name: string
  readonly tokens: TokenSet
  /** The longest STRING, in bytes; `undefined` leaves it to `Limits.body`. */
  readonly maxString: number | undefined
  /** The longest LONGINT or LONGNEG, in bytes; likewise. */
  readonly maxLong: number | undefined
  /** The kinds of sequences, by their index word. */
  readonly opens: ReadonlyMap<string, Shape>
  /** Whether other kinds are accepted, too. */
  readonly others: boolean
  /** How any other token is refused. */
  readonly refusal: (type: number, constraint: Constraint) => never

  constructor(
    options: Partial<Pick<Constraint, "maxString" | "maxLong" | "opens" | "others" | "refusal">> &
      Pick<Constraint, "name" | "tokens">
  ) {
    this.name = options.name
    this.tokens = options.tokens
    this.maxString = options.maxString
    this.maxLong = options.maxLong
    this.opens = options.opens ?? noSequence
    this.others = options.others ?? false
    this.refusal = options.refusal ?? rejected
  }

  /** What a sequence of this kind may hold, or a refusal of the kind. */
  shapeOf(kind: string): Shape {
    if (this.opens === noSequence && this.others) return noShape
    const shape = this.opens.get(kind)
    if (shape !== undefined) return shape
    // What a reference stands for is checked at the end.
    if (this.others || kind === "reference") return noShape
    const list = Array.from(this.opens.keys(), (accepted) => `('${accepted}',)`)
    return refuse(`unacceptable OPEN type: ('${kind}',) not in my list [${list.join(", ")}]`)
  }
}

const noShape: Shape = {}

const noSequence: ReadonlyMap<string, Shape> = new Map()

const rejected = (type: number, { name }: Constraint): never => refuse(`${nameOf(type)} token rejected by ${name}`)

/**
 * Whatever comes, within the `Limits`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const any = new Constraint({
  name: "Any",
  tokens: setOf(INT, NEG, LONGINT, LONGNEG, FLOAT, STRING, VOCAB, OPEN),
  others: true
})

/**
 * No token at all, and how one is refused.
 *
 * @category constructors
 * @since 0.1.0
 */
export const none = (refusal: (type: number) => never): Constraint =>
  new Constraint({ name: "Nothing", tokens: 0, refusal })

/**
 * Only these tokens, and how another is refused.
 *
 * @category constructors
 * @since 0.1.0
 */
export const only = (tokens: TokenSet, refusal: () => never, maxString?: number): Constraint =>
  new Constraint({ name: "Nothing", tokens, refusal, ...(maxString === undefined ? {} : { maxString }) })
