/** Connected TCP sockets on loopback, and peers that are nothing but Node. */
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type EventEmitter, once } from "node:events"
import * as Net from "node:net"
import { Duplex } from "node:stream"
import * as Tls from "node:tls"
import * as NodeTransport from "../src/NodeTransport.ts"

/** Two ends of one connection, which the Scope destroys. Their errors are nobody's concern. */
export const sockets: Effect.Effect<{ readonly client: Net.Socket; readonly server: Net.Socket }, never, Scope.Scope> =
  Effect.acquireRelease(
    Effect.promise(async () => {
      const listener = Net.createServer({ noDelay: true }).listen(0, "127.0.0.1")
      await once(listener, "listening")
      const bound = listener.address()
      if (bound === null || typeof bound === "string") throw new Error("not a TCP port")
      const client = Net.connect({ port: bound.port, host: "127.0.0.1", noDelay: true })
      const [server]: Array<Net.Socket> = await once(listener, "connection")
      if (server === undefined) throw new Error("no connection")
      if (client.connecting) await once(client, "connect")
      listener.close()
      for (const socket of [client, server]) socket.on("error", () => {})
      return { client, server }
    }),
    ({ client, server }) =>
      Effect.promise(async () => {
        for (const socket of [client, server]) {
          socket.destroy()
          if (!socket.closed) await once(socket, "close")
        }
      })
  )

/** A transport over this socket, which alone listens to its errors. */
export const adopt = (socket: Net.Socket) => NodeTransport.fromSocket(socket.removeAllListeners("error"))

/** A pair of transports over loopback. */
export const makePair: Effect.Effect<
  { readonly client: PlainTransport; readonly server: PlainTransport },
  never,
  Scope.Scope
> = Effect.gen(function* () {
  const { client, server } = yield* sockets
  return { client: yield* adopt(client), server: yield* adopt(server) }
})

/** The TCP and TLS handles of this process, when those that are being closed have had a turn of the event loop to go. */
export const handles = Effect.promise(async () => {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  return process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name))
})

/**
 * A peer that is nothing but node:tls, over a socket that stays in the test's hands: `raw` can still be written to under the
 * TLS layer.
 */
export const tlsPeer = (
  raw: Net.Socket,
  side: Side,
  options: Tls.SecureContextOptions & { readonly session?: Buffer | undefined }
): Tls.TLSSocket => {
  const below = new Duplex({
    read: () => void raw.resume(),
    write: (chunk, _encoding, done) => void raw.write(chunk, done),
    final: (done) => void raw.end(done)
  })
  raw.on("data", (chunk) => {
    if (!below.push(chunk)) raw.pause()
  })
  raw.on("end", () => below.push(null))
  raw.on("close", () => below.destroy())
  const { session, ...context } = options
  const secureContext = Tls.createSecureContext(context)
  const tls =
    side === "client"
      ? Tls.connect({
          socket: below,
          secureContext,
          rejectUnauthorized: false,
          ...(session !== undefined && { session })
        })
      : new Tls.TLSSocket(below, { isServer: true, requestCert: true, rejectUnauthorized: false, secureContext })
  tls.on("error", () => {})
  below.on("error", () => {})
  return tls
}

/** What such a peer needs to present this identity. */
export const pemsOf = (identity: TubIdentity) => ({
  cert: identity.certificate,
  key: Redacted.value(identity.privateKey)
})

/** The next event of this name. */
export const event = (emitter: EventEmitter, name: string) =>
  Effect.promise(() => new Promise<void>((resolve) => emitter.once(name, () => resolve())))
