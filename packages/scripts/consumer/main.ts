/**
 * What a user writes first. It is compiled and run against the packed packages in an empty project.
 */
import { Furl } from "@effect-foolscap/furl"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector, Listener, Tub } from "@effect-foolscap/tub"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"

const program = Effect.gen(function* () {
  const server = yield* Certificate.generate()
  const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
  yield* Listener.serve(endpoint, { connected: ({ ended }) => Effect.asVoid(ended), failed: Console.log }).pipe(
    Effect.provide(Tub.Tub.layer(server)),
    Effect.forkScoped
  )
  const text = `pb://${server.tubId}@tcp:127.0.0.1:${endpoint.address.port}/calculator`
  const furl = yield* Schema.decodeEffect(Furl.FurlFromString)(text)
  const tub = Tub.Tub.layer(yield* Certificate.generate({ key: "ed25519" }))
  const connector = Connector.Connector.layer.pipe(Layer.provide([tub, NodeHintHandler.layer]))
  const { connection } = yield* Effect.provide(
    Effect.flatMap(Connector.Connector, ({ dial }) => dial(furl)),
    connector
  )
  if (connection.peer !== server.tubId) return yield* Effect.die("connected to somebody else")
  yield* Console.log(`linked with ${connection.peer}`)
}).pipe(Effect.scoped)

NodeRuntime.runMain(program)
