/**
 * An RPC client, to which a FURL says where its server is and who it has to prove to be.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/rpc/client.ts 'pb://...'
 */
import * as Furl from "@effect-foolscap/furl/Furl"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import * as TubSocket from "@effect-foolscap/tub/TubSocket"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { RpcClient, RpcSerialization } from "effect/rpc"
import { Greeter, protocol } from "./Greeter.ts"

const program = Effect.gen(function* () {
  const { CountDown, Greet } = yield* RpcClient.make(Greeter)
  yield* Console.log(`client: ${yield* Greet({ name: "Ada" })}`)
  yield* Stream.runForEach(CountDown({ from: 3 }), (number) => Console.log(`client: ${number}`))
})

const calls = Effect.gen(function* () {
  const furl = yield* Schema.decodeUnknownEffect(Furl.FurlFromString)(process.argv[2])
  return RpcClient.layerProtocolSocket().pipe(
    Layer.provide([TubSocket.layer(furl, { protocol }), RpcSerialization.layerNdjson])
  )
})

program.pipe(
  Effect.scoped,
  Effect.provide(Layer.unwrap(calls).pipe(Layer.provide(NodeTub.layerMemory))),
  NodeRuntime.runMain
)
