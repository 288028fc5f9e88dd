/** Values as text, so that two of them are the same if their texts are, and a test shows where they differ. */
import { Decimal } from "../src/value/Decimal.ts"
import { Dict } from "../src/value/Dict.ts"
import { Float } from "../src/value/Float.ts"
import { ImmutableSet } from "../src/value/ImmutableSet.ts"
import { MutableSet } from "../src/value/MutableSet.ts"
import { Tuple } from "../src/value/Tuple.ts"

/**
 * One text for one value: `2` and `2.0`, `2` and `2n`, `0` and `-0`, a list and a tuple differ. The order of sets and dicts does
 * not count.
 *
 * What is one object has to be one object: where it comes again stands its number. Python does not tell apart empty tuples,
 * and does not keep track of immutable sets and of what holds nothing.
 */
export const canonical = (whole: unknown): string => write(whole, new Map())

/** The same for those who do not ask which objects are one. Not for cycles. */
export const flat = (whole: unknown): string => write(whole, undefined)

type Known = Map<unknown, number> | undefined

const write = (value: unknown, known: Known): string => {
  const text = simple(value)
  if (text !== undefined) return text
  const earlier = known?.get(value)
  if (earlier !== undefined) return `#${earlier}`
  if (!(value instanceof ImmutableSet) && !(value instanceof Tuple && value.length === 0)) known?.set(value, known.size)
  if (Array.isArray(value)) return `[${value.map((item) => write(item, known)).join(", ")}]`
  if (value instanceof Tuple) return `(${value.items.map((item) => write(item, known)).join(", ")})`
  if (value instanceof MutableSet) return `set{${members(value, known)}}`
  if (value instanceof ImmutableSet) return `frozenset{${members(value, known)}}`
  if (value instanceof Dict) {
    return `{${inOrder(value, ([key]) => key)
      .map(([key, item]) => `${write(key, known)}: ${write(item, known)}`)
      .join(", ")}}`
  }
  throw new Error(`${String(value)} is no value of Banana`)
}

const double = (value: number): string => (Object.is(value, -0) ? "-0" : String(value))

const simple = (value: unknown): string | undefined => {
  if (value === null) return "None"
  if (typeof value === "boolean") return value ? "True" : "False"
  if (typeof value === "number") return double(value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "string") return JSON.stringify(value)
  if (value instanceof Float) return `Float(${double(value.value)})`
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString("hex")}`
  return value instanceof Decimal ? `Decimal(${value.text})` : undefined
}

const members = (set: Iterable<unknown>, known: Known): string =>
  inOrder(set, (member) => member)
    .map((member) => write(member, known))
    .join(", ")

/** In the order of what each of them is when it stands alone. */
const inOrder = <A>(items: Iterable<A>, keyOf: (item: A) => unknown): ReadonlyArray<A> =>
  Array.from(items, (item) => ({ item, text: write(keyOf(item), new Map()) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ item }) => item)
