/**
 * The DECIDING phase: the Master settles everything and says so, the other side takes it or hangs up.
 *
 * ```text
 *   Master ── Decision ──▶ NonMaster
 * ```
 *
 * Ends with the same parameters on both sides, and with the connection registered. From the moment its Hello was good,
 * the NonMaster is expected to speak the next protocol, so its refusals have that protocol's form (N23).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BlockChannel } from "../BlockChannel.ts"
import { ConnectionTable, type Pair } from "../ConnectionTable.ts"
import { Link } from "../Link.ts"
import type { LocalTub } from "../LocalTub.ts"
import type { Reason } from "../NegotiationError.ts"
import { NextProtocol } from "../NextProtocol.ts"
import type { Application } from "../policy/Application.ts"
import { type Role, roleOf, type Side } from "../policy/Master.ts"
import * as Parameters from "../policy/Parameters.ts"
import type { Progress } from "../Progress.ts"
import * as Spans from "../Spans.ts"
import type { SecureTransport } from "../Transport.ts"
import * as Block from "../wire/Block.ts"
import * as Decision from "../wire/Decision.ts"
import type { Met } from "./Encrypted.ts"

/**
 * What this phase settles. The link is not closed by anyone yet: that is its owner's part.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settled {
  readonly role: Role
  readonly parameters: Parameters.Parameters
  /** The number the Master gave. `undefined` with an anonymous peer, or where a Master of the first versions gives none. */
  readonly seqnum: number | undefined
  readonly link: Link
}

/**
 * Settles the parameters and whether to keep the connection. The link belongs to the Scope.
 *
 * @category phases
 * @since 0.1.0
 */
export const run = Effect.fnUntraced(function* (
  progress: Progress,
  channel: BlockChannel<SecureTransport>,
  options: Met & {
    readonly side: Side
    readonly tub: LocalTub
    /** The name of the link, where it has one (N30). */
    readonly name: string | undefined
    readonly application: Application
  }
): Effect.fn.Return<Settled, Reason, ConnectionTable | NextProtocol | Scope.Scope> {
  const { name, peer, side, tub } = options
  const role = roleOf(side, tub.tubId, peer)
  const ours = { ...(yield* NextProtocol), ...options.application }
  progress.phase = "Deciding"
  yield* Spans.annotate({ "tub.role": role })
  if (role === "Master" || peer === undefined) return yield* decide(progress, channel, tub, ours, options)
  progress.expected = "token"
  return yield* obey(channel, { local: tub.tubId, remote: peer, name }, ours, options.theirHello)
})

type Ours = Parameters.Capabilities & Application

const decide = Effect.fnUntraced(function* (
  progress: Progress,
  channel: BlockChannel<SecureTransport>,
  { incarnation, tubId }: LocalTub,
  ours: Ours,
  { name, peer, theirHello, theirs, version }: Met & { readonly name: string | undefined }
) {
  // The parameters come first: a peer that we have nothing in common with must not cost us the link we have (N22).
  const settled = yield* Effect.fromResult(Parameters.decide(ours, theirs, theirHello, version))
  const { lines, parameters, vocabulary } = settled
  const connections = yield* ConnectionTable
  const link = yield* Link.make(channel.transport)
  // Of nobody there cannot be two, and nothing to remember: anonymous peers have no number (N21).
  const seqnum =
    peer === undefined
      ? undefined
      : yield* connections.claim({ local: tubId, remote: peer, name }, { link, offer: theirs, incarnation })
  const currentConnection = seqnum === undefined ? {} : { currentConnection: `${incarnation} ${seqnum}` }
  // Behind a Decision the peer takes everything for the next protocol.
  progress.expected = "token"
  const decision = new Decision.Decision({ version, ...currentConnection, vocabulary })
  yield* channel.send(Decision.format(decision, lines))
  return { role: "Master" as const, parameters, seqnum, link }
})

const obey = Effect.fnUntraced(function* (
  channel: BlockChannel<SecureTransport>,
  pair: Pair,
  ours: Ours,
  theirHello: Block.Block
) {
  const block = yield* Effect.fromResult(Block.parse(yield* channel.receive("Decision")))
  const decision = yield* Effect.fromResult(Decision.read(block))
  const parameters = yield* Effect.fromResult(Parameters.accept(ours, theirHello, decision, block))
  const connections = yield* ConnectionTable
  const link = yield* Link.make(channel.transport)
  yield* connections.obey(pair, { link, currentConnection: decision.currentConnection })
  return { role: "NonMaster" as const, parameters, seqnum: seqnumOf(decision), link }
})

const seqnumOf = ({ currentConnection }: Decision.Decision): number | undefined => {
  const digits = /^\s*\S+\s+([+-]?\d{1,15})(?:\s|$)/.exec(currentConnection ?? "")?.[1]
  return digits === undefined ? undefined : Number(digits)
}
