/**
 * BananaValues: values to send, drawn by chance. Everything that Foolscap can send is drawn sooner or later: also what is shared,
 * and what holds itself.
 */
import type { Dice } from "../../proof/src/simulate/Dice.ts"
import type { Description } from "./BananaDescription.ts"
import { bytes, isNaN, none, number, simple, text } from "./BananaSimple.ts"

/** A container that has begun. */
interface Begun {
  readonly isTuple: boolean
  /** How many lists and dicts it is in. A tuple that is in itself needs one between. */
  readonly lists: number
  /** The tuples that a tuple holds, without a list or dict between. */
  readonly holds: Array<Begun>
  /** What is known of a tuple when it is complete. */
  complete: boolean
  hashable: boolean
}

const isFree = (begun: Begun, lists: number): boolean =>
  !begun.isTuple || ((begun.complete || begun.lists < lists) && begun.holds.every((held) => isFree(held, lists)))

/** Draws one value. Containers are counted as they begin, which is the order in which `Description` counts them. */
class Drawing {
  private readonly dice: Dice
  private readonly begun: Array<Begun> = []
  /** The tuples that are open. */
  private readonly open: Array<Begun> = []
  private lists = 0
  private hasNaNKey = false

  constructor(dice: Dice) {
    this.dice = dice
  }

  value(depth: number): Description {
    const { dice } = this
    if (dice.chance(0.12)) {
      const earlier = this.refer((begun) => isFree(begun, this.lists))
      if (earlier !== undefined) return earlier
    }
    if (depth === 0 || dice.chance(0.4)) return simple(dice)
    return dice.one<() => Description>([
      () => this.list(depth),
      () => this.list(depth),
      () => this.tuple(false, () => this.items(() => this.value(depth - 1))),
      () => this.dict(depth),
      () => this.set(depth),
      () => this.frozenset(depth)
    ])()
  }

  private refer(fits: (begun: Begun) => boolean): Description | undefined {
    const fitting = this.begun.filter(fits)
    if (fitting.length === 0) return undefined
    const begun = this.dice.one(fitting)
    this.hold(begun)
    return { ref: this.begun.indexOf(begun) }
  }

  private hold(begun: Begun): void {
    const holder = this.open.at(-1)
    if (begun.isTuple && holder?.lists === this.lists) holder.holds.push(begun)
  }

  private items<A>(draw: () => A): ReadonlyArray<A> {
    return Array.from({ length: this.dice.one([0, 1, 2, 3, this.dice.between(0, 8)]) }, draw)
  }

  private begin(isTuple: boolean): Begun {
    const begun = { isTuple, lists: this.lists, holds: [], hashable: false, complete: false }
    this.hold(begun)
    this.begun.push(begun)
    return begun
  }

  private inside<A>(draw: () => A): A {
    this.lists++
    const drawn = draw()
    this.lists--
    return drawn
  }

  private list(depth: number): Description {
    this.begin(false)
    return { type: "list", items: this.inside(() => this.items(() => this.value(depth - 1))) }
  }

  private tuple(hashable: boolean, draw: () => ReadonlyArray<Description>): Description {
    const begun = this.begin(true)
    this.open.push(begun)
    const items = draw()
    this.open.pop()
    begun.hashable = hashable
    begun.complete = true
    return { type: "tuple", items }
  }

  private dict(depth: number): Description {
    this.begin(false)
    const value = () => this.inside(() => this.value(depth - 1))
    // Keys that cannot be put in order are none that Foolscap could send, but for a single one.
    if (this.dice.chance(0.2)) return { type: "dict", items: [[this.hashable(depth - 1), value()]] }
    const key = this.family(depth)
    return { type: "dict", items: this.items(() => [key(), value()]) }
  }

  /** Keys of one kind, which Python can put in order. */
  private family(depth: number): () => Description {
    const { dice } = this
    if (depth === 0 || dice.chance(0.8)) {
      const draw = dice.one([bytes, text, number])
      return () => draw(dice)
    }
    const positions = [none, ...this.items(() => this.family(depth - 1))].slice(dice.between(0, 1))
    return () => this.tuple(true, () => positions.slice(0, dice.between(0, positions.length)).map((draw) => draw(dice)))
  }

  private set(depth: number): Description {
    this.begin(false)
    return { type: "set", items: this.items(() => this.hashable(depth - 1)) }
  }

  private frozenset(depth: number): Description {
    return { type: "immutable-set", items: this.items(() => this.hashable(depth - 1)) }
  }

  private hashable(depth: number): Description {
    const { dice } = this
    const earlier = dice.chance(0.1) ? this.refer((begun) => begun.hashable) : undefined
    if (earlier !== undefined) return earlier
    if (depth > 0 && dice.chance(0.25)) return this.tuple(true, () => this.items(() => this.hashable(depth - 1)))
    if (depth > 0 && dice.chance(0.15)) return this.frozenset(depth)
    const drawn = simple(dice)
    if (!isNaN(drawn)) return drawn
    // Two that hold one are different keys, which nothing but their order could tell apart; and a signalling one is no key.
    if (this.hasNaNKey || "value" in drawn) return none(dice)
    this.hasNaNKey = true
    return drawn
  }
}

/** One value. */
export const draw = (dice: Dice): Description => new Drawing(dice).value(dice.between(0, 5))

/** One of many containers, of which some come again behind all of them, or the whole in itself. */
export const drawMany = (dice: Dice): Description => {
  const count = dice.between(900, 2500)
  const number = (at: number): Description => ({ type: "int", value: String(at) })
  const containers = Array.from({ length: count }, (_, at): Description => {
    if (dice.chance(0.7)) return { type: "list", items: [number(at)] }
    if (dice.chance(0.5)) return { type: "tuple", items: [number(at), none(dice)] }
    return { type: "dict", items: [[number(at), none(dice)]] }
  })
  const again = Array.from({ length: dice.one([0, 1, 2, 100]) }, (): Description => ({ ref: dice.between(0, count) }))
  return { type: "list", items: [...containers, ...again] }
}
