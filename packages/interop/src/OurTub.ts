/**
 * OurTub: a Tub of this project on loopback, put together as an application does it.
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { LocalTubs, Whereabouts } from "@effect-foolscap/negotiation/LocalTubs"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import type { ConnectError } from "@effect-foolscap/tub/ConnectError"
import { Connector } from "@effect-foolscap/tub/Connector"
import type { Connected } from "@effect-foolscap/tub/Dialling"
import { HintHandler, type UnknownHint, type Unreachable } from "@effect-foolscap/tub/HintHandler"
import type { Links } from "@effect-foolscap/tub/Links"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { Inbox } from "./Inbox.ts"

/** Why a connection did not become a link. */
export type Failed = NegotiationError | Redirect

/** What came of one connection to a port of ours. */
export type Arrival = NegotiatedConnection | Failed

/** Whether a connection became a link. */
export const isLink = (arrival: Arrival): arrival is NegotiatedConnection => "socket" in arrival

/** A port on which one of our Tubs answers. */
export interface Port {
  readonly port: number
  readonly hint: string
  /** The next link that was negotiated here. It lasts until it has ended or the Scope closes. */
  readonly linked: Effect.Effect<NegotiatedConnection>
  /** The next connection that did not become a link. */
  readonly failed: Effect.Effect<Failed>
  /** The next of either. */
  readonly arrived: Effect.Effect<Arrival>
}

/** Whom to dial, and where. */
interface Target {
  readonly tubId: TubId
  readonly hints: ReadonlyArray<string>
}

/** One run of one Tub, with a memory of its own. */
export interface OurTub {
  readonly tubId: TubId
  readonly listen: Effect.Effect<Port, never, Scope.Scope>
  /** The same, with something to say to everyone at once. */
  readonly listenSaying: (greeting: Uint8Array) => Effect.Effect<Port, never, Scope.Scope>
  /** What an application calls: tries every hint. */
  readonly connect: (target: Target) => Effect.Effect<Connected, ConnectError, Scope.Scope>
  /** The same, for the link alone. */
  readonly dial: (target: Target) => Effect.Effect<NegotiatedConnection, ConnectError, Scope.Scope>
  /** Why one negotiation at one hint, without a Connector, fails. Fails with the link if it does not. */
  readonly failureAt: (
    hint: string,
    tubId: TubId
  ) => Effect.Effect<Failed | Unreachable | UnknownHint, NegotiatedConnection>
}

const toHint = Schema.decodeSync(LocationHint.FromString)

const listenWith = (services: Context.Context<NegotiationService | Links>, greeting?: Uint8Array): OurTub["listen"] =>
  Effect.gen(function* () {
    const endpoint = yield* Effect.orDie(NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }))
    const arrivals = new Inbox<Arrival>("a Listener of ours")
    yield* Effect.forkScoped(
      Listener.serve(endpoint, {
        connected: Effect.fnUntraced(function* (connection) {
          if (greeting !== undefined) {
            const { write } = yield* connection.socket.writer
            yield* Effect.orDie(write(greeting))
          }
          arrivals.offer(connection)
          yield* connection.ended
        }),
        failed: (error) => Effect.sync(() => arrivals.offer(error))
      }).pipe(Effect.provideContext(services))
    )
    const { port } = endpoint.address
    return {
      port,
      hint: `tcp:127.0.0.1:${port}`,
      linked: arrivals.take("a link", isLink),
      failed: arrivals.take("a failure", (arrival): arrival is Failed => !isLink(arrival)),
      arrived: arrivals.take("anything", (_arrival): _arrival is Arrival => true)
    }
  })

/** Starts a Tub with this identity. What it holds ends with the Scope. */
export const make = Effect.fnUntraced(function* (identity: TubIdentity): Effect.fn.Return<OurTub, never, Scope.Scope> {
  const services = yield* Layer.build(
    Connector.layer.pipe(Layer.provideMerge([NodeHintHandler.layer, Tub.layer(identity)]))
  )
  const tub = Context.get(services, Tub)
  const connect: OurTub["connect"] = ({ hints, tubId }) =>
    Context.get(services, Connector).dial({ tubId, hints: hints.map((hint) => toHint(hint)) })
  return {
    tubId: tub.tubId,
    listen: listenWith(services),
    listenSaying: (greeting) => listenWith(services, greeting),
    connect,
    dial: (target) => Effect.map(connect(target), ({ connection }) => connection),
    failureAt: (hint, tubId) =>
      Context.get(services, HintHandler)
        .connect(toHint(hint))
        .pipe(
          Effect.flatMap((transport) =>
            Context.get(services, NegotiationService).dial(transport, { tub, wanted: tubId, host: "127.0.0.1" })
          ),
          Effect.flip,
          Effect.scoped
        )
  }
})

/** Starts a Listener that sends everyone on to this hint. */
export const listenElsewhere = (hint: string): Effect.Effect<Port, never, Scope.Scope> =>
  listenAs(Whereabouts.Elsewhere({ hints: [toHint(hint)] }))

/** Starts a Listener that answers every GET for a Tub with `whereabouts`, which need not be true. */
export const listenAs = (whereabouts: Whereabouts): Effect.Effect<Port, never, Scope.Scope> =>
  listenLooking(Effect.succeed(whereabouts))

/** Starts a Listener that looks for the Tub in every GET like this. */
export const listenLooking = Effect.fnUntraced(function* (
  find: Effect.Effect<Whereabouts>
): Effect.fn.Return<Port, never, Scope.Scope> {
  const tubs = Layer.succeed(LocalTubs)({ find: () => find })
  return yield* listenWith(yield* Layer.build(Layer.provide(Tub.layerNegotiation, tubs)))
})
