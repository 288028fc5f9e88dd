/**
 * Two Tubs and the network between them, which does nothing by itself: every step is an event that somebody picks.
 */
import { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import type * as Layer from "effect/Layer"
import * as Event from "./Event.ts"
import { Memory, type Noticed } from "./Memory.ts"
import type { Place } from "./Place.ts"
import { type Name, names, otherThan, type Setup } from "./Setup.ts"
import { nameOf, Wire } from "./Wire.ts"

/** What may still happen, and what is remembered of what has. */
interface Left {
  readonly dials: Record<Name, number>
  readonly restarts: Record<Name, number>
  readonly delays: Record<Name, number>
  losses: number
  /**
   * Whether there must be a link in the end if nothing more goes wrong: somebody has dialled; and if the Master was
   * restarted, then before that dial, and while its peer was not negotiating.
   */
  demand: "none" | "link" | "no more"
}

const copyOf = ({ delays, demand, dials, losses, restarts }: Left): Left => ({
  demand,
  dials: { ...dials },
  restarts: { ...restarts },
  delays: { ...delays },
  losses
})

/** A state to go back to. */
export interface Mark {
  readonly at: Readonly<Record<Name, Place>>
  readonly wires: ReadonlyArray<{ readonly wire: Wire; readonly restore: () => void } | undefined>
  readonly left: Left
}

/** What both processes are known to do. Worlds that share it need not run the same thing twice. */
export type Memories = Readonly<Record<Name, Memory>>

/** Nothing is known yet. `table` is what each process remembers its connections in. */
export const nothingKnown = (
  setup: Setup,
  table: Layer.Layer<ConnectionTable> = ConnectionTable.layerMemory
): Memories => ({ low: new Memory("low", setup, table), high: new Memory("high", setup, table) })

export class World {
  readonly setup: Setup
  /** Where each process stands. */
  readonly at: Record<Name, Place>
  wires: Array<Wire | undefined>
  left: Left
  private readonly memories: Memories
  private readonly base: Readonly<Record<Name, number>>

  constructor(setup: Setup, memories: Memories = nothingKnown(setup)) {
    this.setup = setup
    this.memories = memories
    this.at = { low: memories.low.beginning, high: memories.high.beginning }
    const ofLow = setup.dials.low * setup.hints.low
    const wires = ofLow + setup.dials.high * setup.hints.high
    if (wires > Event.maximalWires) throw new Error(`${setup.name} has ${wires} connections, more than can be numbered`)
    this.base = { low: 0, high: ofLow }
    this.wires = Array.from({ length: wires }, () => undefined)
    this.left = copyOf({ ...setup, demand: "none" })
  }

  /** Such a world from its beginning, of which nothing is known. */
  fresh(): World {
    return new World(this.setup, { low: this.memories.low.fresh(), high: this.memories.high.fresh() })
  }

  /** The numbers of the events that can happen now, in their order. */
  enabled(): ReadonlyArray<number> {
    const { at, left, setup, wires } = this
    const events: Array<number> = []
    wires.forEach((wire, index) => {
      if (wire === undefined) return
      if (wire.towards.client.inFlight.length > 0) events.push(Event.deliver(index, "client"))
      if (wire.towards.server.inFlight.length > 0) events.push(Event.deliver(index, "server"))
    })
    for (const name of names) {
      if (left.delays[name] > 0 && at[name].facts.nextTimer !== undefined) events.push(Event.late(name))
      if (left.dials[name] > 0) events.push(Event.dial(name))
      if (left.restarts[name] > 0) events.push(Event.restart(name))
    }
    if (left.losses > 0) {
      wires.forEach((wire, index) => {
        if (wire === undefined) return
        for (const heardBy of setup.heardBy) if (wire.canBeLost(heardBy)) events.push(Event.lose(index, heardBy))
      })
    }
    return events
  }

  /** Lets an event happen, and everything that follows from it without another. */
  apply(code: number): void {
    const event = Event.eventOf(code)
    const { left } = this
    switch (event._tag) {
      case "Deliver": {
        const wire = this.wires[event.wire]
        const item = wire?.towards[event.to].inFlight.shift()
        if (wire === undefined || item === undefined) return
        const token = `${code} ${nameOf(item)}`
        return this.happen(wire.owners[event.to], token, { _tag: "Arrived", wire: event.wire, item })
      }
      case "Late":
        left.delays[event.name]--
        return this.pass(event.name, this.at[event.name].facts.nextTimer ?? 0)
      case "Dial": {
        const { name } = event
        if (left.demand === "none") left.demand = "link"
        const count = this.setup.hints[name]
        const nth = this.setup.dials[name] - left.dials[name]--
        const first = this.base[name] + nth * count
        return this.dial(
          name,
          Array.from({ length: count }, (_, at) => first + at)
        )
      }
      case "Restart":
        left.restarts[event.name]--
        // A Master that does not know yet that its peer was restarted refuses itself whenever it dials (N22 row 1).
        left.demand = event.name === "low" || this.at.low.facts.isNegotiating ? "no more" : left.demand
        if (left.demand === "link") left.demand = "none"
        return this.happen(event.name, "restarted", { _tag: "Restarted" })
      case "Lose":
        left.losses--
        return this.wires[event.wire]?.lose(event.heardBy)
    }
  }

  /** What is needed to come back to this state. */
  mark(): Mark {
    return {
      at: { ...this.at },
      wires: this.wires.map((wire) => wire && { wire, restore: wire.remember() }),
      left: copyOf(this.left)
    }
  }

  /** Goes back to an earlier state of this world. */
  rewind({ at, left, wires }: Mark): void {
    this.at.low = at.low
    this.at.high = at.high
    this.wires = wires.map((saved) => saved?.wire)
    for (const saved of wires) saved?.restore()
    this.left = copyOf(left)
  }

  /** Time passes on one side. */
  pass(name: Name, millis: number): void {
    this.happen(name, `${millis} later`, { _tag: "TimePassed", millis })
  }

  /** Delivers and waits until nothing is under way and no timer runs. False if that does not come to an end. */
  settle(options: { readonly timers: boolean }): boolean {
    for (let turns = 0; turns < 10_000; turns++) {
      const at = this.wires.findIndex((wire) => wire?.next !== undefined)
      const to = this.wires[at]?.next
      if (to !== undefined) this.apply(Event.deliver(at, to))
      else {
        const name = options.timers ? names.find((each) => this.at[each].facts.nextTimer !== undefined) : undefined
        if (name === undefined) return true
        this.apply(Event.late(name))
      }
    }
    return false
  }

  /** Whatever was lost unheard is heard of at last: keepalives of the system, or of the next protocol, see to that. */
  hear(): void {
    for (const wire of this.wires) if (wire?.broken === true) wire.hear()
  }

  /** Dials over one hint, whatever the setup allows. */
  dialAgain(name: Name): void {
    this.dial(name, [this.wires.length])
  }

  private dial(by: Name, wires: ReadonlyArray<number>): void {
    for (const at of wires) this.wires[at] = new Wire(by)
    const token = `${by} dialled ${wires.join(" ")}`
    for (const name of [by, otherThan(by)]) this.happen(name, token, { _tag: "Dialled", by, wires })
  }

  private happen(name: Name, token: string, noticed: Noticed): void {
    const { acts, place } = this.memories[name].step(this.at[name], token, noticed)
    this.at[name] = place
    for (const { item, side, wire } of acts) {
      if (item === undefined) this.wires[wire]?.towards[side].abandon()
      else this.wires[wire]?.towards[side === "client" ? "server" : "client"].push(item)
    }
  }
}
