/**
 * An RPC server that knows who calls. Prints its FURL, and runs until it is stopped.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/rpc/server.ts
 */
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import { CurrentPeer, ProvenPeer } from "@effect-foolscap/tub/CurrentPeer"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as TubSocketServer from "@effect-foolscap/tub/TubSocketServer"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Stream } from "effect"
import { NetAddress } from "effect/net"
import { RpcSerialization, RpcServer } from "effect/rpc"
import { SocketServer } from "effect/socket"
import { Greeter, protocol } from "./Greeter.ts"

const handlers = Greeter.toLayer({
  Greet: Effect.fn(function* ({ name }) {
    const peer = yield* CurrentPeer
    yield* Console.log(`server: ${peer} calls itself ${name}`)
    return `hello ${name}, to me you are ${peer}`
  }),
  CountDown: ({ from }) => Stream.range(0, from).pipe(Stream.map((passed) => from - passed))
})

// With `admit` it would serve the Tubs that it names, and nobody else.
const sockets = TubSocketServer.layer({ protocol, listen: NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }) })

const announcement = Effect.gen(function* () {
  const { tubId } = yield* Tub
  const { address } = yield* SocketServer.SocketServer
  yield* Console.log(`pb://${tubId}@tcp:${NetAddress.formatSocketAddress(address)}/greeter`)
})

const server = RpcServer.layer(Greeter).pipe(
  Layer.provide([handlers, ProvenPeer.layer, RpcServer.layerProtocolSocketServer]),
  Layer.merge(Layer.effectDiscard(announcement)),
  Layer.provide([sockets, RpcSerialization.layerNdjson]),
  // A new Tub each time; `NodeTub.layerFile` stays the same one.
  Layer.provide(NodeTub.layerMemory)
)

NodeRuntime.runMain(Layer.launch(server))
