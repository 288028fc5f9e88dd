/**
 * Itinerary: where a dial has been, and where it may still go when servers send it on (N11).
 *
 * Whoever redirects has proven nothing, not even to be a Tub, so its word is taken only so far: no place twice, not too
 * far, not too many. No network and no time here: `Connector` dials.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import * as Arr from "effect/Array"
import { AlreadyDialled, type NotFollowed, RedirectLoop, TooManyLocations, TooManyRedirects } from "./NotFollowed.ts"

/**
 * How many redirects are followed one after another. A Tub that moved is one away; a second for a server in front of
 * that one, and a few more for chains that grew over the years.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxRedirects = 5

/**
 * How many places a dial takes from redirects, all of them together. They are dialled at once, so that none has to wait
 * for one that never answers; therefore this is also how many connections a stranger can make us open, to addresses of
 * his choice. A Tub has a handful of addresses, and 4096 bytes of Location have room for hundreds.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxLocations = 20

/**
 * A place to dial, and the way to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Stop {
  readonly hint: LocationHint
  /** The hints whose servers sent us on, in order; empty for a hint of the FURL. */
  readonly via: ReadonlyArray<string>
}

/**
 * What a dial has come to know. Two hints are the same place if their texts are equal.
 *
 * @category models
 * @since 0.1.0
 */
export interface Itinerary {
  /** Every place that was or is dialled, and where its server sent us. */
  readonly places: ReadonlyMap<string, ReadonlyArray<string>>
  /** How many more may be taken from redirects. */
  readonly room: number
}

const distinct = (hints: ReadonlyArray<LocationHint>): ReadonlyArray<LocationHint> => [
  ...new Map(hints.map((hint) => [hint.text, hint])).values()
]

const textsOf = (hints: ReadonlyArray<LocationHint>): ReadonlyArray<string> => hints.map(({ text }) => text)

/**
 * Begins with the hints of a FURL, of which all are dialled: whoever holds the FURL was given them by the Tub itself.
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = (hints: ReadonlyArray<LocationHint>): readonly [Itinerary, ReadonlyArray<Stop>] => {
  const stops = distinct(hints).map((hint) => ({ hint, via: [] }))
  return [{ places: new Map(stops.map(({ hint }) => [hint.text, []])), room: maxLocations }, stops]
}

/**
 * Takes the word of the server at `from`, that the Tub is at `hints`: where to dial next, and if that is not everywhere,
 * why.
 *
 * A place that was dialled before is left out without a word as long as there is another one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const follow = (
  { places, room }: Itinerary,
  from: Stop,
  hints: ReadonlyArray<LocationHint>
): readonly [Itinerary, { readonly next: ReadonlyArray<Stop>; readonly omitted: NotFollowed | undefined }] => {
  const here = from.hint.text
  const locations = textsOf(distinct(hints))
  const known = new Map(places).set(here, locations)

  const fresh = distinct(hints).filter(({ text }) => !known.has(text))
  if (fresh.length === 0) {
    const circle = leadTo(known, locations).has(here)
    const omitted = circle ? new RedirectLoop({ locations }) : new AlreadyDialled({ locations })
    return [
      { places: known, room },
      { next: [], omitted }
    ]
  }
  if (from.via.length >= maxRedirects) {
    const omitted = new TooManyRedirects({ limit: maxRedirects, locations })
    return [
      { places: known, room },
      { next: [], omitted }
    ]
  }

  const [taken, tooMany] = Arr.splitAt(fresh, room)
  for (const { text } of taken) known.set(text, [])
  return [
    { places: known, room: room - taken.length },
    {
      next: taken.map((hint) => ({ hint, via: [...from.via, here] })),
      omitted:
        tooMany.length === 0 ? undefined : new TooManyLocations({ limit: maxLocations, locations: textsOf(tooMany) })
    }
  ]
}

/** These places, and all that redirects lead to from there. */
const leadTo = (places: Itinerary["places"], locations: ReadonlyArray<string>): ReadonlySet<string> => {
  const reached = new Set(locations)
  // A Set that grows while it is walked is walked to its new end.
  for (const place of reached) for (const next of places.get(place) ?? []) reached.add(next)
  return reached
}
