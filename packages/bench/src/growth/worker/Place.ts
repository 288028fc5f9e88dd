/**
 * Place: where Tubs meet. At sockets of this machine, under TLS, as programs do; or on a simulated network, which has neither,
 * so that what is ours is not lost behind what they cost.
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as TubId from "@effect-foolscap/furl/TubId"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import * as Certificate from "@effect-foolscap/node/Certificate"
import type { CertificateError } from "@effect-foolscap/node/CertificateError"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import type { Endpoint, ListenFailed, TcpAddress } from "@effect-foolscap/tub/Endpoint"
import type { HintHandler } from "@effect-foolscap/tub/HintHandler"
import * as SimulatedHost from "@effect-foolscap/tub/testing/SimulatedHost"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import type { PlaceName } from "../Questions.ts"

export interface Place {
  /** A new one each time. */
  readonly identity: Effect.Effect<TubIdentity, CertificateError>
  /** At a free port, until the Scope closes. */
  readonly listen: Effect.Effect<Endpoint<TcpAddress>, ListenFailed, Scope.Scope>
  readonly handler: Layer.Layer<HintHandler>
  readonly hintOf: (port: number) => LocationHint.LocationHint
}

/** A TubId that is nobody's. */
export const anyTubId = (): TubId.TubId => TubId.fromDigest(randomBytes(20))

const host = "127.0.0.1"

const sockets: Place = {
  identity: Certificate.generate(),
  listen: NodeEndpoint.listen({ host, port: 0 }),
  handler: NodeHintHandler.layer,
  hintOf: (port) => LocationHint.tcp(host, port)
}

const simulated = Effect.map(SimulatedNetwork.make({ hosts: ["client", "server"], seed: 1 }), (network): Place => ({
  identity: Effect.sync(() => SimulatedHost.identity(anyTubId())),
  listen: SimulatedHost.listen(network, "server", 0),
  handler: SimulatedHost.layerHintHandler(network, "client"),
  hintOf: (port) => LocationHint.tcp("server", port)
}))

export const places: { readonly [name in PlaceName]: Effect.Effect<Place, never, Scope.Scope> } = {
  sockets: Effect.succeed(sockets),
  simulated
}
