/**
 * How much a value with references in it is to a Schema, which makes a tree of it.
 *
 * A few references can stand for more than there is memory: a list of two lists, both the same, each of two lists, and so on.
 *
 * @since 0.1.0
 */
import * as Constraint from "../Constraint.ts"
import * as Limits from "../Limits.ts"
import { refuse } from "../Refusal.ts"
import { Dict } from "../value/Dict.ts"
import { ImmutableSet } from "../value/ImmutableSet.ts"
import { MutableSet } from "../value/MutableSet.ts"
import { Tuple } from "../value/Tuple.ts"
import type { Value } from "../value/Value.ts"

/**
 * Refuses a value that, with all that is shared in it written out each time, exceeds the limits of size or depth; one that
 * holds itself exceeds both. It looks only as far as a Schema with this constraint does.
 *
 * @category checking
 * @since 0.1.0
 */
export const check = (value: Value, constraint: Constraint.Constraint, limits: Limits.Limits): void => {
  new Unfolding(limits).measure(value, constraint, 0)
}

/** What one object is in one place, in bytes and in sequences in one another. */
interface Measure {
  readonly size: number
  readonly depth: number
}

const leaf: Measure = { size: Limits.token, depth: 0 }

class Unfolding {
  private readonly limits: Limits.Limits
  private readonly known = new Map<Value, Map<Constraint.Constraint, Measure>>()

  constructor(limits: Limits.Limits) {
    this.limits = limits
  }

  /** `above` says how many sequences this one is in. */
  measure(value: Value, constraint: Constraint.Constraint, above: number): Measure {
    const shape = constraint.opens.get(kindOf(value))
    if (shape === undefined) return leaf
    const known = this.known.get(value)?.get(constraint)
    if (above + (known?.depth ?? 1) > this.limits.depth) {
      return refuse(`more than ${this.limits.depth} sequences in one another`)
    }
    if (known !== undefined) return known
    let size = Limits.sequence
    let depth = 0
    for (const [child, expected] of childrenOf(value, shape)) {
      const measure = this.measure(child, expected, above + 1)
      size += measure.size
      depth = Math.max(depth, measure.depth)
      if (size > this.limits.size) refuse(`an object that takes more than ${this.limits.size} bytes`)
    }
    const measure = { size, depth: depth + 1 }
    const here = this.known.get(value) ?? new Map<Constraint.Constraint, Measure>()
    this.known.set(value, here.set(constraint, measure))
    return measure
  }
}

/** The index word of what holds others; what holds none has no use for one here. */
const kindOf = (value: Value): string => {
  if (Array.isArray(value)) return "list"
  if (value instanceof Tuple) return "tuple"
  if (value instanceof Dict) return "dict"
  if (value instanceof MutableSet) return "set"
  return value instanceof ImmutableSet ? "immutable-set" : ""
}

type Child = readonly [Value, Constraint.Constraint]

function* childrenOf(value: Value, shape: Constraint.Shape): Iterable<Child> {
  const { item = Constraint.any, items, key = Constraint.any, named } = shape
  if (value instanceof Dict) {
    for (const [name, child] of value) {
      yield [name, key]
      yield [child, (typeof name === "string" ? named?.get(name) : undefined) ?? item]
    }
  } else if (
    typeof value === "object" &&
    value !== null &&
    Symbol.iterator in value &&
    !(value instanceof Uint8Array)
  ) {
    let at = 0
    for (const child of value) yield [child, items?.[at++] ?? item]
  }
}
