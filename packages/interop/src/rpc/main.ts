/** An RPC server as a program: `main.ts IDENTITY-FILE PORT`. Says who and where it is in one line. */
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import { CurrentPeer, ProvenPeer } from "@effect-foolscap/tub/CurrentPeer"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as TubSocketServer from "@effect-foolscap/tub/TubSocketServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as RpcServer from "effect/rpc/RpcServer"
import * as SocketServer from "effect/socket/SocketServer"
import * as Stream from "effect/Stream"
import { Calls, protocol } from "./Calls.ts"

const [file = "", port] = process.argv.slice(2)

const handlers = Calls.toLayer({
  Echo: ({ text }) => Effect.succeed(text),
  WhoAmI: () => CurrentPeer,
  WhoAmIStill: ({ times }) =>
    Stream.range(1, times).pipe(
      Stream.rechunk(1),
      Stream.mapEffect(() => CurrentPeer)
    ),
  Wait: () =>
    Effect.andThen(Console.log("begun"), Effect.never).pipe(Effect.onInterrupt(() => Console.log("interrupted")))
})

const announcement = Effect.gen(function* () {
  const { tubId } = yield* Tub
  const { address } = yield* SocketServer.SocketServer
  yield* Console.log(JSON.stringify({ tubId, port: "port" in address ? address.port : 0 }))
})

const sockets = TubSocketServer.layer({
  protocol,
  listen: NodeEndpoint.listen({ host: "127.0.0.1", port: Number(port) })
})

RpcServer.layer(Calls).pipe(
  Layer.provide([handlers, ProvenPeer.layer, RpcServer.layerProtocolSocketServer]),
  Layer.merge(Layer.effectDiscard(announcement)),
  Layer.provide([sockets, RpcSerialization.layerNdjson]),
  Layer.provide(NodeTub.layerFile(file)),
  Layer.provide(NodeServices.layer),
  Layer.launch,
  NodeRuntime.runMain
)
