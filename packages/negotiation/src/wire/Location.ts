/**
 * The Location of a 303: where a Tub lives instead (N11).
 *
 * Foolscap reserved the redirect and never defined its Location. Three forms are understood: a FURL-like
 * `pb://TUBID@hint,hint/...`, which is what we send; `http://host:port/id/TUBID`, which is what a web server sends; and
 * a bare hint.
 *
 * @since 0.1.0
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { BadRedirect, RedirectedElsewhere } from "../NegotiationError.ts"

const hintsFrom = Schema.decodeUnknownResult(Schema.Array(LocationHint.FromString))

/**
 * Writes the Location that sends a client to these hints.
 *
 * @category encoding
 * @since 0.1.0
 */
export const format = (tubId: TubId, hints: ReadonlyArray<LocationHint.LocationHint>): string =>
  `pb://${tubId}@${hints.map((hint) => hint.text).join(",")}/`

/**
 * Reads where a server sends us that was asked for `wanted`. A Location that names another Tub fails: whoever redirects
 * may say where a Tub is, not who it is.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (
  wanted: TubId,
  location: string
): Result.Result<Arr.NonEmptyReadonlyArray<LocationHint.LocationHint>, BadRedirect | RedirectedElsewhere> =>
  Result.gen(function* () {
    const { hints, named } = yield* Result.fromNullishOr(partsOf(location), () => new BadRedirect({ location }))
    if (named !== undefined && named !== wanted)
      return yield* Result.fail(new RedirectedElsewhere({ wanted, location }))
    const decoded = yield* Result.mapError(hintsFrom(hints), () => new BadRedirect({ location }))
    const usable = decoded.filter(leadsSomewhere)
    return Arr.isReadonlyArrayNonEmpty(usable) ? usable : yield* Result.fail(new BadRedirect({ location }))
  })

// A FURL may hold hints that nobody can use, beside others (N3). With none but those it leads nowhere.
const leadsSomewhere = (hint: LocationHint.LocationHint): boolean =>
  hint._tag === "TcpHint" || (hint.kind !== "" && hint.kind !== "tcp" && /^[!-~]+$/.test(hint.text))

const partsOf = (
  location: string
): { readonly named: string | undefined; readonly hints: ReadonlyArray<string> } | undefined => {
  const [, tubId, hints] = /^pb:\/\/([^@/]{32})[^@/]*@([^/]*)(?:\/|$)/.exec(location) ?? []
  if (tubId !== undefined && hints !== undefined) return { named: tubId, hints: hints.split(",") }
  if (/^http:\/\//i.test(location)) return partsOfUrl(location)
  return /^[a-z0-9]+:[^/]+$/i.test(location) ? { named: undefined, hints: [location] } : undefined
}

const partsOfUrl = (location: string) => {
  if (!URL.canParse(location)) return undefined
  const url = new URL(location)
  const [, named] = /^\/id\/([^/]+)\/?$/.exec(url.pathname) ?? []
  return named === undefined
    ? undefined
    : { named, hints: [`tcp:${url.hostname}:${url.port === "" ? 80 : Number(url.port)}`] }
}
