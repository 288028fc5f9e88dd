/**
 * PlainDialler: node:net and node:tls without anything of ours above them. `negotiated` sends and reads the same bytes as ours;
 * `bare` is TLS with both certificates and one byte from the server, by which the client knows that it has finished, too.
 */
import * as Certificate from "@effect-foolscap/node/Certificate"
import { secureContextOf } from "@effect-foolscap/node/SecureContext"
import * as Effect from "effect/Effect"
import { once } from "node:events"
import * as Net from "node:net"
import * as Tls from "node:tls"
import type { Identity } from "./Identities.ts"
import type { Dialler, Seen } from "./Serving.ts"

/** `ours` are the settings of `SecureContext`; `default` is what Node does when it is told nothing but the certificate. */
export interface Style {
  readonly protocol: "negotiated" | "bare"
  readonly settings: "ours" | "default"
}

/** One side's certificate, ready for use. */
interface Self {
  readonly tubId: string
  readonly context: Tls.SecureContext
}

const selfOf = async ({ pem, tubId }: Identity, { settings }: Style): Promise<Self> => {
  const versions = { min: "TLSv1.2", max: "TLSv1.3" } as const
  const identity = await Effect.runPromise(Certificate.fromPem(pem))
  const context =
    settings === "ours" ? secureContextOf(identity, versions) : Tls.createSecureContext({ key: pem, cert: pem })
  return { tubId, context }
}

export const plainDialler = (style: Style): Dialler => {
  let latest: Seen | undefined
  const isBare = style.protocol === "bare"
  return {
    name: `node:tls, Node ${process.versions.node}`,
    listen: async (identity) => {
      const self = await selfOf(identity, style)
      const accept = isBare ? acceptBare : acceptNegotiated
      const server = Net.createServer({ noDelay: true }, (socket) => {
        socket.on("error", ignore)
        accept(socket, self).then(
          (seen) => {
            latest = seen
          },
          () => socket.destroy()
        )
      })
      server.listen({ host: "127.0.0.1", port: 0, backlog: 1024 })
      await once(server, "listening")
      const { port } = server.address() as Net.AddressInfo // of TCP
      return { port, server: identity.tubId }
    },
    client: async (identity, place) => {
      const self = await selfOf(identity, style)
      const dial = isBare ? dialBare : dialNegotiated
      return async () => {
        const socket = Net.connect({ host: "127.0.0.1", port: place.port, noDelay: true })
        socket.on("error", ignore)
        await once(socket, "connect")
        const { seen, tls } = await dial(socket, self, place.server)
        tls.resume()
        tls.end()
        await once(tls, "close")
        return seen
      }
    },
    seen: () => latest
  }
}

const ignore = () => {}

const dialBare = async (socket: Net.Socket, self: Self) => {
  const tls = await secure(socket, self, "client")
  const seen = { peer: peerOf(tls), tls: tlsOf(tls) }
  await once(tls, "data")
  return { tls, seen }
}

const acceptBare = async (socket: Net.Socket, self: Self): Promise<Seen> => {
  const tls = await secure(socket, self, "server")
  tls.resume()
  tls.write("k")
  return { peer: peerOf(tls), tls: tlsOf(tls) }
}

const dialNegotiated = async (socket: Net.Socket, self: Self, target: string) => {
  const request = `GET /id/${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n`
  socket.write(request)
  const { head } = await blockFrom(socket)
  if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(head)
  const tls = await secure(socket, self, "client")
  return { tls, seen: await negotiate(tls, self, "last-connection: none 0\r\n") }
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, PB/1.0\r\nConnection: Upgrade\r\n\r\n"

const acceptNegotiated = async (socket: Net.Socket, self: Self): Promise<Seen> => {
  const { head, rest } = await blockFrom(socket)
  if (!head.startsWith(`GET /id/${self.tubId} `)) throw new Error(head)
  socket.write(switching)
  if (rest.length > 0) socket.unshift(rest)
  const tls = await secure(socket, self, "server")
  const seen = await negotiate(tls, self, "")
  tls.resume()
  return seen
}

const incarnation = "0123456789abcdef"

/** Both Hellos, and the Decision of the one with the higher TubId. */
const negotiate = async (tls: Tls.TLSSocket, { tubId }: Self, last: string): Promise<Seen> => {
  const peer = peerOf(tls)
  tls.write(
    `banana-negotiation-range: 3 3\r\ninitial-vocab-table-range: 0 1\r\n${last}` +
      `my-incarnation: ${incarnation}\r\nmy-tub-id: ${tubId}\r\n\r\n`
  )
  const { head: hello, rest } = await blockFrom(tls)
  if (fieldOf(hello, "my-tub-id") !== peer) throw new Error("it is not who it says it is")
  if (tubId > peer) {
    tls.write(
      `banana-decision-version: 3\r\ncurrent-connection: ${incarnation} 1\r\ninitial-vocab-table-index: 1 bb33\r\n\r\n`
    )
    return { peer, parameters: "3 1", tls: tlsOf(tls) }
  }
  if (rest.length > 0) tls.unshift(rest)
  const { head: decision } = await blockFrom(tls)
  const [table = ""] = fieldOf(decision, "initial-vocab-table-index").split(" ")
  return { peer, parameters: `${fieldOf(decision, "banana-decision-version")} ${table}`, tls: tlsOf(tls) }
}

const fieldOf = (block: string, name: string): string => {
  const line = block.split("\r\n").find((each) => each.startsWith(`${name}: `))
  if (line === undefined) throw new Error(`no ${name} in ${block}`)
  return line.slice(name.length + 2)
}

const secure = (socket: Net.Socket, { context }: Self, side: "client" | "server"): Promise<Tls.TLSSocket> =>
  new Promise((resolve, reject) => {
    const tls =
      side === "client"
        ? Tls.connect({ socket, secureContext: context, rejectUnauthorized: false })
        : new Tls.TLSSocket(socket, {
            isServer: true,
            secureContext: context,
            requestCert: true,
            rejectUnauthorized: false
          })
    tls.once("secure", () => resolve(tls))
    tls.on("error", reject)
    tls.once("close", () => reject(new Error("closed")))
  })

const peerOf = (tls: Tls.TLSSocket): string => {
  const certificate = tls.getPeerX509Certificate()
  if (certificate === undefined) throw new Error("no certificate")
  return Certificate.tubIdOf(certificate.raw)
}

/** The key share is not told to a server, the rest is. */
const tlsOf = (tls: Tls.TLSSocket): string => `${tls.getProtocol()} ${tls.getCipher().name}`

const border = "\r\n\r\n"

/** The text of a block, and the bytes behind it. */
const blockFrom = (socket: Net.Socket): Promise<{ readonly head: string; readonly rest: Buffer }> =>
  new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0)
    const stop = () => {
      socket.pause()
      socket.off("data", hear)
      socket.off("close", close)
    }
    const hear = (chunk: Buffer) => {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      const end = bytes.indexOf(border)
      if (end === -1) return
      stop()
      resolve({ head: bytes.toString("latin1", 0, end), rest: bytes.subarray(end + border.length) })
    }
    const close = () => {
      stop()
      reject(new Error("closed"))
    }
    socket.on("data", hear)
    socket.once("close", close)
    socket.resume()
  })
