/**
 * Where a process stands: everything that decides what it will do about the next event, as plain data.
 */
import type { Role } from "@effect-foolscap/negotiation/policy/Master"
import { parallelLimit } from "@effect-foolscap/negotiation/policy/Duplicate"
import * as Duration from "effect/Duration"
import type { End } from "./End.ts"
import type { Process } from "./Process.ts"
import { hashOf } from "./Hash.ts"

/** N27, in milliseconds: what a negotiation that still runs is measured against. */
export const deadline = 120_000

/** A link that stands: registered, and not ended. */
interface Live {
  readonly wire: string
  readonly seqnum: number
  /** Of the peer, where this side is the Master. */
  readonly incarnation: string | undefined
}

/** A negotiation that has succeeded, whatever became of the link. */
interface Connection {
  readonly wire: string
  readonly role: Role
  readonly seqnum: number | undefined
  readonly parameters: string
  readonly peer: string | undefined
}

/** What the invariants ask of one process. */
export interface Facts {
  readonly incarnation: string
  /** What is wrong with this process, whatever the other has done. */
  readonly problem: string | undefined
  /** How long until something is due: a timer, or a deadline, for which there should be a timer. */
  readonly nextTimer: number | undefined
  readonly isNegotiating: boolean
  readonly live: ReadonlyArray<Live>
  readonly obeyed: string
  readonly connections: ReadonlyArray<Connection>
  /** What each negotiation had to say of an earlier link when it began. */
  readonly remembered: Readonly<Record<string, string>>
  readonly replacements: ReadonlyArray<{ readonly by: string; readonly seqnum: number }>
}

/** One of the places of a process. */
export class Place {
  readonly facts: Facts
  /** What matters for everything that can still happen. */
  readonly text: string
  /** 64 bits of `text`. */
  readonly hash: string

  constructor(process: Process) {
    this.facts = factsOf(process)
    this.text = textOf(process)
    this.hash = hashOf(this.text).toString(16)
  }

  /** Two places with the same key are one. */
  get key(): string {
    return `${this.text}\n${JSON.stringify(this.facts)}`
  }
}

const nextTimer = ({ clock, records }: Process): number | undefined => {
  let next = clock.remaining()[0]
  for (const { outcome, since } of records.negotiations.values()) {
    if (outcome !== "pending") continue
    next = Math.min(next ?? deadline, Math.max(since + deadline - clock.now, 0))
  }
  return next
}

const problemOf = ({ clock, ends, records }: Process): string | undefined => {
  const { fault, live, negotiations } = records
  if (fault !== undefined) return fault
  if (live.length > 1) return `holds ${live.map(([wire]) => wire).join(" and ")} at once (N22)`
  for (const [wire, { outcome, since }] of negotiations) {
    if (outcome === "pending" && clock.now - since >= deadline) return `still negotiates on ${wire} (N27)`
  }
  for (const { misuse } of ends.values()) if (misuse !== undefined) return `${misuse} (N10)`
  return undefined
}

const factsOf = (process: Process): Facts => {
  const { incarnation, records } = process
  const { live, negotiations, obeyed, replacements } = records
  return {
    incarnation,
    problem: problemOf(process),
    nextTimer: nextTimer(process),
    isNegotiating: [...negotiations.values()].some(({ outcome }) => outcome === "pending"),
    live: live.map(([wire, { incarnation: theirs, seqnum }]) => ({ wire, seqnum, incarnation: theirs })),
    obeyed,
    connections: [...negotiations].flatMap(([wire, { connection }]) => {
      if (connection === undefined) return []
      const { parameters, peer, role, seqnum } = connection
      return [{ wire, role, seqnum, parameters: JSON.stringify(parameters), peer }]
    }),
    remembered: Object.fromEntries([...negotiations].map(([wire, { remembered }]) => [wire, remembered])),
    replacements: [...replacements]
  }
}

/** How far one end of a connection has come in the eyes of its process. */
const endText = ({ clock, records }: Process, end: End): string => {
  const { closing, destroyed, ended = "", finished, received, sent, side, stage, unread, wire } = end
  const negotiation = records.negotiations.get(wire)
  const registration = records.registered.get(wire)
  const link =
    registration === undefined ? "" : `${registration.link.hasEnded ? "ended" : "live"} ${registration.seqnum}`
  const outcome = negotiation?.outcome ?? ""
  if (destroyed) return `${outcome} ${link} gone`
  // What was said on the way matters only for as long as it leads somewhere.
  const progress =
    negotiation?.outcome === "pending"
      ? `${clock.now - negotiation.since} ${side === "client" ? negotiation.remembered : ""} ${stage} ${sent} ${received}`
      : ""
  return `${outcome} ${link} ${progress} ${ended} ${finished ? "finished" : ""} ${closing ? "closing" : ""} ${unread}`
}

const textOf = (process: Process): string => {
  const { clock, ends, generation, records } = process
  const { dials, given, live, obeyed } = records
  const table = live.map(([wire, { incarnation = "", lastConnection = "", seqnum, since }]) => {
    // How old a link is matters for as long as another attempt may pass for a parallel one (N22).
    const age = Math.min(clock.now - since, Duration.toMillis(parallelLimit))
    return `${wire} ${seqnum} ${incarnation} ${lastConnection} ${age}`
  })
  const lines = [...ends.values()]
    .toSorted((a, b) => (a.wire < b.wire ? -1 : 1))
    .map((end) => `${end.wire}: ${endText(process, end)}`)
  const first = `run ${generation}, timers ${clock.remaining().join(",")}, gave ${given}, obeyed ${obeyed}`
  return [`${first}, table [${table.join(", ")}], dials [${[...dials.values()].join(", ")}]`, ...lines].join("\n")
}
