/**
 * What matters of a world for everything that can still happen, as a text.
 */
import { names } from "./Setup.ts"
import { type Direction, nameOf } from "./Wire.ts"
import type { World } from "./World.ts"

const directionText = ({ dead, inFlight }: Direction): string =>
  (inFlight.length === 0 ? "" : inFlight.map(nameOf).join(",")) + (dead ? "|" : "")

const networkText = ({ left, wires }: World): string => {
  const { delays, dials, demand, losses, restarts } = left
  let text = `${losses} ${demand} ${names.map((name) => `${dials[name]} ${restarts[name]} ${delays[name]}`).join(" ")}`
  wires.forEach((wire, at) => {
    if (wire === undefined) return
    text += `\n${at}${wire.broken ? " broken" : ""} >${directionText(wire.towards.server)} <${directionText(wire.towards.client)}`
  })
  return text
}

/** A text that is as good as the whole state, and short: two worlds with the same have the same future. */
export const textOf = (world: World): string => `${world.at.low.hash} ${world.at.high.hash} ${networkText(world)}`

/** The whole state, for people. */
export const describe = (world: World): string =>
  [...names.map((name) => `${name} ${world.at[name].text}`), networkText(world)].join("\n")
