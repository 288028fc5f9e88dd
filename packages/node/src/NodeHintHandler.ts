/**
 * The hints that Node reaches by itself: `tcp` and `unix`.
 *
 * @since 0.1.0
 */
import { HintHandler, type KindHandler, UnknownHint, Unreachable } from "@effect-foolscap/tub/HintHandler"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as NodeTransport from "./NodeTransport.ts"
import * as UnixHint from "./UnixHint.ts"

const tcp: KindHandler = Effect.fnUntraced(function* (hint) {
  if (hint._tag !== "TcpHint") return yield* new UnknownHint({ hint: hint.text, form: "tcp:HOST:PORT" })
  return yield* NodeTransport.connect({ host: hint.host, port: hint.port }).pipe(
    Effect.mapError((cause) => new Unreachable({ hint: hint.text, cause }))
  )
})

/**
 * One handler for each kind, to which an application adds its own: `HintHandler.layer({ ...handlers, tor })`.
 *
 * - `tcp:HOST:PORT`, where a name is looked up for IPv4 and IPv6, and its addresses are tried in turn until one answers.
 * - `unix:PATH`, see `UnixHint`.
 *
 * A server that redirects, or a stranger's FURL, may name any socket on this machine, at which then a GET arrives.
 * Whoever does not want that for files leaves the kind out: `HintHandler.layer({ tcp: handlers.tcp })`.
 *
 * @category handlers
 * @since 0.1.0
 */
export const handlers: { readonly tcp: KindHandler; readonly unix: KindHandler } = { tcp, unix: UnixHint.handler }

/**
 * Reaches `tcp` and `unix` hints. Hints of other kinds, and malformed ones, fail with `UnknownHint`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<HintHandler> = HintHandler.layer(handlers)
