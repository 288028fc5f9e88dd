/**
 * Whether an offer replaces the connection that the Master already has with the same peer (N22).
 *
 * The Master asks because an old connection may be dead without anybody having noticed: a laptop that went to sleep, a
 * router that forgot. What it can go by is what the peer says of itself (its incarnation, new for every process) and of
 * us (the last of our Decisions that reached it).
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { type DuplicateConnection, MalformedBlock } from "../NegotiationError.ts"
import type { Hello } from "../wire/Hello.ts"

/**
 * What the Master remembers of the connection it has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Existing {
  /** The peer's incarnation when that connection was made. `undefined` from the oldest peers. */
  readonly incarnation: string | undefined
  /** What the peer's Hello said of `last-connection` then. `undefined` if we dialled: a server does not say. */
  readonly lastConnection: string | undefined
  /** The sequence number the Master gave it. */
  readonly seqnum: number
  readonly age: Duration.Duration
}

/**
 * What to do with a peer that sends no incarnation or no last connection: refuse it, or let it replace a connection
 * that is at least this old.
 *
 * @category models
 * @since 0.1.0
 */
export type HandleOldPeers = Duration.Duration | "refuse"

/**
 * How long after a connection was made an offer that knows no more than the peer did then still counts as a parallel
 * attempt: 10 seconds. Attempts that begin together reach us within a round trip of each other, also through Tor. What
 * comes later comes because our Decision was lost.
 *
 * @category constants
 * @since 0.1.0
 */
export const parallelLimit: Duration.Duration = Duration.seconds(10)

/**
 * The rows of the table, in the order in which they are tried. The first that applies decides.
 *
 * | row | applies when | verdict |
 * | --- | --- | --- |
 * | `old-peer-refused` | no incarnation or no last connection, and old peers are refused or the connection is young | refuse |
 * | `old-peer-replaces` | no incarnation or no last connection, and the connection is old enough | accept |
 * | `peer-restarted` | the peer's incarnation is not the one we are connected to | accept |
 * | `never-heard-of-us` | the peer remembers no Decision: one of several parallel attempts | refuse |
 * | `parallel-after-restart` | the peer remembers a Decision of an earlier incarnation of ours, and may have known no more a moment ago, when the connection was made: one of several parallel attempts | refuse |
 * | `knows-our-past-life` | the peer remembers a Decision of an earlier incarnation of ours | accept |
 * | `knows-this-connection` | the peer remembers exactly this connection, and comes again | accept |
 * | `knows-an-older-one` | the peer remembers an earlier one: a parallel attempt, or our Decision was lost | refuse |
 * | `knows-a-future-one` | the peer remembers one we have not made yet | refuse |
 *
 * @category models
 * @since 0.1.0
 */
export type Row = AcceptingRow | DuplicateConnection["row"]

/**
 * The rows by which the new connection replaces the old one.
 *
 * @category models
 * @since 0.1.0
 */
export type AcceptingRow = "old-peer-replaces" | "peer-restarted" | "knows-our-past-life" | "knows-this-connection"

const accepting: ReadonlySet<Row> = new Set<AcceptingRow>([
  "old-peer-replaces",
  "peer-restarted",
  "knows-our-past-life",
  "knows-this-connection"
])

/**
 * Whether a row lets the new connection replace the old one.
 *
 * @category policies
 * @since 0.1.0
 */
export const accepts = (row: Row): row is AcceptingRow => accepting.has(row)

/**
 * Finds the row that decides about `offer`. `ours` is the Master's present incarnation.
 *
 * The last connection is read only from the fourth row on, so a peer that sends nonsense there is not noticed before it
 * matters; that is how Foolscap does it.
 *
 * @category policies
 * @since 0.1.0
 */
export const judge = (options: {
  readonly existing: Existing
  readonly offer: Pick<Hello, "incarnation" | "lastConnection">
  readonly ours: string
  readonly handleOldPeers: HandleOldPeers
}): Result.Result<Row, MalformedBlock> => {
  const { existing, handleOldPeers, offer, ours } = options
  // The unit tests of Foolscap send an empty incarnation to pose as an old peer.
  if (offer.incarnation === undefined || offer.incarnation === "" || offer.lastConnection === undefined) {
    const replaces = handleOldPeers !== "refuse" && Duration.isGreaterThanOrEqualTo(existing.age, handleOldPeers)
    return Result.succeed(replaces ? "old-peer-replaces" : "old-peer-refused")
  }
  if (offer.incarnation !== existing.incarnation) return Result.succeed("peer-restarted")

  const [, master, digits] = /^\s*(\S+)\s+([+-]?\d{1,15})(?:\s|$)/.exec(offer.lastConnection) ?? []
  if (digits === undefined) {
    return Result.fail(new MalformedBlock({ problem: `last-connection is "${offer.lastConnection}"` }))
  }
  if (master === "none") return Result.succeed("never-heard-of-us")
  if (master !== ours) {
    const knowsNoMore = existing.lastConnection === undefined || offer.lastConnection === existing.lastConnection
    const isParallel = knowsNoMore && Duration.isLessThan(existing.age, parallelLimit)
    return Result.succeed(isParallel ? "parallel-after-restart" : "knows-our-past-life")
  }
  const known = Number(digits)
  return Result.succeed(
    known < existing.seqnum
      ? "knows-an-older-one"
      : known > existing.seqnum
        ? "knows-a-future-one"
        : "knows-this-connection"
  )
}
