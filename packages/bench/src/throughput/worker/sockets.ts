/** Bulk bytes through Effect's sockets, over Tubs or over TLS, as the first argument says. */
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import * as NetAddress from "effect/net/NetAddress"
import * as Socket from "effect/socket/Socket"
import * as SocketServer from "effect/socket/SocketServer"
import { answer } from "../../Answering.ts"
import type { Identity } from "../../connect/Identities.ts"
import type { Place } from "../../connect/Serving.ts"
import { processorMilliseconds } from "../../Stopwatch.ts"
import { chunkOf, type Expected, Receiving } from "../Receiving.ts"
import * as Sockets from "../Sockets.ts"

const kind = process.argv[2] === "tub" ? "tub" : "tls"
const receiving = new Receiving()

const receive = (socket: Socket.Socket) =>
  Effect.gen(function* () {
    const { write } = yield* socket.writer
    const pull = yield* Socket.readerBytes(socket)
    while (true) {
      let isAll = false
      for (const bytes of yield* pull) isAll = receiving.take(bytes)
      if (isAll) yield* write("k")
    }
  }).pipe(Effect.scoped, Effect.ignore)

let send: (chunk: Uint8Array, count: number) => Promise<void> = () => Promise.reject(new Error("open comes first"))

await answer(`effect-foolscap, Node ${process.versions.node}`, {
  listen: async ({ identity }: { readonly identity: Identity }): Promise<Place> => {
    const runtime = ManagedRuntime.make(Sockets.server(kind, identity))
    const { address, run } = await runtime.runPromise(SocketServer.SocketServer)
    runtime.runFork(run(receive))
    const port = Number(NetAddress.formatSocketAddress(address).split(":").at(-1))
    return { port, server: identity.tubId }
  },
  open: async ({ identity, place }: { readonly identity: Identity; readonly place: Place }) => {
    const runtime = ManagedRuntime.make(Sockets.client(kind, identity, place))
    const opening = Effect.gen(function* () {
      const socket = yield* Socket.Socket
      const pull = yield* Socket.readerBytes(socket)
      const { write } = yield* socket.writer
      return Effect.fnUntraced(function* (chunk: Uint8Array, count: number) {
        for (let at = 0; at < count; at++) yield* write(chunk)
        yield* pull
      })
    })
    // For as long as the process lives.
    const sending = await runtime.runPromise(Scope.provide(opening, Scope.makeUnsafe()))
    send = (chunk, count) => runtime.runPromise(sending(chunk, count))
    return {}
  },
  expect: (expected: Expected) => {
    receiving.expect(expected)
    return {}
  },
  digest: () => ({ digest: receiving.digest() }),
  send: async ({ chunk, count }: { readonly chunk: number; readonly count: number }) => {
    const bytes = chunkOf(chunk)
    const start = performance.now()
    await send(bytes, count)
    return { ms: performance.now() - start }
  },
  processor: () => ({ ms: processorMilliseconds() })
})
process.exit()
