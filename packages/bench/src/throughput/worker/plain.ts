/**
 * Bulk bytes through node:tls with the same settings, as one writes it with events; with the argument `loaded` in a program
 * that has loaded what the others have, too. What a socket receives is memory outside of the heap, of which so much is
 * enough to have the engine look through all that is in the heap.
 */
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import * as Tls from "node:tls"
import { answer } from "../../Answering.ts"
import type { Identity } from "../../connect/Identities.ts"
import type { Place } from "../../connect/Serving.ts"
import { processorMilliseconds } from "../../Stopwatch.ts"
import { chunkOf, type Expected, Receiving } from "../Receiving.ts"
import { optionsOf } from "../TlsOptions.ts"

if (process.argv[2] === "loaded") await import("../Sockets.ts")

const receiving = new Receiving()
let socket: Tls.TLSSocket | undefined

await answer(`node:tls, Node ${process.versions.node}`, {
  listen: async ({ identity }: { readonly identity: Identity }): Promise<Place> => {
    const server = Tls.createServer(optionsOf(identity), (each) => {
      each.on("error", () => {})
      each.on("data", (bytes) => {
        if (receiving.take(bytes)) each.write("k")
      })
    })
    server.listen({ host: "127.0.0.1", port: 0 })
    await once(server, "listening")
    const { port } = server.address() as AddressInfo // of TCP
    return { port, server: identity.tubId }
  },
  open: async ({ identity, place }: { readonly identity: Identity; readonly place: Place }) => {
    socket = Tls.connect({ ...optionsOf(identity), port: place.port })
    await once(socket, "secureConnect")
    socket.setNoDelay(true)
    return {}
  },
  expect: (expected: Expected) => {
    receiving.expect(expected)
    return {}
  },
  digest: () => ({ digest: receiving.digest() }),
  send: async ({ chunk, count }: { readonly chunk: number; readonly count: number }) => {
    if (socket === undefined) throw new Error("open comes first")
    const bytes = chunkOf(chunk)
    const start = performance.now()
    const answered = once(socket, "data")
    for (let at = 0; at < count; at++) if (!socket.write(bytes)) await once(socket, "drain")
    await answered
    return { ms: performance.now() - start }
  },
  processor: () => ({ ms: processorMilliseconds() })
})
process.exit()
