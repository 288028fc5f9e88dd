/**
 * BananaConversion: descriptions into our values, and back.
 */
import { Decimal } from "@effect-foolscap/banana/value/Decimal"
import { Dict } from "@effect-foolscap/banana/value/Dict"
import { Float, fromDouble } from "@effect-foolscap/banana/value/Float"
import { ImmutableSet } from "@effect-foolscap/banana/value/ImmutableSet"
import { MutableSet } from "@effect-foolscap/banana/value/MutableSet"
import { Tuple } from "@effect-foolscap/banana/value/Tuple"
import type { Value } from "@effect-foolscap/banana/value/Value"
import { begunIn, type Container, type Description, isContainer, resolveIn, type Simple } from "./BananaDescription.ts"

const doubleFrom = (hex: string): number => Buffer.from(hex, "hex").readDoubleBE()

const hexOfDouble = (double: number): string => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(double)
  return bytes.toString("hex")
}

/** The value that is described. What can change is made empty first and filled later, so that it can hold itself. */
export const toValue = (whole: Description): Value => {
  const resolve = resolveIn(begunIn(whole))
  const made = new Map<Description, Value>()
  const unfilled: Array<() => void> = []
  const make = (described: Description): Value => {
    const value = resolve(described)
    const earlier = made.get(value)
    if (earlier !== undefined) return earlier
    const fresh = isContainer(value) ? begin(value) : simple(value)
    made.set(value, fresh)
    return fresh
  }
  const begin = (container: Container): Value => {
    switch (container.type) {
      case "tuple":
        return new Tuple(container.items.map((item) => make(item)))
      case "immutable-set":
        return ImmutableSet.from(container.items.map((item) => make(item)))
      case "list": {
        const list: Array<Value> = []
        unfilled.push(() => list.push(...container.items.map((item) => make(item))))
        return list
      }
      case "set": {
        const set = new MutableSet<Value>()
        unfilled.push(() => {
          for (const member of container.items) set.add(make(member))
        })
        return set
      }
      case "dict": {
        const dict = new Dict<Value, Value>()
        unfilled.push(() => {
          for (const [key, item] of container.items) dict.set(make(key), make(item))
        })
        return dict
      }
    }
  }
  const value = make(whole)
  for (let fill = unfilled.pop(); fill !== undefined; fill = unfilled.pop()) fill()
  return value
}

const simple = (described: Simple | { readonly foreign: string }): Value => {
  if ("foreign" in described) throw new Error(`there is no ${described.foreign} here`)
  switch (described.type) {
    case "none":
      return null
    case "boolean":
    case "text":
      return described.value
    case "int": {
      const integer = BigInt(described.value)
      return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
    }
    case "float":
      return fromDouble(doubleFrom(described.hex))
    case "bytes":
      return new Uint8Array(Buffer.from(described.hex, "hex"))
    case "decimal": {
      const decimal = Decimal.fromText(described.value)
      if (decimal === undefined) throw new Error(`${described.value} is no decimal here`)
      return decimal
    }
  }
}

/** What this value is. */
export const fromValue = (whole: unknown): Description => {
  const begun = new Map<unknown, number>()
  const describe = (value: unknown): Description => {
    if (value === null) return { type: "none" }
    switch (typeof value) {
      case "boolean":
        return { type: "boolean", value }
      case "bigint":
        return { type: "int", value: value.toString() }
      case "number":
        return Number.isInteger(value) && !Object.is(value, -0)
          ? { type: "int", value: value.toString() }
          : { type: "float", hex: hexOfDouble(value) }
      case "string":
        return { type: "text", value }
      default:
    }
    if (value instanceof Float) return { type: "float", hex: hexOfDouble(value.value) }
    if (value instanceof Uint8Array) return { type: "bytes", hex: Buffer.from(value).toString("hex") }
    if (value instanceof Decimal) return { type: "decimal", value: value.text }
    if (value instanceof ImmutableSet) return { type: "immutable-set", items: Array.from(value, describe) }
    const number = begun.get(value)
    if (number !== undefined) return { ref: number }
    begun.set(value, begun.size)
    if (Array.isArray(value)) return { type: "list", items: value.map(describe) }
    if (value instanceof Tuple) return { type: "tuple", items: value.items.map(describe) }
    if (value instanceof MutableSet) return { type: "set", items: Array.from(value, describe) }
    if (value instanceof Dict) {
      return { type: "dict", items: Array.from(value, ([key, item]) => [describe(key), describe(item)] as const) }
    }
    return { foreign: typeof value }
  }
  return describe(whole)
}
