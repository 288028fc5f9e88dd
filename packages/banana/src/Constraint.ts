/**
 * What may come next in a stream: enforced as the tokens arrive, before anything is built (B16).
 *
 * `ConstraintSchema` makes one from a Schema.
 *
 * @since 0.1.0
 */
import { fail, refuse } from "./Refusal.ts"
import {
  bit,
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
 * What a sequence of an accepted kind may hold. Kinds that are not named here hold what their own unslicer takes.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shape {
  /** Most items, or keys. */
  readonly maxLength?: number
  /** What each item, or value of a dict, must be. */
  readonly item?: Constraint
  /** What the items must be one by one: so many and no more. */
  readonly items?: ReadonlyArray<Constraint>
  /** What each key must be. */
  readonly key?: Constraint
  /** What the value of each key must be, by the text of the key: these keys and no others. */
  readonly named?: ReadonlyMap<string, Constraint>
  /** Most bytes of a text. */
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
  /** The kinds of sequences, by their index word; `undefined` accepts all. */
  readonly opens: ReadonlyMap<string, Shape> | undefined
  /** How any other token is refused. */
  readonly refusal: (type: number, constraint: Constraint) => never

  constructor(
    options: Partial<Pick<Constraint, "maxString" | "maxLong" | "opens" | "refusal">> &
      Pick<Constraint, "name" | "tokens">
  ) {
    this.name = options.name
    this.tokens = options.tokens
    this.maxString = options.maxString
    this.maxLong = options.maxLong
    this.opens = options.opens
    this.refusal = options.refusal ?? rejected
  }

  /** Whether a token of this type may come. */
  accepts(type: number): boolean {
    return (this.tokens & bit(type)) !== 0
  }

  /** Refuses a kind of sequence that is not accepted. A `reference` always is: what it stands for is checked at the end. */
  checkOpen(kind: string): void {
    if (this.opens === undefined || kind === "reference" || this.opens.has(kind)) return
    const list = Array.from(this.opens.keys(), (accepted) => `('${accepted}',)`)
    refuse(`unacceptable OPEN type: ('${kind}',) not in my list [${list.join(", ")}]`)
  }
}

const rejected = (type: number, { name }: Constraint): never => refuse(`${nameOf(type)} token rejected by ${name}`)

/** Foolscap takes a wrong token for a broken protocol where only one kind of sequence can stand. */
const broken = (type: number): never => fail(`invalid token type: ${nameOf(type)}`)

const integers = setOf(INT, NEG)
const longs = setOf(LONGINT, LONGNEG)
const strings = setOf(STRING, VOCAB)

/**
 * Whatever comes, within the `Limits`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const any = new Constraint({
  name: "Any",
  tokens: setOf(INT, NEG, LONGINT, LONGNEG, FLOAT, STRING, VOCAB, OPEN)
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

/**
 * Bytes, at most so many.
 *
 * @category constructors
 * @since 0.1.0
 */
export const byteString = (maxLength?: number): Constraint =>
  new Constraint({ name: "ByteStringConstraint", tokens: strings, maxString: maxLength, opens: new Map() })

/**
 * An integer of so many bytes at most; `-1` for 32 bits, that is INT and NEG alone, as Foolscap has it.
 *
 * @category constructors
 * @since 0.1.0
 */
export const integer = (maxBytes = 1024): Constraint =>
  new Constraint({
    name: "IntegerConstraint",
    tokens: maxBytes === -1 ? integers : integers | longs,
    maxLong: maxBytes,
    opens: new Map()
  })

/**
 * A float, or an integer as `integer` says.
 *
 * @category constructors
 * @since 0.1.0
 */
export const number = (maxBytes = 1024): Constraint =>
  new Constraint({
    name: "NumberConstraint",
    tokens: integers | longs | setOf(FLOAT),
    maxLong: maxBytes,
    opens: new Map()
  })

/** A sequence of one kind. `strict` as Foolscap: another token ends the link. */
const opener = (name: string, kind: string, shape: Shape, strict = false): Constraint =>
  new Constraint({ name, tokens: setOf(OPEN), opens: new Map([[kind, shape]]), ...(strict ? { refusal: broken } : {}) })

/**
 * Text of so many code points at most.
 *
 * @category constructors
 * @since 0.1.0
 */
export const text = (maxLength?: number): Constraint =>
  // A code point takes four bytes of UTF-8 at most.
  opener("UnicodeConstraint", "unicode", maxLength === undefined ? {} : { maxBytes: 4 * maxLength }, true)

/**
 * `true` or `false`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const boolean = opener("BooleanConstraint", "boolean", {}, true)

/**
 * `null`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const nothing = opener("Nothing", "none", {}, true)

/**
 * A decimal of so many characters at most.
 *
 * @category constructors
 * @since 0.1.0
 */
export const decimal = (maxBytes?: number): Constraint =>
  opener("DecimalConstraint", "decimal", maxBytes === undefined ? {} : { maxBytes })

/**
 * A list of such items, at most so many.
 *
 * @category constructors
 * @since 0.1.0
 */
export const listOf = (item: Constraint, maxLength?: number): Constraint =>
  opener("ListConstraint", "list", { item, ...(maxLength === undefined ? {} : { maxLength }) })

/**
 * A tuple of these items, one by one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tupleOf = (items: ReadonlyArray<Constraint>): Constraint => opener("TupleConstraint", "tuple", { items })

/**
 * A set, or an immutable set, of such items, at most so many.
 *
 * @category constructors
 * @since 0.1.0
 */
export const setOfItems = (kind: "set" | "immutable-set", item: Constraint, maxLength?: number): Constraint =>
  opener("SetConstraint", kind, { item, ...(maxLength === undefined ? {} : { maxLength }) })

/**
 * A dict from such keys to such values, at most so many.
 *
 * @category constructors
 * @since 0.1.0
 */
export const dictOf = (key: Constraint, item: Constraint, maxLength?: number): Constraint =>
  opener("DictConstraint", "dict", { key, item, ...(maxLength === undefined ? {} : { maxLength }) })

/**
 * A dict of these text keys, and what the value of each must be.
 *
 * @category constructors
 * @since 0.1.0
 */
export const structOf = (named: ReadonlyMap<string, Constraint>): Constraint => {
  const longest = Math.max(0, ...Array.from(named.keys(), (name) => name.length))
  return opener("DictConstraint", "dict", { key: text(longest), named, maxLength: named.size })
}

/**
 * One or the other. Where both accept the same kind of sequence, with everything that either would take in it; which of them
 * it was is for a Schema to say at the end.
 *
 * @category combinators
 * @since 0.1.0
 */
export const either = (one: Constraint, other: Constraint): Constraint => {
  const opens =
    one.opens === undefined || other.opens === undefined
      ? undefined
      : new Map<string, Shape>([...one.opens, ...other.opens])
  for (const [kind, shape] of one.opens ?? []) {
    const same = other.opens?.get(kind)
    if (same !== undefined) opens?.set(kind, join(shape, same))
  }
  return new Constraint({
    name: "ChoiceOf",
    tokens: one.tokens | other.tokens,
    maxString: larger(one.tokens & bit(STRING), one.maxString, other.tokens & bit(STRING), other.maxString),
    maxLong: larger(one.tokens & longs, one.maxLong, other.tokens & longs, other.maxLong),
    opens
  })
}

/** The larger limit of those that have the token at all; no limit is the decoder's. */
const larger = (
  has: number,
  limit: number | undefined,
  hasToo: number,
  other: number | undefined
): number | undefined => {
  if (has === 0) return other
  if (hasToo === 0) return limit
  return limit === undefined || other === undefined ? undefined : Math.max(limit, other)
}

const join = (one: Shape, other: Shape): Shape => {
  const most = (a: number | undefined, b: number | undefined) =>
    a === undefined || b === undefined ? undefined : Math.max(a, b)
  const maxLength = most(one.maxLength ?? one.items?.length, other.maxLength ?? other.items?.length)
  const maxBytes = most(one.maxBytes, other.maxBytes)
  const item = joinAll([...itemsOf(one), ...itemsOf(other)])
  const key = one.key === undefined || other.key === undefined ? undefined : either(one.key, other.key)
  return {
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(item === undefined ? {} : { item }),
    ...(key === undefined ? {} : { key })
  }
}

const itemsOf = ({ item, items, named }: Shape): ReadonlyArray<Constraint> =>
  items ?? (named === undefined ? [item ?? any] : [...named.values()])

const joinAll = ([first, ...others]: ReadonlyArray<Constraint>): Constraint | undefined =>
  first === undefined ? undefined : others.reduce(either, first)
