/**
 * What can happen next, as a number that fits into a set of bits, and as a word that a person can read.
 *
 * | number | word | what happens |
 * | --- | --- | --- |
 * | 0 to 15 | `a1>client`, `a1>server` | the next message on a connection arrives at that end |
 * | 16, 17 | `low.late` | time passes the next timer of that side |
 * | 18, 19 | `low.dials` | that side dials |
 * | 20, 21 | `low.restarts` | that process is killed, and another one begins |
 * | 24 to 55 | `a1.lost`, `a1.lost-unheard`, `a1.lost-for-client`, `a1.lost-for-server` | a connection is lost with all that is under way; both, none or one of its ends will hear |
 *
 * Connections that `low` opens are `a0`, `a1` ..., those of `high` follow.
 */
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import { type Loss, type Name, names } from "./Setup.ts"

export type Event =
  | { readonly _tag: "Deliver"; readonly wire: number; readonly to: Side }
  | { readonly _tag: "Late"; readonly name: Name }
  | { readonly _tag: "Dial"; readonly name: Name }
  | { readonly _tag: "Restart"; readonly name: Name }
  | { readonly _tag: "Lose"; readonly wire: number; readonly heardBy: Loss }

/** As many connections as the numbering has room for. */
export const maximalWires = 8

const sides: ReadonlyArray<Side> = ["client", "server"]
const losses: ReadonlyArray<Loss> = ["everybody", "nobody", "server", "client"]
const wordOf: Readonly<Record<Loss, string>> = {
  everybody: "lost",
  nobody: "lost-unheard",
  server: "lost-for-client",
  client: "lost-for-server"
}

export const wireName = (wire: number): string => `a${wire}`

/** Every event there is, at its number. */
export const events: ReadonlyArray<Event | undefined> = (() => {
  const all: Array<Event | undefined> = Array.from({ length: 24 + maximalWires * losses.length }, () => undefined)
  for (let wire = 0; wire < maximalWires; wire++) {
    sides.forEach((to, at) => (all[wire * 2 + at] = { _tag: "Deliver", wire, to }))
    losses.forEach((heardBy, at) => (all[24 + wire * 4 + at] = { _tag: "Lose", wire, heardBy }))
  }
  names.forEach((name, at) => {
    all[16 + at] = { _tag: "Late", name }
    all[18 + at] = { _tag: "Dial", name }
    all[20 + at] = { _tag: "Restart", name }
  })
  return all
})()

export const deliver = (wire: number, to: Side): number => wire * 2 + sides.indexOf(to)
export const late = (name: Name): number => 16 + names.indexOf(name)
export const dial = (name: Name): number => 18 + names.indexOf(name)
export const restart = (name: Name): number => 20 + names.indexOf(name)
export const lose = (wire: number, heardBy: Loss): number => 24 + wire * 4 + losses.indexOf(heardBy)

export const eventOf = (code: number): Event => {
  const event = events[code]
  if (event === undefined) throw new Error(`there is no event ${code}`)
  return event
}

/** The word for an event. */
export const format = (code: number): string => {
  const event = eventOf(code)
  switch (event._tag) {
    case "Deliver":
      return `${wireName(event.wire)}>${event.to}`
    case "Lose":
      return `${wireName(event.wire)}.${wordOf[event.heardBy]}`
    case "Late":
      return `${event.name}.late`
    case "Dial":
      return `${event.name}.dials`
    case "Restart":
      return `${event.name}.restarts`
  }
}

const codes = new Map(events.flatMap((event, code) => (event === undefined ? [] : [[format(code), code] as const])))

/** The events of a path as `format` writes them, separated by white space. */
export const parsePath = (text: string): ReadonlyArray<number> =>
  text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => {
      const code = codes.get(word)
      if (code === undefined) throw new Error(`"${word}" is no event; a0>client, low.late, low.dials and the like are`)
      return code
    })
