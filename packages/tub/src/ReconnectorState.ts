/**
 * What a Reconnector is doing, for whoever wants to show it.
 *
 * @since 0.1.0
 */
import * as Link from "@effect-foolscap/negotiation/Link"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type { ConnectError } from "./ConnectError.ts"
import { abbreviate } from "./HintHandler.ts"
import { HintStatus } from "./HintStatus.ts"
import type { PeerLink } from "./Links.ts"

/**
 * Why there is no link: none could be made, or the one there was has ended.
 *
 * @category models
 * @since 0.1.0
 */
export type Setback = ConnectError | Link.LinkEnd

/**
 * What a Reconnector is doing.
 *
 * @category models
 * @since 0.1.0
 */
export type ReconnectorState = Data.TaggedEnum<{
  /** It looks for the Tub. `hints` is empty until something is known of a place. */
  Connecting: { readonly hints: ReadonlyArray<HintStatus> }
  /** It holds a link, which it has held since then. */
  Connected: { readonly since: DateTime.Utc; readonly link: PeerLink }
  /** It tries again then, or is content sooner with a link that the other Tub dials. */
  Waiting: { readonly until: DateTime.Utc; readonly after: Setback }
  /** It does not try again, until `reset`. A link that the other Tub dials still counts. */
  GaveUp: { readonly after: Setback }
}>

/**
 * Makes and tells apart what a Reconnector is doing: `ReconnectorState.$match`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ReconnectorState = Data.taggedEnum<ReconnectorState>()

/**
 * What a person reads about it, on one line: `waiting 12s before the next attempt: cannot connect to ...`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describe = (state: ReconnectorState, now: DateTime.Utc): string =>
  ReconnectorState.$match(state, {
    Connecting: ({ hints }) => (hints.length === 0 ? "connecting" : `connecting: ${hints.map(progressOf).join("; ")}`),
    Connected: ({ link, since }) => `connected to ${link.remoteAddress} for ${between(since, now)}`,
    Waiting: ({ after, until }) => `waiting ${between(now, until)} before the next attempt: ${reasonOf(after)}`,
    GaveUp: ({ after }) => `gave up: ${reasonOf(after)}`
  })

const progressOf = HintStatus.$match({
  Connecting: (place) => `${wayTo(place)}: no answer yet`,
  Negotiating: (place) => `${wayTo(place)}: somebody is there, negotiating`,
  Ended: ({ attempt }) => attempt.message
})

const wayTo = ({ hint, via }: { readonly via: ReadonlyArray<string>; readonly hint: string }): string =>
  [...via, hint].map((text) => abbreviate(text)).join(" -> ")

const reasonOf = (setback: Setback): string =>
  setback._tag === "ConnectError" ? setback.message : Link.describe(setback)

const between = (from: DateTime.Utc, to: DateTime.Utc): string => {
  const seconds = Math.floor(Duration.toSeconds(DateTime.distance(from, to)))
  // A clock may have been set meanwhile, and a timer may be late.
  return seconds < 1 ? "less than a second" : Duration.format(Duration.seconds(seconds))
}
