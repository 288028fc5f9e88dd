/**
 * Why a redirect was not followed, or not all of it (N11).
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { abbreviate } from "./HintHandler.ts"

// A Location may name hundreds of places, and a message is read by a person.
const shown = 3

const list = (locations: ReadonlyArray<string>): string => {
  const texts = locations.slice(0, shown).map((text) => abbreviate(text))
  return texts.join(", ") + (locations.length > shown ? ` and ${locations.length - shown} more` : "")
}

/**
 * The servers send us round in a circle: from where this one sends us, redirects lead back to it.
 *
 * @category reasons
 * @since 0.1.0
 */
export class RedirectLoop extends Schema.TaggedError<RedirectLoop>("@effect-foolscap/tub/RedirectLoop")(
  "RedirectLoop",
  {
    /** Where the server sends us. */
    locations: Schema.Array(Schema.String)
  }
) {
  override get message() {
    return `the server sends us to ${list(this.locations)}, and so the redirects go in a circle; mend one of them`
  }
}

/**
 * The server sends us only to places that the same dial came to by another way, without going in a circle. What came of
 * them stands under their own attempts.
 *
 * @category reasons
 * @since 0.1.0
 */
export class AlreadyDialled extends Schema.TaggedError<AlreadyDialled>("@effect-foolscap/tub/AlreadyDialled")(
  "AlreadyDialled",
  {
    /** Where the server sends us. */
    locations: Schema.Array(Schema.String)
  }
) {
  override get message() {
    return `the server sends us to ${list(this.locations)}, which this dial has tried already`
  }
}

/**
 * The server sends us only to places on another network than its own, where it has no say. From elsewhere nobody sends us to
 * a Unix domain socket of this machine, which may not be meant for strangers; and out of a network such as Tor nobody
 * sends us at all, because whoever dials there may not want to be seen elsewhere.
 *
 * @category reasons
 * @since 0.1.0
 */
export class AnotherNetwork extends Schema.TaggedError<AnotherNetwork>("@effect-foolscap/tub/AnotherNetwork")(
  "AnotherNetwork",
  {
    /** Where the server sends us. */
    locations: Schema.Array(Schema.String)
  }
) {
  override get message() {
    return `the server sends us to ${list(this.locations)}, on another network than its own, where it has no say`
  }
}

/**
 * The server redirects, and as many redirects as are followed one after another had led to it.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TooManyRedirects extends Schema.TaggedError<TooManyRedirects>("@effect-foolscap/tub/TooManyRedirects")(
  "TooManyRedirects",
  {
    /** How many are followed. */
    limit: Schema.Int,
    /** Where the server sends us, without the places that the same dial came to by another way. */
    locations: Schema.Array(Schema.String)
  }
) {
  override get message() {
    return `the server sends us on to ${list(this.locations)}, after ${this.limit} redirects in a row; dial a FURL that names the last place itself`
  }
}

/**
 * The redirects behind one hint of the FURL, this one and others, name more places than a dial takes from them. These
 * were left out; others of this redirect may have been dialled.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TooManyLocations extends Schema.TaggedError<TooManyLocations>("@effect-foolscap/tub/TooManyLocations")(
  "TooManyLocations",
  {
    /** How many are taken. */
    limit: Schema.Int,
    /** The places that were left out. */
    locations: Schema.Array(Schema.String)
  }
) {
  override get message() {
    return `a dial tries at most ${this.limit} of the places that redirects lead to from one hint of its FURL; left out: ${list(this.locations)}; shorten one of the redirects on the way`
  }
}

/**
 * One of these, to be told apart by its `_tag`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const NotFollowed = Schema.Union([
  RedirectLoop,
  AlreadyDialled,
  AnotherNetwork,
  TooManyRedirects,
  TooManyLocations
])

/**
 * One of these, to be told apart by its `_tag`.
 *
 * @category models
 * @since 0.1.0
 */
export type NotFollowed = typeof NotFollowed.Type
