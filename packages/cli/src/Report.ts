/**
 * What the command says: events for scripts on standard output as one JSON object a line, sentences for people.
 *
 * With `--json` people's sentences go to standard error, so that standard output holds nothing but events.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import { describe, type LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import type { Role, Side } from "@effect-foolscap/negotiation/policy/Master"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * What a script reads. Durations are in milliseconds.
 */
export type Event =
  | {
      readonly event: "identity"
      readonly tubId: TubId
      readonly keyType: string
      readonly file: string
      /** ISO 8601. */
      readonly notBefore?: string
      readonly notAfter?: string
    }
  | { readonly event: "listening"; readonly tubId: TubId; readonly furl: string; readonly address: string }
  | {
      readonly event: "negotiated"
      readonly side: Side
      readonly role: Role
      /** Left out for an anonymous peer. */
      readonly peer?: TubId
      readonly banana: number
      readonly vocabulary: number
      readonly applicationProtocol: string
      readonly seqnum: number | undefined
      readonly hint?: string
      /** How many redirects were followed. */
      readonly redirects: number
      readonly durationMs: number
      readonly phases: { readonly plaintext: number; readonly encrypted: number; readonly deciding: number }
    }
  | {
      readonly event: "failed"
      readonly side: Side
      /** `Connect` is before the negotiation: nothing answered. */
      readonly phase: "Connect" | "Plaintext" | "Encrypted" | "Deciding"
      readonly reason: string
      readonly message: string
      readonly peer?: TubId
      readonly hint?: string
    }
  | { readonly event: "redirected"; readonly tubId: TubId; readonly locations: ReadonlyArray<string> }
  | { readonly event: "closed"; readonly peer?: TubId; readonly reason: string; readonly message: string }

/**
 * Tells a script of an event, and a person of the same in the words of `sentence`.
 */
export type Tell = (event: Event, sentence: string) => Effect.Effect<void>

/**
 * A teller. `json` is the option of that name.
 */
export const teller =
  (json: boolean): Tell =>
  (event, sentence) =>
    json
      ? Effect.andThen(Console.log(escaped(JSON.stringify(event))), Console.error(harmless(sentence)))
      : Console.log(harmless(sentence))

// The hints of a FURL may hold control characters, and a terminal obeys those.
// The same characters in JSON, which spells out only some of them by itself.
const escaped = (json: string): string =>
  json.replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (text) =>
    Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")
  )

const harmless = (text: string): string => text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, "?")

/**
 * Who the peer is, for people.
 */
export const named = (peer: TubId | undefined): string => peer ?? "anonymous"

const identified = (peer: TubId | undefined): { readonly peer?: TubId } => (peer === undefined ? {} : { peer })

const milliseconds = (duration: Duration.Duration): number => Math.round(Duration.toMillis(duration) * 1000) / 1000

/**
 * The event for a redirect: on the side that dials, its hints are dialled next.
 */
export const redirected = ({ hints, tubId }: Redirect): Extract<Event, { readonly event: "redirected" }> => ({
  event: "redirected",
  tubId,
  locations: hints.map(({ text }) => text)
})

/**
 * The event for the end of a link.
 */
export const closed = (peer: TubId | undefined, end: LinkEnd): Extract<Event, { readonly event: "closed" }> => ({
  event: "closed",
  ...identified(peer),
  reason: end._tag,
  message: describe(end)
})

/**
 * The event for a negotiation that failed.
 */
export const failed = (
  { message, peer, phase, reason, side }: NegotiationError,
  hint?: string
): Extract<Event, { readonly event: "failed" }> => ({
  event: "failed",
  side,
  phase,
  reason: reason._tag,
  message,
  ...identified(peer),
  ...(hint === undefined ? {} : { hint })
})

/**
 * The event for a link that came about.
 */
export const negotiated = (
  connection: NegotiatedConnection,
  where: { readonly hint?: string; readonly redirects: number }
): Extract<Event, { readonly event: "negotiated" }> => {
  const { deciding, encrypted, plaintext } = connection.timings
  return {
    event: "negotiated",
    side: connection.side,
    role: connection.role,
    ...identified(connection.peer),
    banana: connection.parameters.version,
    vocabulary: connection.parameters.vocabulary,
    applicationProtocol: connection.parameters.applicationProtocol,
    seqnum: connection.seqnum,
    ...where,
    durationMs: milliseconds(Duration.sum(plaintext, Duration.sum(encrypted, deciding))),
    phases: {
      plaintext: milliseconds(plaintext),
      encrypted: milliseconds(encrypted),
      deciding: milliseconds(deciding)
    }
  }
}
