/**
 * TubSocketServer: a Listener as Effect's `SocketServer`, for a server of any protocol that works over sockets.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Admit } from "@effect-foolscap/negotiation/phase/Encrypted"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import * as SocketServer from "effect/socket/SocketServer"
import { type Address, type Endpoint, formatAddress, type ListenFailed } from "./Endpoint.ts"
import type { Links } from "./Links.ts"
import * as Listener from "./Listener.ts"
import { PeerIdentity } from "./PeerIdentity.ts"

/**
 * What is served, and to whom.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The application protocol, by the name that its clients know it by (N29), such as `rpc/1`. */
  readonly protocol: string
  /**
   * The Tubs that may have a link; everyone else is refused in the negotiation (N31).
   *
   * **Without it everybody is served.** A certificate costs nothing and says only that the same peer came before, so a
   * server that must not serve strangers needs either this or handlers that look at `PeerIdentity` (`CurrentPeer`).
   */
  readonly admit?: ReadonlySet<TubId> | Admit
}

/**
 * A `SocketServer` whose handlers may ask for the `PeerIdentity`.
 *
 * @category models
 * @since 0.1.0
 */
export interface TubSocketServer {
  readonly address: NetAddress.SocketAddress
  readonly run: <R, E, _>(
    handler: (socket: Socket.Socket) => Effect.Effect<_, E, R>
  ) => Effect.Effect<never, SocketServer.SocketServerError, Exclude<Exclude<R, PeerIdentity>, Scope.Scope>>
}

/**
 * Serves everyone who connects to the Endpoint and speaks the protocol. To the handler each link is a socket that is
 * connected already; its reader can be acquired once.
 *
 * When a handler ends its link is closed. One that fails or dies is logged, and disturbs no other. Who was not admitted is
 * logged; other connections that do not become a link are, at debug level.
 *
 * Connections that arrive before `run` wait for it. When it is interrupted it stops listening, and then closes the links;
 * so it can be called once, and fails when it is called again. `address` has no room for names: for that of an IPv6 zone
 * there is none, for that of a host the unspecified address.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  options: Options & { readonly endpoint: Endpoint }
): Effect.fn.Return<TubSocketServer, never, NegotiationService | Links> {
  const { endpoint, protocol } = options
  const admit = admission(options.admit)
  const context = yield* Effect.context<NegotiationService | Links>()
  let hasRun = false

  const run: TubSocketServer["run"] = Effect.fnUntraced(function* (handler) {
    if (hasRun) return yield* failed(new SocketServer.SocketServerUnknownError({ cause: ranBefore(endpoint.address) }))
    hasRun = true
    return yield* Listener.serve(endpoint, {
      protocols: [protocol],
      ...(admit === undefined ? {} : { admit }),
      connected: (connection) =>
        handler(connection.socket).pipe(
          Effect.provideService(PeerIdentity, { tubId: connection.peer, connection }),
          Effect.ignoreCause({ log: "Unhandled", message: "the handler of a link failed" })
        ),
      failed: (error, remoteAddress) => {
        const said = `${remoteAddress} did not get a link: ${error.message}`
        const isRefused = error._tag === "NegotiationError" && error.reason._tag === "NotAdmitted"
        return isRefused ? Effect.logInfo(said) : Effect.logDebug(said)
      }
    }).pipe(Effect.provideContext(context))
  })
  return { address: socketAddress(endpoint.address), run }
})

/**
 * `make` as the `SocketServer` of a program, such as an RPC server. `listen` opens the Endpoint, for the life of the layer.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <R>(
  options: Options & { readonly listen: Effect.Effect<Endpoint, ListenFailed, R> }
): Layer.Layer<
  SocketServer.SocketServer,
  SocketServer.SocketServerError,
  NegotiationService | Links | Exclude<R, Scope.Scope>
> =>
  Layer.effect(
    SocketServer.SocketServer,
    Effect.mapError(options.listen, (cause) => failed(new SocketServer.SocketServerOpenError({ cause }))).pipe(
      Effect.flatMap((endpoint) => make({ ...options, endpoint }))
    )
  )

const failed = (reason: SocketServer.SocketServerErrorReason) => new SocketServer.SocketServerError({ reason })

const ranBefore = (address: Address) =>
  new Error(`the server at ${formatAddress(address)} has been run before, and runs once: make another one`)

const admission = (admit: Options["admit"]): Admit | undefined =>
  admit === undefined || typeof admit === "function"
    ? admit
    : (peer) => Effect.succeed(peer !== undefined && admit.has(peer))

const socketAddress = (address: Address): NetAddress.SocketAddress => {
  if ("path" in address) return NetAddress.unixPathAddress(address.path)
  const { host, port } = address
  const [withoutZone = host] = host.split("%")
  return NetAddress.inetAddressFromHostString(host, port).pipe(
    Result.orElse(() => NetAddress.inetAddressFromHostString(withoutZone, port)),
    Result.getOrElse(() => NetAddress.inetAddressUnsafe(NetAddress.ipv6Unspecified, port))
  )
}
