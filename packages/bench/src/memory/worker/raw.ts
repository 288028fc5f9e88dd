/** Raw Node as a contender: the negotiation, byte for byte as ours, in plain node:net and node:tls. */
import { createHash, randomBytes, X509Certificate } from "node:crypto"
import { once } from "node:events"
import * as Net from "node:net"
import * as Tls from "node:tls"
import type { Pem } from "../../ManyIdentities.ts"
import { ourSettings } from "./OurSettings.ts"
import { echo, ignore, linkOf, listen } from "./Plain.ts"
import { serve } from "./Serving.ts"

const alphabet = "abcdefghijklmnopqrstuvwxyz234567"

/** 160 bits in 32 letters. */
const tubIdOf = (certificate: X509Certificate): string =>
  BigInt(`0x${createHash("sha1").update(certificate.raw).digest("hex")}`)
    .toString(32)
    .padStart(32, "0")
    .replace(/./g, (digit) => alphabet[Number.parseInt(digit, 32)] ?? "")

const request = (tubId: string) =>
  `GET /id/${tubId} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n`
const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, PB/1.0\r\nConnection: Upgrade\r\n\r\n"
const hello = ({ incarnation, tubId }: Self, lastConnection: string) =>
  "banana-negotiation-range: 3 3\r\n" +
  `initial-vocab-table-range: 0 1\r\n${lastConnection}` +
  `my-incarnation: ${incarnation}\r\nmy-tub-id: ${tubId}\r\n\r\n`
const decision = ({ incarnation }: Self, seqnum: number) =>
  "banana-decision-version: 3\r\n" +
  `current-connection: ${incarnation} ${seqnum}\r\ninitial-vocab-table-index: 1 bb33\r\n\r\n`

const end = "\r\n\r\n"

/** Who this end is, and what it remembers of its peers: the numbers it gave out as Master. */
interface Self {
  readonly tubId: string
  readonly incarnation: string
  readonly secureContext: Tls.SecureContext
  readonly given: Map<string, number>
}

const selfOf = ({ certificate, key }: Pem): Self => ({
  tubId: tubIdOf(new X509Certificate(certificate)),
  incarnation: randomBytes(8).toString("hex"),
  secureContext: Tls.createSecureContext({ ...ourSettings, cert: certificate, key }),
  given: new Map()
})

/** Gives the next block, and what came with it back to the socket. */
const block = (socket: Net.Socket): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ""
    const stop = () => void socket.off("readable", read).off("close", gone).off("end", gone)
    const gone = () => {
      stop()
      reject(new Error("the peer has gone in the middle of the negotiation"))
    }
    const read = () => {
      const bytes: Buffer | null = socket.read()
      if (bytes === null) return
      text += bytes.toString("latin1")
      const at = text.indexOf(end)
      if (at === -1) return
      stop()
      const rest = text.slice(at + end.length)
      if (rest !== "") socket.unshift(Buffer.from(rest, "latin1"))
      resolve(text.slice(0, at))
    }
    socket.on("readable", read).on("close", gone).on("end", gone)
    read()
  })

const valueIn = (lines: string, key: string): string => {
  const line = lines.split("\r\n").find((each) => each.startsWith(`${key}: `))
  if (line === undefined) throw new Error(`no ${key} in ${lines}`)
  return line.slice(key.length + 2)
}

/** What comes after TLS, on both sides. */
const settle = async (socket: Tls.TLSSocket, self: Self, lastConnection: string): Promise<string> => {
  socket.write(hello(self, lastConnection))
  const peer = valueIn(await block(socket), "my-tub-id")
  const proven = socket.getPeerX509Certificate()
  if (proven === undefined || tubIdOf(proven) !== peer) throw new Error(`the peer is not ${peer}`)
  if (self.tubId > peer) {
    const seqnum = (self.given.get(peer) ?? 0) + 1
    self.given.set(peer, seqnum)
    socket.write(decision(self, seqnum))
  } else if (valueIn(await block(socket), "banana-decision-version") !== "3") {
    throw new Error("the Master decided for another version")
  }
  return peer
}

const dial = async (self: Self, port: number, wanted: string) => {
  const raw = Net.connect({ port, host: "127.0.0.1", noDelay: true }).on("error", ignore)
  await once(raw, "connect")
  raw.write(request(wanted))
  const answered = await block(raw)
  if (!answered.startsWith("HTTP/1.1 101 ")) throw new Error(answered)
  const socket = Tls.connect({ socket: raw, secureContext: self.secureContext, rejectUnauthorized: false })
  await once(socket.on("error", ignore), "secure")
  const peer = await settle(socket, self, "last-connection: none 0\r\n")
  if (peer !== wanted) throw new Error(`${peer} answered in place of ${wanted}`)
  return linkOf(socket)
}

const accept = async (self: Self, raw: Net.Socket): Promise<Tls.TLSSocket> => {
  raw.on("error", ignore)
  const asked = await block(raw)
  if (!asked.startsWith(`GET /id/${self.tubId} `)) throw new Error(asked)
  raw.write(switching)
  const { secureContext } = self
  const socket = new Tls.TLSSocket(raw, { secureContext, isServer: true, requestCert: true, rejectUnauthorized: false })
  await once(socket.on("error", ignore), "secure")
  await settle(socket, self, "")
  return socket
}

let links = 0
const closed = () => {
  links--
}

await serve(`plain Node ${process.versions.node}`, {
  server: {
    listen: (identity) => {
      const self = selfOf(identity)
      const serveOne = async (raw: Net.Socket) => {
        const socket = await accept(self, raw)
        links++
        socket.on("close", closed).on("data", echo)
      }
      return listen(Net.createServer({ noDelay: true }, (raw) => void serveOne(raw).catch(console.error)))
    },
    links: () => links
  },
  client: {
    prepare: async (identity) => {
      const self = selfOf(identity)
      return ({ port, tubId }) => dial(self, port, tubId)
    }
  }
})
