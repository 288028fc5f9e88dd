/**
 * A path for people.
 */
import * as Event from "./Event.ts"
import { violation } from "./Invariant.ts"
import * as Liveness from "./Liveness.ts"
import type { Setup } from "./Setup.ts"
import { describe } from "./State.ts"
import { nameOf } from "./Wire.ts"
import { World } from "./World.ts"

const whatHappens = (world: World, code: number): string => {
  const event = Event.eventOf(code)
  if (event._tag !== "Deliver") return Event.format(code)
  const item = world.wires[event.wire]?.towards[event.to].inFlight[0]
  return `${Event.format(code)}  ${item === undefined ? "" : nameOf(item)}`
}

/** Each event with the state it leads to, and at the end what is wrong, or that nothing is. */
export const narrate = (setup: Setup, path: ReadonlyArray<number>): string => {
  const world = new World(setup)
  const lines: Array<string> = []
  for (const [at, code] of path.entries()) {
    if (!world.enabled().includes(code)) throw new Error(`${Event.format(code)} (event ${at + 1}) cannot happen here`)
    lines.push(`${at + 1}. ${whatHappens(world, code)}`)
    world.apply(code)
    lines.push(
      ...describe(world)
        .trimEnd()
        .split("\n")
        .map((line) => `     ${line}`)
    )
    const problem = violation(world)
    if (problem !== undefined) return [...lines, "", problem].join("\n")
  }
  const problem = Liveness.problem(world, world.enabled().length === 0)
  return [...lines, "", problem ?? "nothing is wrong"].join("\n")
}
