/** Values of every kind, drawn by choices: a property's, which can be shrunk, or a seed's. */
import { Decimal } from "../src/value/Decimal.ts"
import { Dict } from "../src/value/Dict.ts"
import { fromDouble } from "../src/value/Float.ts"
import { ImmutableSet } from "../src/value/ImmutableSet.ts"
import { MutableSet } from "../src/value/MutableSet.ts"
import { Tuple } from "../src/value/Tuple.ts"
import type { Value } from "../src/value/Value.ts"

/** An integer from 0 to below `below`. Choice 0 is always the simplest, and where nothing more is wanted. */
export type Choose = (below: number) => number

/** These choices one after the other, then 0 for ever. */
export const chooseFrom = (choices: ReadonlyArray<number>): Choose => {
  let turn = 0
  return (below) => (choices[turn++] ?? 0) % below
}

const oneOf = <A>(choose: Choose, first: A, ...others: ReadonlyArray<A>): A =>
  others[choose(others.length + 1) - 1] ?? first

const many = <A>(choose: Choose, most: number, make: () => A): ReadonlyArray<A> =>
  Array.from({ length: choose(most + 1) }, make)

/** At the borders of tokens, of bodies and of safe integers, and anywhere. */
export const integer = (choose: Choose): number | bigint => {
  const power = BigInt(oneOf(choose, 0, 3, 7, 14, 30, 31, 32, 40, 48, 53, 63, 64, 80, 448, 4000))
  const magnitude = (1n << power) + BigInt(choose(256)) - 1n
  return sized(choose(2) === 0 ? magnitude : -magnitude)
}

/** As a decoder gives it: a number if it is safe. */
export const sized = (integer: bigint): number | bigint =>
  Number.isSafeInteger(Number(integer)) ? Number(integer) : integer

const doubles = [
  0,
  -0,
  1,
  -1,
  0.1,
  -2.5,
  5e-324,
  2.225073858507201e-308,
  1.7976931348623157e308,
  2 ** 31,
  2 ** 53,
  2 ** 53 - 1,
  2 ** 63,
  Infinity,
  -Infinity
]

/** Any double but NaN. */
export const double = (choose: Choose): number => {
  const chosen = choose(doubles.length * 2)
  const special = doubles[chosen]
  if (special !== undefined) return special
  if (chosen % 2 === 0) return (choose(4096) - 2048) / 8
  const bytes = Buffer.from(Array.from({ length: 8 }, () => choose(256)))
  const any = bytes.readDoubleBE()
  return Number.isNaN(any) ? 0.5 : any
}

const words = ["list", "none", "decimal", "attrdict", "lis", "List", "my-reference"] as const
const characters = Array.from("abz \n\0'\"\\\x7f\x80\xff\u0100\ud7ff\ue000\ufeff\uffff\u{10000}\u{1f600}\u{10ffff}")

export const text = (choose: Choose): string =>
  choose(4) === 1
    ? oneOf(choose, ...words)
    : many(choose, oneOf(choose, 6, 70), () => characters[choose(characters.length)] ?? "").join("")

export const bytes = (choose: Choose): Uint8Array =>
  choose(4) === 1
    ? new TextEncoder().encode(oneOf(choose, ...words))
    : Uint8Array.from(many(choose, oneOf(choose, 6, 40, 130), () => choose(256)))

/** A finite decimal or an infinity; NaN is no key. */
export const decimal = (choose: Choose): Decimal => {
  const digits = (most: number) => many(choose, most, () => choose(10)).join("")
  const sign = oneOf(choose, "", "-")
  if (choose(16) === 1) return decimalFrom(`${sign}Infinity`)
  return decimalFrom(
    `${sign}${choose(10)}${digits(20)}.${digits(20)}E${oneOf(choose, "0", "-6", "-7", "7", "20", "-400", "400")}`
  )
}

const decimalFrom = (text: string): Decimal => {
  const decimal = Decimal.fromText(text)
  if (decimal === undefined) throw new Error(`${text} is no decimal`)
  return decimal
}

/** What holds nothing. */
export const simple = (choose: Choose): Value => {
  switch (choose(9)) {
    case 0:
      return null
    case 1:
    case 2:
      return integer(choose)
    case 3:
      return choose(2) === 1
    case 4:
      return fromDouble(double(choose))
    case 5:
      return bytes(choose)
    case 6:
    case 7:
      return text(choose)
    default:
      return decimal(choose)
  }
}

/** A value of some `size` parts, in which objects come again and contain themselves, as far as Python could have made it. */
export const value = (choose: Choose, size = 200): Value => new Drawing(choose, size).value(0)

/** What can be a key. */
export const key = (choose: Choose): Value => new Drawing(choose, 20).key(0)

class Drawing {
  private readonly choose: Choose
  /** What may come again anywhere, complete or not. */
  private readonly anywhere: Array<Value> = []
  /** Tuples around this place. With nothing but tuples between, a tuple in itself is beyond Python. */
  private readonly tuples: Array<Value> = []
  private readonly keys: Array<Value> = []

  /** How many parts more. */
  private room: number

  constructor(choose: Choose, room: number) {
    this.choose = choose
    this.room = room
  }

  private many<A>(most: number, make: () => A): ReadonlyArray<A> {
    return many(this.choose, Math.min(most, this.room), make)
  }

  value(depth: number): Value {
    const { choose } = this
    const most = 5
    switch (choose(this.room-- > 0 && depth < 7 ? 9 : 2)) {
      case 0:
        return simple(choose)
      case 1:
        return this.again() ?? simple(choose)
      case 2:
      case 3: {
        const list: Array<Value> = []
        this.around(list, () => list.push(...this.many(most, () => this.value(depth + 1))))
        return list
      }
      case 4:
      case 5: {
        const items: Array<Value> = []
        const tuple = new Tuple(items)
        this.tuples.push(tuple)
        items.push(...this.many(most, () => this.value(depth + 1)))
        this.tuples.pop()
        if (items.length > 0) this.anywhere.push(tuple)
        return tuple
      }
      case 6: {
        const dict = new Dict<Value, Value>()
        this.around(dict, () => this.many(most, () => dict.set(this.key(depth + 1), this.value(depth + 1))))
        return dict
      }
      case 7: {
        const set = MutableSet.from(this.many(most, () => this.key(depth + 1)))
        this.anywhere.push(set)
        return set
      }
      default:
        return ImmutableSet.from(this.many(most, () => this.key(depth + 1)))
    }
  }

  key(depth: number): Value {
    const { choose } = this
    switch (this.room-- > 0 && depth < 7 ? choose(6) : 0) {
      case 3: {
        const tuple = new Tuple(this.many(3, () => this.key(depth + 1)))
        if (tuple.length > 0) this.keys.push(tuple)
        return tuple
      }
      case 4:
        return ImmutableSet.from(this.many(3, () => this.key(depth + 1)))
      case 5:
        return this.keys[choose(this.keys.length || 1)] ?? null
      default:
        return simple(choose)
    }
  }

  private again(): Value | undefined {
    const all = [...this.anywhere, ...this.keys]
    return all[this.choose(all.length || 1)]
  }

  /** Fills what may hold itself, and the tuples around it: what is made of these is of no use where they are not complete. */
  private around(container: Value, fill: () => void): void {
    const tuples = this.tuples.splice(0)
    this.anywhere.push(container)
    const { length } = this.anywhere
    this.anywhere.push(...tuples)
    fill()
    if (tuples.length > 0) this.anywhere.length = length
    this.tuples.push(...tuples)
  }
}
