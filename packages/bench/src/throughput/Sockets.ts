/** Sockets: the same two services of Effect, over Tubs and over Effect's own TLS sockets, with the same settings of TLS. */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { CertificateError } from "@effect-foolscap/node/CertificateError"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import * as TubSocket from "@effect-foolscap/tub/TubSocket"
import * as TubSocketServer from "@effect-foolscap/tub/TubSocketServer"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Socket from "effect/socket/Socket"
import type * as SocketServer from "effect/socket/SocketServer"
import type { Identity } from "../connect/Identities.ts"
import type { Place } from "../connect/Serving.ts"
import { optionsOf } from "./TlsOptions.ts"

export type Kind = "tub" | "tls"

const protocol = "bench/1"
const host = "127.0.0.1"

export const server = (
  kind: Kind,
  identity: Identity
): Layer.Layer<SocketServer.SocketServer, CertificateError | SocketServer.SocketServerError> =>
  kind === "tub"
    ? TubSocketServer.layer({ protocol, listen: NodeEndpoint.listen({ host, port: 0 }) }).pipe(
        Layer.provide(NodeTub.layerPem(Redacted.make(identity.pem)))
      )
    : NodeSocketServer.layerTls({ ...optionsOf(identity), port: 0 })

export const client = (
  kind: Kind,
  identity: Identity,
  { port, server }: Place
): Layer.Layer<Socket.Socket, CertificateError | Socket.SocketError> =>
  kind === "tub"
    ? TubSocket.layer({ tubId: TubId.make(server), hints: [LocationHint.tcp(host, port)] }, { protocol }).pipe(
        Layer.provide(NodeTub.layerPem(Redacted.make(identity.pem)))
      )
    : NodeSocket.layerTls({ ...optionsOf(identity), port })
