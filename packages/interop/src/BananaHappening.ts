/**
 * BananaHappening: what becomes of a stream of bytes, step by step: here, and in Foolscap.
 */
import { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
import * as Constraint from "@effect-foolscap/banana/Constraint"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import { constraintOf } from "./BananaConstraints.ts"
import { fromValue } from "./BananaConversion.ts"
import { canonical } from "./BananaDescription.ts"
import type { Event, Input, Place } from "./BananaPeer.ts"

/** Foolscap has none of these. */
export const limits = { body: 2 ** 53, depth: 2 ** 53, size: 2 ** 53, references: 2 ** 53 }

/** Something that happened once `at` bytes had been received. */
export interface Happening {
  readonly at: number
  readonly what: "delivered" | "violated" | "ping" | "told" | "failed" | "waiting"
  /** The value, the number, the text of an ERROR token, in or out, or what all there is ends with. */
  readonly text: string
  /** What was refused, or broken, where. */
  readonly place?: Place
  /** The bytes behind the last header of a STRING. */
  readonly body?: string
}

/** What we make of a stream. PONGs are left out: Foolscap gives no sign of them. */
export const ours = ({ cuts, hex, table, wanted }: Input): ReadonlyArray<Happening> => {
  const bytes = Buffer.from(hex, "hex")
  const constraint = wanted === undefined ? Constraint.any : constraintOf(wanted, limits.body)
  const decoder = new BananaDecoder({ vocabulary: Vocabulary.initial(table), limits, constraint })
  const happened = [0, ...cuts].flatMap((start, number) => {
    const at = cuts[number] ?? bytes.length
    return decoder.push(bytes.subarray(start, at)).flatMap((received): ReadonlyArray<Happening> => {
      switch (received._tag) {
        case "Delivered":
          return [{ at, what: "delivered", text: canonical(fromValue(received.value)) }]
        case "Violated": {
          const { reason, where } = received.violation
          return [{ at, what: "violated", text: "", place: { where, message: reason } }]
        }
        case "Ping":
          return [{ at, what: "ping", text: received.number.toString() }]
        case "Pong":
          return []
        case "PeerError":
          return [{ at, what: "told", text: received.text }]
        case "Failed": {
          const { reason, where, wireText } = received.error
          const body = bytes.toString("latin1", 0, at).split("\x82").at(-1) ?? ""
          return [{ at, what: "failed", text: wireText, place: { where, message: reason }, body }]
        }
      }
    })
  })
  const isOver = happened.some(({ what }) => what === "told" || what === "failed")
  return isOver ? happened : [...happened, waiting(bytes.length, decoder.atBorder)]
}

const waiting = (at: number, isAtBorder: boolean): Happening => ({
  at,
  what: "waiting",
  text: isAtBorder ? "whole objects" : "a part of one"
})

/** What Foolscap makes of it. */
export const theirs = (events: ReadonlyArray<Event>): ReadonlyArray<Happening> =>
  events.map((event): Happening => {
    const { at } = event
    if ("delivered" in event) return { at, what: "delivered", text: canonical(event.delivered) }
    if ("violation" in event) return { at, what: "violated", text: "", place: event.violation }
    if ("ping" in event) return { at, what: "ping", text: event.ping }
    if ("told" in event) return { at, what: "told", text: Buffer.from(event.told, "hex").toString() }
    if ("waiting" in event) return waiting(at, event.waiting.border)
    const { broken, reply, text } = event.failed
    return {
      at,
      what: "failed",
      text: reply ?? `nothing, but there was ${text}`,
      ...(broken === null ? {} : { place: broken })
    }
  })
