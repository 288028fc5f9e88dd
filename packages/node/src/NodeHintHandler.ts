/**
 * The `HintHandler` port over TCP: connects to `tcp` hints and knows no others.
 *
 * @since 0.1.0
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { HintHandler, UnknownHint, Unreachable } from "@effect-foolscap/tub/HintHandler"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeTransport from "./NodeTransport.ts"

/**
 * Reaches `tcp:HOST:PORT`. A name is looked up for IPv4 and IPv6, and its addresses are tried in turn until one answers.
 * Hints of other kinds, and malformed ones, fail with `UnknownHint`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<HintHandler> = Layer.succeed(HintHandler)({
  connect: Effect.fn("NodeHintHandler.connect")(function* (hint) {
    if (hint._tag !== "TcpHint") return yield* new UnknownHint({ hint: LocationHint.format(hint) })
    return yield* NodeTransport.connect({ host: hint.host, port: hint.port }).pipe(
      Effect.mapError((cause) => new Unreachable({ hint: LocationHint.format(hint), cause }))
    )
  })
})
