/** The values that the fixtures describe. */
import { Decimal } from "../../src/value/Decimal.ts"
import { Dict } from "../../src/value/Dict.ts"
import { fromDouble } from "../../src/value/Float.ts"
import { ImmutableSet } from "../../src/value/ImmutableSet.ts"
import { MutableSet } from "../../src/value/MutableSet.ts"
import { Tuple } from "../../src/value/Tuple.ts"
import type { Value } from "../../src/value/Value.ts"
import { fromHex } from "../Tokens.ts"
import { type Described, sha256 } from "./Fixtures.ts"

/** In vectors of these names equal containers are one object. */
export const isShared = (name: string): boolean => /^(?:shared|two shared) /.test(`${name} `)

/** `shared`: what is equal is one object. */
export const valueOf = (whole: Described, shared = false): Value => {
  const made = new Map<string, Value>()
  /** The containers around the one that is being made, from the outside in. */
  const around: Array<Value> = []
  const within = <A extends Value>(container: A, fill: () => void): A => {
    around.push(container)
    fill()
    around.pop()
    return container
  }
  const fresh = (described: Described): Value => {
    if ("cycle" in described) return around.at(-described.cycle) ?? null
    switch (described.type) {
      case "list": {
        const items: Array<Value> = []
        return within(items, () => items.push(...described.items.map(make)))
      }
      case "tuple": {
        const items: Array<Value> = []
        return within(new Tuple(items), () => items.push(...described.items.map(make)))
      }
      case "set": {
        const set = new MutableSet<Value>()
        return within(set, () => described.items.forEach((member) => set.add(make(member))))
      }
      case "immutable-set":
        return ImmutableSet.from(described.items.map(make))
      case "dict": {
        const dict = new Dict<Value, Value>()
        return within(dict, () => described.items.forEach(([key, item]) => dict.set(make(key), make(item))))
      }
      default:
        return simple(described)
    }
  }
  const make = (described: Described): Value => {
    const text = JSON.stringify(described)
    const value = (shared ? made.get(text) : undefined) ?? fresh(described)
    made.set(text, value)
    return value
  }
  return make(whole)
}

const simple = (described: Exclude<Described, { readonly cycle: number } | { readonly items: unknown }>): Value => {
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
      return fromDouble(Buffer.from(described.be_hex, "hex").readDoubleBE())
    case "bytes": {
      if ("hex" in described) return fromHex(described.hex)
      const bytes = new Uint8Array(described.length).fill(fromHex(described.first_hex)[0] ?? 0)
      if (sha256(bytes) !== described.sha256) throw new Error("these bytes are not one byte repeated")
      return bytes
    }
    case "decimal": {
      const decimal = Decimal.fromText(described.value)
      if (decimal === undefined) throw new Error(`${described.value} is no decimal`)
      return decimal
    }
  }
}
