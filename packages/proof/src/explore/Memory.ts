/**
 * What a process does about an event, run once and then remembered.
 *
 * A process depends on nothing but the events it notices, so from one place the same event always leads to the same
 * place and sends the same messages. The programs are run for every pair of a place and an event; the many ways in which
 * those of two processes go together need not be run again. That a place says enough of a process for this to be true is
 * what the tests hold against worlds that remember nothing.
 */
import type { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import { TcpHint } from "@effect-foolscap/furl/LocationHint"
import type * as Layer from "effect/Layer"
import { End } from "./End.ts"
import * as Event from "./Event.ts"
import { Place } from "./Place.ts"
import { Process } from "./Process.ts"
import type { Name, Setup } from "./Setup.ts"
import type { Item } from "./Wire.ts"

/** What a process can notice. */
export type Noticed =
  | { readonly _tag: "Arrived"; readonly wire: number; readonly item: Item }
  | { readonly _tag: "Dialled"; readonly by: Name; readonly wires: ReadonlyArray<number> }
  | { readonly _tag: "TimePassed"; readonly millis: number }
  | { readonly _tag: "Restarted" }

/** What a process does to the network: it sends something from one of its ends, or goes away from it. */
export interface Act {
  readonly wire: number
  readonly side: Side
  /** `undefined` for an end that goes away. */
  readonly item: Item | undefined
}

/** What came of an event. */
export interface Step {
  readonly place: Place
  readonly acts: ReadonlyArray<Act>
}

/** How a place was reached for the first time. */
interface Origin {
  readonly from: Place
  readonly noticed: Noticed
}

// Beyond the numbered connections there is room for dials that no setup bounds.
const hints = Array.from({ length: Event.maximalWires + 4 }, (_, at) => new TcpHint({ text: `tcp:host${at}:1` }))

const hintOf = (at: number): TcpHint => {
  const hint = hints[at]
  if (hint === undefined) throw new Error(`there is no hint for connection ${at}`)
  return hint
}

/** All that is known of one process. */
export class Memory {
  readonly beginning: Place
  /** How often an event was run. */
  runs = 0
  private readonly name: Name
  private readonly setup: Setup
  private readonly table: Layer.Layer<ConnectionTable>
  private readonly places = new Map<string, Place>()
  private readonly steps = new Map<Place, Map<string, Step>>()
  private readonly origins = new Map<Place, Origin>()
  /** The one process there is, and where it stands. */
  private process: Process
  private standing: Place
  private acts: Array<Act> = []

  /** `table` is what the process remembers its connections in. */
  constructor(name: Name, setup: Setup, table: Layer.Layer<ConnectionTable>) {
    this.name = name
    this.setup = setup
    this.table = table
    this.process = this.start(0)
    this.beginning = new Place(this.process)
    this.standing = this.beginning
    this.places.set(this.beginning.key, this.beginning)
  }

  /** The same process, with nothing known of it. */
  fresh(): Memory {
    return new Memory(this.name, this.setup, this.table)
  }

  /** What comes of an event. `token` is the same for events between which a process sees no difference. */
  step(from: Place, token: string, noticed: Noticed): Step {
    const known = this.steps.get(from)?.get(token)
    if (known !== undefined) return known
    this.acts = []
    this.goTo(from)
    // Acts on the way there have been done before.
    this.acts = []
    this.notice(noticed)
    this.runs++
    const reached = new Place(this.process)
    const place = this.places.get(reached.key) ?? reached
    if (place === reached) {
      this.places.set(place.key, place)
      this.origins.set(place, { from, noticed })
    }
    this.standing = place
    const step = { place, acts: this.acts }
    const steps = this.steps.get(from) ?? new Map<string, Step>()
    this.steps.set(from, steps.set(token, step))
    return step
  }

  /** A process cannot go back, so unless it stands there already another one notices all that leads to the place. */
  private goTo(place: Place): void {
    if (this.standing === place) return
    const way: Array<Noticed> = []
    let origin = this.origins.get(place)
    while (origin !== undefined) {
      way.push(origin.noticed)
      origin = this.origins.get(origin.from)
    }
    this.process = this.start(0)
    for (const noticed of way.reverse()) this.notice(noticed)
  }

  private notice(noticed: Noticed): void {
    const { name, process } = this
    switch (noticed._tag) {
      case "Arrived":
        process.ends.get(Event.wireName(noticed.wire))?.deliver(noticed.item)
        break
      case "Dialled":
        if (noticed.by === name) process.dial(noticed.wires.map(hintOf))
        else for (const wire of noticed.wires) process.accept(this.endOf(wire, "server"))
        break
      case "TimePassed":
        process.clock.advance(noticed.millis)
        break
      case "Restarted":
        for (const end of process.ends.values()) end.abandon()
        this.process = this.start(process.generation + 1)
        break
    }
    this.process.run()
  }

  private start(generation: number): Process {
    return new Process(this.name, generation, {
      isImpostor: this.setup.impostor === this.name,
      table: this.table,
      connect: ({ text }) =>
        this.endOf(
          hints.findIndex((hint) => hint.text === text),
          "client"
        )
    })
  }

  private endOf(wire: number, side: Side): End {
    return new End(Event.wireName(wire), side, {
      send: (item) => void this.acts.push({ wire, side, item }),
      abandon: () => void this.acts.push({ wire, side, item: undefined })
    })
  }
}
