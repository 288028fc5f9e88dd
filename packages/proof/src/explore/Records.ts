/**
 * What one process did, as seen at the borders of its services. Watching changes nothing.
 */
import type { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import type { Link } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Role } from "@effect-foolscap/negotiation/policy/Master"
import type { ConnectError } from "@effect-foolscap/tub/ConnectError"
import type { Connected } from "@effect-foolscap/tub/Dialling"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { VirtualClock } from "./Clock.ts"

/** One run of the phases, on one connection. */
export interface Negotiation {
  readonly since: number
  /** What its Hello will say of an earlier link. */
  readonly remembered: string
  /** `pending`, `linked`, or why not. */
  outcome: string
  connection?: NegotiatedConnection
}

/** What the table was told to keep. */
export interface Registration {
  readonly role: Role
  readonly link: Link
  readonly seqnum: number
  readonly incarnation: string | undefined
  /** What the peer's Hello said of it. */
  readonly lastConnection: string | undefined
  /** When, on this process's clock. */
  readonly since: number
}

/** A link that stood until the Master took another connection of the same process in its place. */
export interface Replacement {
  /** The connection that came instead. */
  readonly by: string
  readonly seqnum: number
}

export class Records {
  /** By the name of the connection, as are `registered`. */
  readonly negotiations = new Map<string, Negotiation>()
  readonly registered = new Map<string, Registration>()
  readonly dials = new Map<string, string>()
  readonly replacements: Array<Replacement> = []
  /** The last number this Master gave. */
  given = 0
  /** What this NonMaster remembers of its Master. */
  obeyed = "none 0"
  /** What went wrong in a way that nothing may. */
  fault: string | undefined
  private readonly clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.clock = clock
  }

  /** The links that stand: registered, and not ended. */
  get live(): ReadonlyArray<readonly [wire: string, registration: Registration]> {
    return [...this.registered].filter(([, { link }]) => !link.hasEnded)
  }

  watchTable(tag: typeof ConnectionTable): Effect.Effect<ConnectionTable["Service"], never, ConnectionTable> {
    return Effect.map(tag, (table) => ({
      lastConnection: table.lastConnection,
      claim: (pair, options) => {
        const standing = this.live.filter(([, { incarnation }]) => incarnation === options.offer.incarnation)
        return Effect.tap(table.claim(pair, options), (seqnum) => {
          if (seqnum <= this.given) this.fault ??= `the Master gave number ${seqnum} after ${this.given} (N21)`
          this.given = seqnum
          const { link, offer } = options
          const by = link.transport.remoteAddress
          for (const [, replaced] of standing) this.replacements.push({ by, seqnum: replaced.seqnum })
          const { incarnation, lastConnection } = offer
          return this.register({ role: "Master", link, seqnum, incarnation, lastConnection, since: this.clock.now })
        })
      },
      obey: (pair, options) =>
        Effect.andThen(table.obey(pair, options), () => {
          this.obeyed = options.currentConnection ?? this.obeyed
          return this.register({
            role: "NonMaster",
            link: options.link,
            seqnum: 0,
            incarnation: undefined,
            lastConnection: undefined,
            since: 0
          })
        })
    }))
  }

  watchNegotiations(
    tag: typeof NegotiationService
  ): Effect.Effect<NegotiationService["Service"], never, NegotiationService> {
    return Effect.map(tag, ({ accept, dial, lastConnection }) => ({
      lastConnection,
      accept: (transport) => this.watch(transport.remoteAddress, accept(transport)),
      dial: (transport, options) => this.watch(transport.remoteAddress, dial(transport, options))
    }))
  }

  watchDial<R>(
    id: string,
    dial: Effect.Effect<Connected, ConnectError, R>,
    hold: (connection: NegotiatedConnection) => Effect.Effect<void>
  ): Effect.Effect<void, never, Exclude<R, Scope.Scope>> {
    this.dials.set(id, "pending")
    return dial.pipe(
      Effect.tap(({ connection }) => {
        this.dials.set(id, `holds ${connection.remoteAddress}`)
        return hold(connection)
      }),
      Effect.scoped,
      Effect.exit,
      Effect.map((exit) => {
        this.note(exit)
        this.dials.set(id, Exit.isSuccess(exit) ? "over" : "failed")
      })
    )
  }

  watchListener<R>(serving: Effect.Effect<never, never, R>): Effect.Effect<void, never, R> {
    return Effect.map(Effect.exit(serving), (exit) => this.note(exit))
  }

  private register(registration: Registration): Effect.Effect<void, never, Scope.Scope> {
    const wire = registration.link.transport.remoteAddress
    return Effect.acquireRelease(
      Effect.sync(() => void this.registered.set(wire, registration)),
      () => Effect.sync(() => void this.registered.delete(wire))
    )
  }

  private watch<E extends { readonly _tag: string }, R>(
    wire: string,
    phases: Effect.Effect<NegotiatedConnection, E, R>
  ): Effect.Effect<NegotiatedConnection, E, R> {
    return Effect.suspend(() => {
      const negotiation: Negotiation = { since: this.clock.now, remembered: this.obeyed, outcome: "pending" }
      this.negotiations.set(wire, negotiation)
      return Effect.onExit(phases, (exit) =>
        Effect.sync(() => {
          this.note(exit)
          if (Exit.isSuccess(exit)) negotiation.connection = exit.value
          negotiation.outcome = outcomeOf(exit)
        })
      )
    })
  }

  private note(exit: Exit.Exit<unknown, unknown>): void {
    if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) this.fault ??= `a defect: ${Cause.pretty(exit.cause)}`
  }
}

const outcomeOf = (
  exit: Exit.Exit<unknown, { readonly _tag: string; readonly reason?: { readonly _tag: string } }>
) => {
  if (Exit.isSuccess(exit)) return "linked"
  const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  return failure?.reason?._tag ?? failure?._tag ?? "Interrupted"
}
