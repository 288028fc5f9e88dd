/**
 * One host of a simulated network, for applications that test what they built on Connector and Listener: no socket, and
 * on `TestClock` no second goes by.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as MemoryTransport from "@effect-foolscap/negotiation/testing/MemoryTransport"
import type { SimulatedNetwork } from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { contained, type Endpoint, ListenFailed, type TcpAddress } from "../Endpoint.ts"
import { HintHandler, UnknownHint, Unreachable } from "../HintHandler.ts"
import { TubIdentity } from "../TubIdentity.ts"

/**
 * An identity that proves `tubId`, for which no key has to be made. On a simulated network only, where a certificate is
 * the TubId.
 *
 * @category constructors
 * @since 0.1.0
 */
export const identity = (tubId: TubId): TubIdentity => new TubIdentity({ tubId, ...MemoryTransport.credentials(tubId) })

/**
 * Reaches `tcp:HOST:PORT` from `host`, where HOST is a host of the network. As from a real system, a HOST that is none
 * fails as `Unreachable` with `ENOTFOUND`, and a port at which nobody listens with `ECONNREFUSED`; a hint of another kind
 * fails with `UnknownHint`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHintHandler = (network: SimulatedNetwork, host: string): Layer.Layer<HintHandler> =>
  HintHandler.layer({
    tcp: Effect.fnUntraced(function* (hint) {
      const { text } = hint
      if (hint._tag !== "TcpHint") return yield* new UnknownHint({ hint: text, form: "tcp:HOST:PORT" })
      return yield* Effect.mapError(network.connect(host, hint), (cause) => new Unreachable({ hint: text, cause }))
    })
  })

/**
 * Listens on a port of `host`; port 0 is any free one. Closing the Scope frees the port, drops every connection and
 * interrupts `run`. Fails if somebody listens there already.
 *
 * @category constructors
 * @since 0.1.0
 */
export const listen = Effect.fnUntraced(function* (
  network: SimulatedNetwork,
  host: string,
  port: number
): Effect.fn.Return<Endpoint<TcpAddress>, ListenFailed, Scope.Scope> {
  const { address, arrival, stop } = yield* Effect.mapError(
    network.listen(host, port),
    (cause) => new ListenFailed({ address: cause.address, cause })
  )

  const run: Endpoint["run"] = (handler) =>
    Effect.gen(function* () {
      const handlers = yield* FiberSet.make<void>()
      // Between taking a connection and serving it nothing may interrupt, or nobody would close it.
      const serveNext = Effect.uninterruptibleMask(
        Effect.fnUntraced(function* (restore) {
          const scope = yield* Scope.make()
          const transport = yield* restore(Scope.provide(arrival, scope))
          yield* FiberSet.run(
            handlers,
            Effect.onExit(Effect.interruptible(Scope.provide(contained(handler(transport)), scope)), (exit) =>
              Scope.close(scope, exit)
            )
          )
        })
      )
      return yield* Effect.forever(serveNext)
    }).pipe(Effect.scoped)

  return { address, run, stop }
})
