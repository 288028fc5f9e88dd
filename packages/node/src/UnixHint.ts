/**
 * UnixHint: `unix:PATH`, a hint for programs on the same machine.
 *
 * A hint holds neither slash nor comma, so the path is percent-encoded as in a URL: `unix:%2Frun%2Ftub.sock`. Foolscap
 * does not know this kind and skips it.
 *
 * @since 0.1.0
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { type KindHandler, UnknownHint, Unreachable } from "@effect-foolscap/tub/HintHandler"
import * as Effect from "effect/Effect"
import * as NodeTransport from "./NodeTransport.ts"
import * as UnixPath from "./UnixPath.ts"

const prefix = "unix:"

/**
 * The hint for the socket at `path`. Throws if there can be none: a path that is relative, or too long for a Unix domain
 * socket.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (path: string): LocationHint.OtherHint => {
  const problem = UnixPath.problemOf(path)
  if (problem !== undefined) throw new Error(`${path}: ${problem}`)
  return LocationHint.OtherHint.make({ text: `${prefix}${encodeURIComponent(path)}` })
}

/**
 * The path that a hint names, `undefined` if it is no `unix` hint, badly encoded, or no path a socket can have.
 *
 * @category getters
 * @since 0.1.0
 */
export const pathOf = ({ text }: LocationHint.LocationHint): string | undefined => {
  if (!text.startsWith(prefix)) return undefined
  const path = decoded(text.slice(prefix.length))
  return path === undefined || UnixPath.problemOf(path) !== undefined ? undefined : path
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/**
 * Connects to `unix` hints.
 *
 * @category handlers
 * @since 0.1.0
 */
export const handler: KindHandler = Effect.fnUntraced(function* (hint) {
  const path = pathOf(hint)
  if (path === undefined) return yield* new UnknownHint({ hint: hint.text, form })
  return yield* Effect.mapError(NodeTransport.connect({ path }), (cause) => new Unreachable({ hint: hint.text, cause }))
})

const form = `unix:PATH, an absolute path of at most ${UnixPath.limit} bytes, percent-encoded (unix:%2Frun%2Ftub.sock)`
