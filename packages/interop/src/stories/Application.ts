/** Application: a Tub on loopback that shares its links, made of the layers that an application takes. */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Admit } from "@effect-foolscap/negotiation/phase/Encrypted"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import type { ConnectError } from "@effect-foolscap/tub/ConnectError"
import { Connector } from "@effect-foolscap/tub/Connector"
import type { Address, Endpoint, ListenFailed, TcpAddress } from "@effect-foolscap/tub/Endpoint"
import type { Links, PeerLink } from "@effect-foolscap/tub/Links"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Inbox } from "../Inbox.ts"
import { type Arrival, type Failed, isLink } from "../OurTub.ts"

/** A Listener, and what came of those who came. */
export interface Door<A extends Address = TcpAddress> {
  readonly address: A
  /** The next link that was negotiated here. It lasts until it has ended or the Scope closes. */
  readonly linked: Effect.Effect<NegotiatedConnection>
  /** The next connection that did not become a link. */
  readonly failed: Effect.Effect<Failed>
}

/** Where the door of a TCP port is. */
export const hintOf = ({ address }: Door): string => LocationHint.tcp(address.host, address.port).text

/** Any free port of loopback. */
export const anyPort: Effect.Effect<Endpoint<TcpAddress>, never, Scope.Scope> = Effect.orDie(
  NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
)

/** Opens a door to the Tubs of this NegotiationService. */
export const open = Effect.fnUntraced(function* <A extends Address>(
  endpoint: Effect.Effect<Endpoint<A>, ListenFailed, Scope.Scope>,
  options: { readonly admit?: Admit } = {}
): Effect.fn.Return<Door<A>, ListenFailed, NegotiationService | Links | Scope.Scope> {
  const opened = yield* endpoint
  const arrivals = new Inbox<Arrival>("a door of ours")
  yield* Effect.forkScoped(
    Listener.serve(opened, {
      ...options,
      connected: (connection) => {
        arrivals.offer(connection)
        return Effect.asVoid(connection.ended)
      },
      failed: (error) => Effect.sync(() => arrivals.offer(error))
    }),
    { startImmediately: true }
  )
  return {
    address: opened.address,
    linked: arrivals.take("a link", isLink),
    failed: arrivals.take("a failure", (arrival): arrival is Failed => !isLink(arrival))
  }
})

/** Whom to connect to, and where. A `FoolscapPeer` with its `hint` in a list is one. */
export interface Target {
  readonly tubId: TubId
  readonly hints: ReadonlyArray<string>
}

const toHint = Schema.decodeSync(LocationHint.FromString)

/** The one link with a Tub, as everyone in this program shares it. */
export const connect = Effect.fnUntraced(function* (
  { hints, tubId }: Target,
  options?: Parameters<Connector["Service"]["connect"]>[1]
): Effect.fn.Return<PeerLink, ConnectError, Connector | Scope.Scope> {
  const connector = yield* Connector
  return yield* connector.connect({ tubId, hints: hints.map((hint) => toHint(hint)) }, options)
})

/** A Tub with one door. */
export interface Application extends Door {
  readonly tubId: TubId
  readonly hint: string
  /** As in `Connector`, with hints as text. */
  readonly connect: (
    target: Target,
    options?: Parameters<Connector["Service"]["connect"]>[1]
  ) => Effect.Effect<PeerLink, ConnectError, Scope.Scope>
  readonly services: Context.Context<NodeTub.NodeTub>
}

/** Starts a Tub whose layer is this one, with a door at any port. */
export const fromLayer = Effect.fnUntraced(function* <E, R>(
  layer: Layer.Layer<NodeTub.NodeTub, E, R>
): Effect.fn.Return<Application, E, R | Scope.Scope> {
  const services = yield* Layer.build(layer)
  const door = yield* Effect.orDie(open(anyPort)).pipe(Effect.provideContext(services))
  return {
    ...door,
    tubId: Context.get(services, Tub).tubId,
    hint: hintOf(door),
    connect: (target, options) => Effect.provideContext(connect(target, options), services),
    services
  }
})

/** Starts a Tub with this identity and a door at any port. */
export const start = (identity: TubIdentity): Effect.Effect<Application, never, Scope.Scope> =>
  fromLayer(NodeTub.layer(identity))
