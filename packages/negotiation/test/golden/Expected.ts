/** How a recording's own words about an end compare with our typed reasons. */
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { NegotiationError, Reason } from "../../src/NegotiationError.ts"
import type { Side } from "../../src/policy/Master.ts"
import type { Redirect } from "../../src/Redirect.ts"

/** A reason by its tag, and by what the peer said or owed us; or one of the ends that are no reason. */
export interface Ending {
  readonly tag: Reason["_tag"] | "Redirect" | "Interrupted" | "Connected" | "Waiting"
  readonly text?: string
}

/** How a fiber of `dial` or `accept` ended. Anything but a typed failure or an interruption is a defect and fails. */
export const endingOf = <A>(exit: Exit.Exit<A, NegotiationError | Redirect> | undefined): Ending => {
  if (exit === undefined) return { tag: "Waiting" }
  if (Exit.isSuccess(exit)) return { tag: "Connected" }
  if (Cause.hasInterruptsOnly(exit.cause)) return { tag: "Interrupted" }
  const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (failure === undefined) return assert.fail(`a defect: ${Cause.pretty(exit.cause)}`)
  if (failure._tag === "Redirect") return { tag: "Redirect", text: failure.hints.map(({ text }) => text).join(",") }
  const { reason } = failure
  if (reason._tag === "PeerRefused") return { tag: reason._tag, text: reason.text }
  return reason._tag === "PeerClosed" ? { tag: reason._tag, text: reason.awaiting } : { tag: reason._tag }
}

const tags: ReadonlyArray<readonly [RegExp, Ending["tag"]]> = [
  [/^DuplicateConnection: /, "DuplicateConnection"],
  [/^NegotiationError: unknown TubID /, "UnknownTubId"],
  [/^NegotiationError: secure Tubs require encryption/, "UnencryptedTub"],
  [/^NegotiationError: Peer is speaking foolscap-0\.0\.5 or earlier/, "OldDialect"],
  [/^NegotiationError: No valid banana-negotiation sequence seen/, "NoVersions"],
  [/^NegotiationError: (I|You) can't handle (banana version|initial vocab set) /, "NoOverlap"],
  [/^NegotiationError: I can't handle initial vocab table index /, "VocabularyOutOfRange"],
  [/^NegotiationError: Our hash for vocab-table-index /, "VocabularyMismatch"],
  [/^NegotiationError: No banana-decision-version value/, "NoDecisionVersion"],
  [/^NegotiationError: negotiation timeout/, "DeadlineExceeded"],
  [/^Error: \[\('SSL routines'/, "TransportFailed"],
  [/^ConnectionDone: /, "PeerClosed"],
  [/^ConnectionLost: /, "TransportFailed"]
]

/** What we wait for when the peer has said so many blocks. */
export const awaited = (side: Side, blocks: number): string =>
  [side === "client" ? "answer" : "request", "Hello", "Decision"][blocks] ?? "nothing"

/** The end we expect where Foolscap reported this error while it waited for `awaiting`. */
export const endingFor = (error: string, awaiting: string): Ending => {
  const [, text] =
    /^RemoteNegotiationError: (?:Banana negotiation failed: )?(.*)$/.exec(error) ??
    /not right, got 'HTTP\/1\.1 500 Internal Server Error: (.*)', expected 101/.exec(error) ??
    []
  if (text !== undefined) return { tag: "PeerRefused", text }
  const tag = tags.find(([pattern]) => pattern.test(error))?.[1]
  if (tag === undefined) return assert.fail(`no reason of ours stands for "${error}"`)
  return tag === "PeerClosed" ? { tag, text: awaiting } : { tag }
}
