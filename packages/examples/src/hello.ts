/**
 * Two Tubs in one program: one listens and greets whoever comes, the other dials and prints the greeting.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/hello.ts
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { Socket } from "effect/socket"

/** Sends a greeting over the link. When this ends, the link closes. */
const greet = (socket: Socket.Socket) =>
  Effect.gen(function* () {
    const { write } = yield* socket.writer
    yield* write("hello from a Tub that no authority vouches for")
  }).pipe(Effect.scoped, Effect.orDie)

const program = Effect.gen(function* () {
  const server = yield* Certificate.generate()
  const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
  yield* Listener.serve(endpoint, {
    connected: ({ peer, socket }) => Effect.andThen(Console.log(`${peer} is here`), greet(socket)),
    failed: ({ message }) => Console.log(`somebody did not get in: ${message}`)
  }).pipe(Effect.provide(Tub.layer(server)), Effect.forkScoped)

  const client = yield* Certificate.generate()
  const link = Connector.layer.pipe(Layer.provide([Tub.layer(client), NodeHintHandler.layer]))
  yield* Effect.gen(function* () {
    const connector = yield* Connector
    const hints = [LocationHint.tcp("127.0.0.1", endpoint.address.port)]
    const { connection } = yield* connector.dial({ tubId: server.tubId, hints })
    const pull = yield* Socket.readerString(connection.socket)
    yield* Console.log(`${connection.peer} says: ${(yield* pull).join("")}`)
  }).pipe(Effect.provide(link))
}).pipe(Effect.scoped)

NodeRuntime.runMain(program)
