/**
 * Itinerary: where a dial has been, and where it may still go when servers send it on (N11).
 *
 * Whoever redirects has proven nothing, not even to be a Tub, so its word is taken only so far: no place twice, not too
 * far, not too many. Each hint of the FURL has a walk of its own, in which both limits are counted, so that a server
 * behind one of them takes nothing from the others:
 *
 * ```text
 *   FURL ─▶ a ─▶ x ─▶ y ─▶ z      the walk of a: z is 3 redirects away
 *       └─▶ b ───────────▶ z      the walk of b: z is 1 away, and is not dialled again
 * ```
 *
 * No network and no time here: `Connector` dials.
 *
 * @since 0.1.0
 */
import type * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as Arr from "effect/Array"
import {
  AlreadyDialled,
  AnotherNetwork,
  type NotFollowed,
  RedirectLoop,
  TooManyLocations,
  TooManyRedirects
} from "./NotFollowed.ts"

/**
 * How many redirects are followed one after another. A Tub that moved is one away; a second for a server in front of
 * that one, and a few more for chains that grew over the years.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxRedirects = 5

/**
 * How many places a dial takes from the redirects behind each hint of the FURL, all of these together. They are dialled
 * at once, so that none has to wait for one that never answers; therefore this is also how many connections a stranger
 * at such a hint can make us open, to addresses of his choice. A Tub has a handful of addresses, and 4096 bytes of
 * Location have room for hundreds.
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
  readonly hint: LocationHint.LocationHint
  /** The hints whose servers sent us on, in order; empty for a hint of the FURL. */
  readonly via: ReadonlyArray<string>
}

/**
 * A redirect that is followed: the places that are dialled because of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Followed {
  readonly by: Stop
  readonly next: Arr.NonEmptyReadonlyArray<Stop>
}

/**
 * Whether a server may send us there: nobody from elsewhere to a socket of this machine, and nobody at all out of a network
 * such as Tor.
 */
const maySendTo = ({ kind }: LocationHint.LocationHint, to: LocationHint.LocationHint): boolean =>
  kind === to.kind || kind === "unix" || (kind === "tcp" && to.kind !== "unix")

/** Hints by their places, each as it was first written. */
type Places = ReadonlyMap<string, LocationHint.LocationHint>

/**
 * What a dial has come to know.
 *
 * @category models
 * @since 0.1.0
 */
export interface Itinerary {
  /** Every place that was or is dialled. */
  readonly dialled: Places
  /** Where the servers that have redirected us sent us, by the places they are at. */
  readonly signposts: ReadonlyMap<string, Places>
  /** For each hint of the FURL the places that it leads to, itself included, by the shortest ways known. */
  readonly walks: ReadonlyArray<ReadonlyMap<string, Stop>>
}

/**
 * Two hints with the same text here are one place: `h:1`, `tcp:H:1` and `tcp:h:01`. Hints of other kinds are compared as
 * they were written.
 */
const placeOf = (hint: LocationHint.LocationHint): string =>
  hint._tag === "TcpHint" ? `tcp:${hint.host.toLowerCase()}:${hint.port}` : hint.text

const placesOf = (hints: ReadonlyArray<LocationHint.LocationHint>): Places => {
  const places = new Map<string, LocationHint.LocationHint>()
  for (const hint of hints) {
    const place = placeOf(hint)
    if (!places.has(place)) places.set(place, hint)
  }
  return places
}

/**
 * Begins with the hints of a FURL, of which all are dialled: whoever holds the FURL was given them by the Tub itself.
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = (hints: ReadonlyArray<LocationHint.LocationHint>): readonly [Itinerary, ReadonlyArray<Stop>] =>
  join({ dialled: new Map(), signposts: new Map(), walks: [] }, hints)

/**
 * Goes on with the hints of one more FURL of the same Tub: those of them that were not dialled yet.
 *
 * @category combinators
 * @since 0.1.0
 */
export const join = (
  { dialled, signposts, walks }: Itinerary,
  hints: ReadonlyArray<LocationHint.LocationHint>
): readonly [Itinerary, ReadonlyArray<Stop>] => {
  const added = [...placesOf(hints)].filter(([place]) => !dialled.has(place))
  const further = added.map(([place, hint]) => new Map([[place, { hint, via: [] } satisfies Stop]]))
  const stops = further.flatMap((walk) => [...walk.values()])
  return [{ dialled: new Map([...dialled, ...added]), signposts, walks: [...walks, ...further] }, stops]
}

/**
 * Takes the word of the server at `from`, that the Tub is at `hints`: which redirects to follow now, and if nothing new
 * comes of this one, or not all of it is taken, why.
 *
 * A place that was dialled before is left out without a word as long as there is another one. Beside this redirect others
 * may be followed that were too far away until now, because there is a shorter way to them. A server on
 * one network has no say on another.
 *
 * @category combinators
 * @since 0.1.0
 */
export const follow = (
  { dialled: before, signposts, walks }: Itinerary,
  from: Stop,
  hints: ReadonlyArray<LocationHint.LocationHint>
): readonly [Itinerary, { readonly followed: ReadonlyArray<Followed>; readonly omitted: NotFollowed | undefined }] => {
  const here = placeOf(from.hint)
  const named = placesOf(hints.filter((hint) => maySendTo(from.hint, hint)))
  const dialled = new Map(before)
  const known = new Map(signposts).set(here, named)
  const followed: Array<Followed> = []

  const walkOn = (walk: ReadonlyMap<string, Stop>) => {
    const begin = walk.get(here)
    if (begin === undefined) return walk
    const further = new Map(walk)
    const reached = [begin]
    // A list that grows while it is walked is walked to its new end.
    for (const by of reached) {
      const via = [...by.via, by.hint.text]
      if (via.length > maxRedirects) continue
      const next: Array<Stop> = []
      for (const [place, hint] of known.get(placeOf(by.hint)) ?? []) {
        const passed = further.get(place)
        // The hint of the FURL is in its walk too.
        if (passed === undefined ? further.size > maxLocations : passed.via.length <= via.length) continue
        const stop = { hint: dialled.get(place) ?? hint, via }
        further.set(place, stop)
        reached.push(stop)
        if (dialled.has(place)) continue
        dialled.set(place, hint)
        next.push(stop)
      }
      if (Arr.isArrayNonEmpty(next)) followed.push({ by, next })
    }
    return further
  }
  const itinerary: Itinerary = { walks: walks.map(walkOn), dialled, signposts: known }

  const locations = textsOf(named)
  const left = textsOf([...named].filter(([place]) => !dialled.has(place)))
  const omission = (): NotFollowed | undefined => {
    if (named.size === 0 && hints.length > 0) return new AnotherNetwork({ locations: hints.map(({ text }) => text) })
    if (left.length > 0) {
      return itinerary.walks.some((walk) => (walk.get(here)?.via.length ?? maxRedirects) < maxRedirects)
        ? new TooManyLocations({ limit: maxLocations, locations: left })
        : new TooManyRedirects({ limit: maxRedirects, locations: left })
    }
    if ([...named.keys()].some((place) => !before.has(place))) return undefined
    return leadTo(known, named.keys()).has(here) ? new RedirectLoop({ locations }) : new AlreadyDialled({ locations })
  }
  return [itinerary, { followed, omitted: omission() }]
}

const textsOf = (places: Iterable<readonly [string, LocationHint.LocationHint]>): ReadonlyArray<string> =>
  Array.from(places, ([, { text }]) => text)

/** These places, and all that redirects lead to from there. */
const leadTo = (signposts: Itinerary["signposts"], places: Iterable<string>): ReadonlySet<string> => {
  const reached = new Set(places)
  // A Set, too, is walked to its new end.
  for (const place of reached) for (const next of signposts.get(place)?.keys() ?? []) reached.add(next)
  return reached
}
