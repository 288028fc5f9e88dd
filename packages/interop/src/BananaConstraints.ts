/**
 * BananaConstraints: constraints, and values that fit them or nearly do, drawn by chance. `python/banana.py` makes Foolscap's
 * constraint of the same description.
 *
 * Left out are those that Foolscap 21.7 cannot receive anything by, as its assertions fail: for frozensets, for decimals, and
 * choices among containers.
 */
import * as ConstraintSchema from "@effect-foolscap/banana/ConstraintSchema"
import type { Constraint } from "@effect-foolscap/banana/Constraint"
import { compile } from "@effect-foolscap/banana/schema/Compiler"
import type { Value } from "@effect-foolscap/banana/value/Value"
import type * as Schema from "effect/Schema"
import type { Dice } from "../../proof/src/simulate/Dice.ts"
import type { Description } from "./BananaDescription.ts"
import { isNaN, simple } from "./BananaSimple.ts"

/** A constraint, as Foolscap would be told. */
export type Wanted =
  | { readonly type: "any" | "boolean" | "none" }
  | { readonly type: "int" | "number"; readonly maxBytes: number }
  | { readonly type: "bytes" | "text"; readonly maxLength?: number }
  | { readonly type: "list" | "set"; readonly item: Wanted; readonly maxLength?: number }
  | { readonly type: "tuple"; readonly items: ReadonlyArray<Wanted> }
  | { readonly type: "dict"; readonly key: Wanted; readonly value: Wanted; readonly maxLength?: number }
  | { readonly type: "choice"; readonly members: ReadonlyArray<Wanted> }

type AnySchema = Schema.Codec<unknown, Value>

const schemaOf = (wanted: Wanted): AnySchema => {
  switch (wanted.type) {
    case "any":
      return ConstraintSchema.Any
    case "boolean":
      return ConstraintSchema.Boolean
    case "none":
      return ConstraintSchema.Nothing
    case "int":
      return ConstraintSchema.Integer(wanted)
    case "number":
      return ConstraintSchema.Number(wanted)
    case "bytes":
      return ConstraintSchema.ByteString(wanted)
    case "text":
      return ConstraintSchema.Text(wanted)
    case "list":
      return ConstraintSchema.ListOf(schemaOf(wanted.item), wanted)
    case "set":
      return ConstraintSchema.SetOf(schemaOf(wanted.item), wanted)
    case "tuple":
      return ConstraintSchema.TupleOf(wanted.items.map(schemaOf))
    case "dict": {
      const { maxLength } = wanted
      const bounds = maxLength === undefined ? {} : { maxKeys: maxLength }
      return ConstraintSchema.DictOf(schemaOf(wanted.key), schemaOf(wanted.value), bounds)
    }
    case "choice":
      return ConstraintSchema.ChoiceOf(wanted.members.map(schemaOf))
  }
}

/** What a decoder is to let through, token by token. */
export const constraintOf = (wanted: Wanted, body: number): Constraint => compile(schemaOf(wanted).ast, body)

const lengthOf = (dice: Dice, least: number) => (dice.chance(0.5) ? {} : { maxLength: dice.between(least, 5) })

/** What can be a key, and is not too much of a container. */
const leaf = (dice: Dice): Wanted =>
  dice.one<() => Wanted>([
    () => ({ type: "int", maxBytes: dice.one([-1, 4, 8, 1024]) }),
    () => ({ type: "number", maxBytes: dice.one([4, 8, 1024]) }),
    // A limit of 0 is none to Foolscap's header.
    () => ({ type: "bytes", ...lengthOf(dice, 1) }),
    () => ({ type: "text", ...lengthOf(dice, 0) }),
    () => ({ type: "boolean" }),
    () => ({ type: "none" })
  ])()

/** One constraint. */
export const drawWanted = (dice: Dice, depth: number): Wanted => {
  if (depth === 0 || dice.chance(0.2)) return leaf(dice)
  const inner = () => drawWanted(dice, depth - 1)
  return dice.one<() => Wanted>([
    () => ({ type: "any" }),
    () => ({
      type: "choice",
      members: [
        { type: "int", maxBytes: 4 },
        { type: "bytes", ...lengthOf(dice, 1) }
      ]
    }),
    () => ({ type: "list", item: inner(), ...lengthOf(dice, 0) }),
    () => ({ type: "list", item: inner(), ...lengthOf(dice, 0) }),
    () => ({ type: "set", item: leaf(dice), ...lengthOf(dice, 0) }),
    // Never empty: a second empty tuple would come as a reference, and what that stands for Foolscap asks at once, we at the end.
    () => ({ type: "tuple", items: Array.from({ length: dice.between(1, 3) }, inner) }),
    () => ({ type: "tuple", items: Array.from({ length: dice.between(1, 3) }, inner) }),
    () => ({ type: "dict", key: leaf(dice), value: inner(), ...lengthOf(dice, 0) })
  ])()
}

/** Draws values for a constraint, each part of which has a chance to be something else. */
export class FittingValues {
  private readonly dice: Dice
  private readonly disorder: number

  constructor(dice: Dice) {
    this.dice = dice
    this.disorder = dice.one([0, 0.02, 0.1, 0.3])
  }

  value(wanted: Wanted): Description {
    const { dice } = this
    if (dice.chance(this.disorder)) return this.other()
    switch (wanted.type) {
      case "any":
        return this.other()
      case "boolean":
        return { type: "boolean", value: dice.chance(0.5) }
      case "none":
        return { type: "none" }
      case "int":
        return { type: "int", value: this.integer(wanted.maxBytes) }
      case "number":
        return dice.chance(0.5)
          ? { type: "float", hex: dice.one(["3ff8000000000000", "8000000000000000", "7ff0000000000000"]) }
          : { type: "int", value: this.integer(wanted.maxBytes) }
      case "bytes":
        return { type: "bytes", hex: "7a".repeat(this.count(wanted.maxLength)) }
      case "text":
        return { type: "text", value: dice.one(["a", "é", "😀"]).repeat(this.count(wanted.maxLength)) }
      case "list":
        return { type: "list", items: this.several(wanted.maxLength, () => this.value(wanted.item)) }
      case "set":
        return { type: "set", items: this.several(wanted.maxLength, () => this.key(wanted.item)) }
      case "tuple":
        return {
          type: "tuple",
          items: [
            ...wanted.items.map((item) => this.value(item)),
            ...(dice.chance(this.disorder) ? [this.other()] : [])
          ]
        }
      case "dict":
        return {
          type: "dict",
          items: this.several(wanted.maxLength, () => [this.key(wanted.key), this.value(wanted.value)] as const)
        }
      case "choice":
        return this.value(dice.one(wanted.members))
    }
  }

  /** Of so many bytes, or one more. */
  private integer(maxBytes: number): string {
    const { dice } = this
    const bits = BigInt(maxBytes === -1 ? 31 : 8 * Math.min(maxBytes, 20))
    const most = dice.chance(this.disorder) ? 1n << bits : (1n << bits) - 1n
    const magnitude = dice.one([0n, 1n, 2n ** 31n - 1n, 2n ** 31n, BigInt(dice.between(0, 2 ** 40)), most])
    return (dice.chance(0.5) ? magnitude : -magnitude).toString()
  }

  /** At most so many, or some more. */
  private count(most = 8): number {
    return this.dice.between(0, most) + (this.dice.chance(this.disorder) ? this.dice.one([1, 2, 30]) : 0)
  }

  private several<A>(most: number | undefined, draw: () => A): ReadonlyArray<A> {
    return Array.from({ length: Math.min(12, this.count(most)) }, draw)
  }

  private key(wanted: Wanted): Description {
    const drawn = this.value(wanted)
    return "items" in drawn || isNaN(drawn) ? { type: "int", value: "1" } : drawn
  }

  /** Anything. */
  private other(): Description {
    const { dice } = this
    if (dice.chance(0.6)) return simple(dice)
    const items = Array.from({ length: dice.between(0, 2) }, () => simple(dice))
    const members = items.filter((item) => !isNaN(item))
    return dice.one<() => Description>([
      () => ({ type: "list", items }),
      () => ({ type: "tuple", items: [...items, simple(dice)] }),
      () => ({ type: "set", items: members }),
      () => ({ type: "immutable-set", items: members }),
      () => ({ type: "dict", items: members.map((key) => [key, { type: "none" }] as const) })
    ])()
  }
}
