/** Proxies that say what a test tells them to, and the bytes of SOCKS5 as the RFCs show them. */
import type { TcpAddress } from "@effect-foolscap/tub/Endpoint"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import * as Net from "node:net"

/** Bytes in hexadecimal digits, with spaces where a person wants them. */
export const bytes = (hex: string): Uint8Array => Buffer.from(hex.replace(/ /g, ""), "hex")

/** What a proxy answers that takes anybody, and what with a password, up to the reply. */
export const choice = { none: bytes("05 00"), password: bytes("05 02 01 00") }

/** A reply from each kind of address. */
export const replies = {
  ipv4: bytes("05 00 00 01 7f000001 1f90"),
  name: bytes("05 00 00 03 04 686f7374 1f90"),
  ipv6: bytes("05 00 00 04 00000000000000000000000000000001 1f90")
}

/** A proxy that serves one connection. */
export interface ScriptedProxy {
  readonly address: TcpAddress
  /** Everything that was said to it, when the client is gone. */
  readonly heard: Effect.Effect<Buffer>
  /** Its side of the connection. */
  readonly socket: Effect.Effect<Net.Socket>
}

const open = Effect.fnUntraced(function* (
  serve: (socket: Net.Socket) => Promise<void>
): Effect.fn.Return<Omit<ScriptedProxy, "heard">, never, Scope.Scope> {
  const served = yield* Deferred.make<Net.Socket>()
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const server = Net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
        // A client that has had enough is no concern of the proxy.
        socket.on("error", () => socket.destroy())
        void serve(socket).then(() => Deferred.doneUnsafe(served, Effect.succeed(socket)))
      }).listen(0, "127.0.0.1")
      await once(server, "listening")
      return server
    }),
    (server) => Effect.sync(() => void server.close())
  )
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      if (Deferred.isDoneUnsafe(served)) Effect.runSync(Deferred.await(served)).destroy()
    })
  )
  const bound = server.address()
  if (bound === null || typeof bound === "string") throw new Error("not a TCP port")
  return { address: { host: "127.0.0.1", port: bound.port }, socket: Deferred.await(served) }
})

/** Says all this at once, in these pieces, and listens. With `ends` it finishes its side afterwards. */
export const saying = Effect.fnUntraced(function* (
  pieces: ReadonlyArray<Uint8Array>,
  options: { readonly ends?: boolean } = {}
): Effect.fn.Return<ScriptedProxy, never, Scope.Scope> {
  const heard: Array<Buffer> = []
  const gone = yield* Deferred.make<Buffer>()
  const proxy = yield* open(async (socket) => {
    socket.on("data", (chunk: Buffer) => heard.push(chunk))
    socket.on("end", () => socket.end())
    socket.on("close", () => Deferred.doneUnsafe(gone, Effect.succeed(Buffer.concat(heard))))
    for (const piece of pieces) {
      await new Promise((resolve) => socket.write(piece, resolve))
      // A turn of the event loop, in which the client may read what is there.
      await new Promise(setImmediate)
    }
    if (options.ends === true) socket.end()
  })
  return { ...proxy, heard: Deferred.await(gone) }
})

/**
 * Converses with a client that asks for no password, without reading a byte more than that takes: what follows belongs to
 * whoever takes the socket over. `request` is how long the client's request is.
 */
export const conversing = (request: number): Effect.Effect<Omit<ScriptedProxy, "heard">, never, Scope.Scope> =>
  open(async (socket) => {
    await read(socket, 3)
    socket.write(choice.none)
    await read(socket, request)
    socket.write(replies.ipv4)
  })

const read = async (socket: Net.Socket, count: number): Promise<void> => {
  while (socket.read(count) === null) await once(socket, "readable")
}
