/**
 * Which orders of two events need not both be tried, because they come to the same.
 *
 * | two events | commute, because |
 * | --- | --- |
 * | one at each Tub | what either does to the network, it does at the back of a queue whose front the other takes from |
 * | messages on two connections at one Tub, one of them a GET, a ClientHello or a Certificate for its server end | until its Hello is read, the server end of a connection knows of nothing else, and nothing else of it |
 * | two answers 101 at one Tub | either leads to a ClientHello on its own connection, and to nothing else |
 *
 * Once one order has been explored, the other may be left out: these are the sleep sets of Godefroid, which leave out
 * orders and reach every state all the same. What concerns both Tubs (a dial, a restart, a loss) commutes with nothing.
 */
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import * as Event from "./Event.ts"
import type { Name } from "./Setup.ts"
import type { World } from "./World.ts"

/** A set of events as bits. Those above 31 are never in it: they concern both Tubs. */
export type Sleep = number

/** The empty set. */
export const awake: Sleep = 0

/** With one more event, if it can be in a set. */
export const including = (asleep: Sleep, event: number): Sleep => (event < 32 ? asleep | (1 << event) : asleep)

/** Whether an event is in the set. */
export const includes = (asleep: Sleep, event: number): boolean => event < 32 && (asleep & (1 << event)) !== 0

/** What an event has to do with, as far as that decides what it commutes with. */
interface Reach {
  readonly place: Name
  readonly wire: number | undefined
  /** Nothing but its own connection, at that end. */
  readonly local: Side | undefined
}

const reachOf = (world: World, code: number): Reach | undefined => {
  const event = Event.eventOf(code)
  if (event._tag === "Late") return { place: event.name, wire: undefined, local: undefined }
  if (event._tag !== "Deliver") return undefined
  const { to, wire: at } = event
  const wire = world.wires[at]
  if (wire === undefined) return undefined
  const item = wire.towards[to].inFlight[0]
  const opening =
    to === "server"
      ? item?._tag === "ClientHello" || item?._tag === "Certificate" || (item?._tag === "Bytes" && item.label === "GET")
      : item?._tag === "Bytes" && item.label === "101"
  return { place: wire.owners[to], wire: at, local: opening ? to : undefined }
}

const commute = (a: Reach, b: Reach): boolean => {
  if (a.place !== b.place) return true
  if (a.wire === undefined || b.wire === undefined || a.wire === b.wire) return false
  return a.local === "server" || b.local === "server" || (a.local === "client" && b.local === "client")
}

/** For each of these events, which can happen now, those of them that it commutes with. */
export const commuting = (world: World, events: ReadonlyArray<number>): ReadonlyArray<Sleep> => {
  const reaches = events.map((event) => reachOf(world, event))
  return reaches.map((reach) => {
    let others = awake
    if (reach === undefined) return others
    events.forEach((event, at) => {
      const other = reaches[at]
      if (other !== undefined && other !== reach && commute(reach, other)) others = including(others, event)
    })
    return others
  })
}
