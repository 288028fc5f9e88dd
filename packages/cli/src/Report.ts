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
      /** Left out where there is none, as with an anonymous peer. */
      readonly seqnum: number | undefined
      /** Where we dialled, and how many redirects led there. Only on the side that dials. */
      readonly hint?: string
      readonly redirects?: number
      /** The address of whoever dialled us. */
      readonly from?: string
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
      readonly from?: string
    }
  | {
      readonly event: "redirected"
      readonly tubId: TubId
      readonly locations: ReadonlyArray<string>
      readonly from?: string
    }
  | {
      readonly event: "closed"
      readonly peer?: TubId
      readonly from?: string
      readonly reason: string
      readonly message: string
    }

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

// The same characters as below in JSON, which spells out only some of them by itself.
const escaped = (json: string): string =>
  json.replace(/[\u007f-\u009f\u2028\u2029\p{Cf}]/gu, (text) =>
    Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")
  )

// The hints of a FURL may hold control characters, and a terminal obeys those.
const harmless = (text: string): string => text.replace(/[^\P{C}\n]|[\u2028\u2029]/gu, "?")

/**
 * Who the peer is, for people: its TubId, and its address if it dialled us. Of anonymous peers the address is all there
 * is to tell them apart.
 */
export const named = ({ peer, remoteAddress, side }: NegotiatedConnection): string =>
  `${peer ?? "anonymous"}${side === "server" ? ` from ${remoteAddress}` : ""}`

const identified = (peer: TubId | undefined): { readonly peer?: TubId } => (peer === undefined ? {} : { peer })

const origin = ({ remoteAddress, side }: NegotiatedConnection): { readonly from?: string } =>
  side === "server" ? { from: remoteAddress } : {}

const milliseconds = (duration: Duration.Duration): number => Math.round(Duration.toMillis(duration) * 1000) / 1000

/**
 * The event for a redirect: on the side that dials, its hints are dialled next.
 */
export const redirected = (
  { hints, tubId }: Redirect,
  where: { readonly from?: string } = {}
): Extract<Event, { readonly event: "redirected" }> => ({
  event: "redirected",
  tubId,
  locations: hints.map(({ text }) => text),
  ...where
})

/**
 * The event for the end of a link.
 */
export const closed = (
  connection: NegotiatedConnection,
  end: LinkEnd
): Extract<Event, { readonly event: "closed" }> => ({
  event: "closed",
  ...identified(connection.peer),
  ...origin(connection),
  reason: end._tag,
  message: describe(end)
})

/**
 * The event for a negotiation that failed, at the hint that was dialled or with somebody from an address.
 */
export const failed = (
  { message, peer, phase, reason, side }: NegotiationError,
  where: { readonly hint: string } | { readonly from: string }
): Extract<Event, { readonly event: "failed" }> => ({
  event: "failed",
  side,
  phase,
  reason: reason._tag,
  message,
  ...identified(peer),
  ...where
})

/**
 * The event for a link that came about. `dialled` is for the side that dials.
 */
export const negotiated = (
  connection: NegotiatedConnection,
  dialled?: { readonly hint: string; readonly redirects: number }
): Extract<Event, { readonly event: "negotiated" }> => ({
  event: "negotiated",
  side: connection.side,
  role: connection.role,
  ...identified(connection.peer),
  banana: connection.parameters.version,
  vocabulary: connection.parameters.vocabulary,
  applicationProtocol: connection.parameters.applicationProtocol,
  seqnum: connection.seqnum,
  ...origin(connection),
  ...dialled,
  ...timings(connection)
})

/**
 * How long a negotiation took, in all and in each phase, in milliseconds.
 */
export const timings = ({ timings: { deciding, encrypted, plaintext } }: NegotiatedConnection) => ({
  durationMs: milliseconds(Duration.sum(plaintext, Duration.sum(encrypted, deciding))),
  phases: {
    plaintext: milliseconds(plaintext),
    encrypted: milliseconds(encrypted),
    deciding: milliseconds(deciding)
  }
})
