/**
 * What an observer who sees every process at once knows of a run, and what must hold of it.
 *
 * Each link end that an application was given is an entry. What the two ends of one link say of it is compared through
 * the link itself: each application keeps sending the number of its entry, which the other one looks up here.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { type Counts, none } from "./Counts.ts"

/** One life of a Tub, from its start to its end. */
export interface Process {
  readonly name: string
  readonly tubId: TubId
}

/** One end of a link, as its application has it. */
export interface Entry {
  readonly number: number
  readonly process: Process
  readonly connection: NegotiatedConnection
  isLive: boolean
  /** The other end, once it was heard of. */
  other: Entry | undefined
  /** When the application was given it, in milliseconds. */
  readonly openedAt: number
  /** When the other end was last heard, in milliseconds. */
  heardAt: number
}

/** What a run is told, from both the programs and the network. */
export class Ledger {
  readonly counts: Counts = none()
  /** What must not be so, in the order in which it was noticed. */
  readonly problems: Array<string> = []
  private readonly entries: Array<Entry> = []
  private readonly negotiations = new Set<object>()
  private readonly now: () => number
  private readonly note: ((line: string) => void) | undefined
  private isDirty = false

  constructor(options: { readonly now: () => number; readonly note: ((line: string) => void) | undefined }) {
    this.now = options.now
    this.note = options.note
  }

  /** Something that must never happen has happened. */
  problem(text: string): void {
    this.say(() => `PROBLEM ${text}`)
    this.problems.push(`at ${this.now() / 1000} s: ${text}`)
  }

  /** Something worth a line in a trace, if there is one. */
  say(text: () => string): void {
    this.note?.(`${(this.now() / 1000).toFixed(3).padStart(9)}  ${text()}`)
  }

  /** A negotiation begins, which has to be over, leave-taking included, at `latest`. The result says that it is. */
  negotiating(process: Process, latest: number): () => void {
    this.counts.negotiations++
    const begun = { process, latest }
    this.negotiations.add(begun)
    return () => {
      this.negotiations.delete(begun)
      // A timer may be due between two milliseconds.
      if (this.now() > latest + 1)
        this.problem(`a negotiation of ${process.name} was over ${this.now() - latest} ms late`)
    }
  }

  /** Whether all negotiations are over. */
  get isIdle(): boolean {
    return this.negotiations.size === 0
  }

  /** An application is given a link. */
  opened(process: Process, connection: NegotiatedConnection): Entry {
    const entry: Entry = {
      number: this.entries.length,
      process,
      connection,
      isLive: true,
      other: undefined,
      openedAt: this.now(),
      heardAt: this.now()
    }
    this.entries.push(entry)
    const { role, seqnum, side } = connection
    if (role === "Master") this.counts.links++
    this.isDirty = true
    this.say(() => `${this.nameOf(entry)} opened: ${side}, ${role}, seqnum ${seqnum}`)
    return entry
  }

  /** A link end has ended. */
  ended(entry: Entry, end: LinkEnd): void {
    entry.isLive = false
    if (end._tag === "Replaced") this.counts.replaced++
    this.isDirty = true
    this.say(() => `${this.nameOf(entry)} ended: ${end._tag}`)
  }

  /** An application no longer has a link end, whether or not it ended. */
  released(entry: Entry): void {
    entry.isLive = false
    this.isDirty = true
  }

  /** An application hears, over its link, which entry the other end is. */
  heard(entry: Entry, number: number): void {
    entry.heardAt = this.now()
    if (entry.other !== undefined) return
    const other = this.entries[number]
    if (other === undefined) return this.problem(`${this.nameOf(entry)} heard of an end that there is not: ${number}`)
    entry.other = other
    this.isDirty = true
    this.compare(entry, other)
  }

  /**
   * A dial that began at `began` was refused as a duplicate. A NonMaster that comes although it knows the very link that
   * the Master has must get in (row `knows-this-connection`): the link is dead for it.
   */
  refused(process: Process, master: TubId, began: number): void {
    const known = this.entries.findLast(
      ({ connection, openedAt, process: owner }) =>
        owner === process && connection.peer === master && connection.role === "NonMaster" && openedAt < began
    )
    if (known?.other?.isLive === true && known.other.openedAt < began) {
      this.problem(`${process.name} was refused although it knew of ${this.nameOf(known)}, the one that there is`)
    }
  }

  /** The live ends that a process has of links with a peer. */
  live(process: Process, peer: TubId): ReadonlyArray<Entry> {
    return this.entries.filter((entry) => entry.isLive && entry.process === process && entry.connection.peer === peer)
  }

  /** The live ends that any life of a Tub has of links with another. */
  liveBetween(tubId: TubId, peer: TubId): ReadonlyArray<Entry> {
    return this.allLive.filter(({ connection, process }) => process.tubId === tubId && connection.peer === peer)
  }

  /** Every live end of a link. */
  get allLive(): ReadonlyArray<Entry> {
    return this.entries.filter(({ isLive }) => isLive)
  }

  /** Reports whatever a program dies of. */
  readonly guard = <R>(program: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
    Effect.catchCause(program, (cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.interrupt
        : Effect.sync(() => this.problem(`a defect: ${Cause.pretty(cause)}`))
    )

  /** Looks, at the end of an instant, at what has changed in it. */
  check(): void {
    if (!this.isDirty) return
    this.isDirty = false
    const seen = new Map<string, Entry>()
    for (const entry of this.entries) {
      if (!entry.isLive) continue
      const key = `${entry.process.name} ${entry.connection.role} ${entry.connection.peer}`
      const another = seen.get(key)
      if (another !== undefined) this.problem(`${this.nameOf(another)} and ${this.nameOf(entry)} live side by side`)
      seen.set(key, entry)
    }
  }

  /** How an entry is called in a trace. */
  nameOf({ connection, number, process }: Entry): string {
    return `${process.name} link ${number} with ${connection.peer?.slice(0, 4)}`
  }

  private compare(a: Entry, b: Entry): void {
    const [x, y] = [a.connection, b.connection]
    const differs = (what: string, left: unknown, right: unknown) => {
      if (left === right) return
      this.problem(`${what} of ${this.nameOf(a)} is ${String(left)}, of ${this.nameOf(b)} ${String(right)}`)
    }
    differs("the proven peer", x.peer, b.process.tubId)
    differs("the seqnum", x.seqnum, y.seqnum)
    differs("the parameters", JSON.stringify(x.parameters), JSON.stringify(y.parameters))
    differs("the remote incarnation", x.incarnations.remote, y.incarnations.local)
    if (x.role === y.role) this.problem(`both ends are ${x.role}: ${this.nameOf(a)} and ${this.nameOf(b)}`)
    if (x.side === y.side) this.problem(`both ends are ${x.side}: ${this.nameOf(a)} and ${this.nameOf(b)}`)
    if (b.other !== undefined && b.other !== a) this.problem(`${this.nameOf(b)} has two other ends`)
  }
}
