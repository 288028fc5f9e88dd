/**
 * Listener: answers everyone who connects to an Endpoint.
 *
 * @since 0.1.0
 */
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Admit } from "@effect-foolscap/negotiation/phase/Encrypted"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import type * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { contained, type Endpoint, type ListenFailed } from "./Endpoint.ts"
import { Links, type PeerLink } from "./Links.ts"

/**
 * Negotiates with everyone who connects, each in a fiber and a Scope of its own, until interrupted. Whoever is interrupted
 * stops listening first and closes the links then.
 *
 * `connected` has a link for as long as it runs. When it ends, the link is closed, unless somebody else has come to hold
 * the one link with that peer (`Connector.connect`). `failed` hears of every connection that did not become a link, most
 * of them harmless: a browser, a port scanner, a parallel attempt that came second. Neither can disturb the other
 * connections.
 *
 * `protocols` are offered instead of `ApplicationProtocols` (N29); a link that speaks one of them is `connected`'s alone, and
 * `Connector.connect` does not find it. `admit` says whether a peer that has proven who it is may
 * have a link (N31).
 *
 * A Tub of this program that connects to itself is served as any other.
 *
 * @category constructors
 * @since 0.1.0
 */
export const serve = Effect.fnUntraced(function* <R1, R2>(
  endpoint: Endpoint,
  options: {
    readonly connected: (connection: NegotiatedConnection) => Effect.Effect<void, never, R1>
    readonly failed: (error: NegotiationError | Redirect, remoteAddress: string) => Effect.Effect<void, never, R2>
    readonly protocols?: Arr.NonEmptyReadonlyArray<string>
    readonly admit?: Admit
  }
): Effect.fn.Return<
  never,
  never,
  NegotiationService | Links | Exclude<R1, Scope.Scope> | Exclude<R2, Scope.Scope> | Scope.Scope
> {
  const { connected, failed, protocols } = options
  const negotiation = yield* NegotiationService
  const links = yield* Links

  // Both ends of a link of a Tub with itself are here, and it is the other one that others look for.
  const isShared = (connection: NegotiatedConnection): connection is PeerLink =>
    connection.peer !== undefined &&
    connection.peer !== connection.local &&
    connection.name === undefined &&
    protocols === undefined
  const keep = Effect.fnUntraced(function* (connection: NegotiatedConnection) {
    if (!isShared(connection)) return yield* connected(connection)
    const link = yield* links.share(connection)
    yield* connected(connection)
    // Most handlers run until the link has ended.
    if (yield* connection.hasEnded) return
    yield* Effect.raceFirst(connection.ended, link.unneeded(Duration.zero))
  })
  const serveOne = (transport: PlainTransport) =>
    Effect.matchEffect(negotiation.accept(transport, options), {
      // Not `keep` itself: called as a method, its generator would keep the whole negotiation in memory as its `this`.
      onSuccess: (connection) => keep(connection),
      onFailure: (error) => failed(error, transport.remoteAddress)
    })

  const loopbacks = yield* FiberSet.make<void>()
  // With the services of here: whoever dials has others.
  const run = yield* FiberSet.runtime(loopbacks)<Exclude<R1, Scope.Scope> | Exclude<R2, Scope.Scope>>()
  const answering = yield* Scope.fork(yield* Effect.scope)
  const answer = links.answer((transport) => {
    const serving = serveOne(transport).pipe(Effect.scoped, contained, Effect.ensuring(transport.destroy))
    return Effect.sync(() => void run(serving))
  }, protocols)
  yield* Scope.provide(answer, answering)
  // The port is free before the links are closed, which may take as long as `closeLimit`.
  return yield* Effect.acquireUseRelease(
    Effect.forkChild(Effect.interruptible(endpoint.run(serveOne))),
    (serving) => Fiber.join(serving),
    (serving) =>
      endpoint.stop.pipe(Effect.andThen(Scope.close(answering, Exit.void)), Effect.andThen(Fiber.interrupt(serving)))
  )
}, Effect.scoped)

/**
 * Opens an endpoint and serves it, as `serve` does, until the layer's Scope closes. From when it is built, whoever comes is
 * served. Then the port is freed first and the links are closed after that, so that nobody comes who is sent away at once.
 *
 * A program that listens and dials closes in that order if the Listeners are built on what they need:
 *
 * ```ts
 * import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
 * import * as NodeTub from "@effect-foolscap/node/NodeTub"
 * import * as Listener from "@effect-foolscap/tub/Listener"
 * import { Effect, Layer } from "effect"
 *
 * const listener = Listener.layer(NodeEndpoint.listen({ host: "127.0.0.1", port: 4711 }), {
 *   connected: () => Effect.never,
 *   failed: ({ message }) => Effect.log(message)
 * })
 *
 * export const everything = listener.pipe(Layer.provideMerge(NodeTub.layerMemory))
 * ```
 *
 * Fails if the endpoint cannot be opened.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <R0, R1, R2>(
  open: Effect.Effect<Endpoint, ListenFailed, R0>,
  options: Parameters<typeof serve<R1, R2>>[1]
): Layer.Layer<
  never,
  ListenFailed,
  NegotiationService | Links | Exclude<R0, Scope.Scope> | Exclude<R1, Scope.Scope> | Exclude<R2, Scope.Scope>
> =>
  Layer.effectDiscard(
    // At once, because a Tub may look for its own Listener as soon as the layer is built.
    Effect.flatMap(open, (endpoint) => Effect.forkScoped(serve(endpoint, options), { startImmediately: true }))
  )
