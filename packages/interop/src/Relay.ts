/** Relay: a stretch of network between a client and a Tub that is slow, or loses things without a word. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import * as Net from "node:net"

/** The two ends of the one connection that a relay leads through. */
interface Ends {
  readonly client: Net.Socket
  readonly tub: Net.Socket
}

/** A port that leads to another one. */
export interface Relay {
  readonly hint: string
  /** From now on nothing gets through, and neither side hears that the other is gone. */
  readonly cut: Effect.Effect<void>
  /** Ends the connection to one side. The other does not hear of it if the relay was cut. */
  readonly hangUpOn: (side: keyof Ends) => Effect.Effect<void>
}

/** A relay that keeps the answers of the Tub back. */
export interface SlowRelay extends Relay {
  /** Succeeds when the Tub has answered the client for the first time. The client does not know yet. */
  readonly answered: Effect.Effect<void>
  /** Lets through what the Tub has answered, and from then on everything. */
  readonly release: Effect.Effect<void>
}

const open = Effect.fnUntraced(function* (
  port: number,
  joined: (ends: Ends) => void
): Effect.fn.Return<{ readonly relay: Relay; readonly ends: Promise<Ends> }, never, Scope.Scope> {
  const sockets: Array<Net.Socket> = []
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const server = Net.createServer().listen(0, "127.0.0.1")
      await once(server, "listening")
      return server
    }),
    (server) =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )
  const bound = server.address()
  if (bound === null || typeof bound === "string") throw new Error("not a TCP port")
  const ends = new Promise<Ends>((resolve) => {
    server.once("connection", (client) => {
      const tub = Net.connect(port, "127.0.0.1")
      for (const socket of [client, tub]) sockets.push(socket.on("error", () => socket.destroy()))
      joined({ client, tub })
      resolve({ client, tub })
    })
  })
  const relay: Relay = {
    hint: `tcp:127.0.0.1:${bound.port}`,
    cut: Effect.promise(async () => {
      for (const socket of Object.values(await ends)) swallow(socket)
    }),
    hangUpOn: (side) => Effect.promise(async () => void (await ends)[side].destroy())
  }
  return { relay, ends }
})

/** Reads on, so that the system reports what becomes of the connection, and passes nothing on. */
const swallow = (socket: Net.Socket) => void socket.unpipe().removeAllListeners("data").resume()

/** Leads one connection to `port`, and keeps the answers back until it is released. */
export const to = Effect.fnUntraced(function* (port: number): Effect.fn.Return<SlowRelay, never, Scope.Scope> {
  const { ends, relay } = yield* open(port, ({ client, tub }) => client.pipe(tub))
  const answered = ends.then(({ tub }) => once(tub, "readable"))
  return {
    ...relay,
    answered: Effect.promise(() => answered),
    release: Effect.promise(async () => {
      const { client, tub } = await ends
      tub.pipe(client)
    })
  }
})

/** Leads one connection to `port`, in both directions. */
export const through = (port: number): Effect.Effect<Relay, never, Scope.Scope> =>
  Effect.map(
    open(port, ({ client, tub }) => client.pipe(tub).pipe(client)),
    ({ relay }) => relay
  )

/**
 * The same, but of what one side says under TLS only the first records arrive, and not that its connection has ended.
 *
 * For TLS 1.2, where the handshake is told apart from data. A Hello is one record from us, and as a server five from
 * Foolscap (N14); what the Master says next is its Decision.
 */
export const losing = (
  port: number,
  { from, records }: { readonly from: keyof Ends; readonly records: number }
): Effect.Effect<Relay, never, Scope.Scope> =>
  Effect.map(
    open(port, ({ client, tub }) => {
      const [speaker, listener] = from === "tub" ? [tub, client] : [client, tub]
      listener.pipe(speaker)
      let said = Buffer.alloc(0)
      let passed = 0
      speaker.on("data", (chunk: Buffer) => {
        said = Buffer.concat([said, chunk])
        const end = endOf(said, records)
        listener.write(said.subarray(passed, end))
        passed = end
      })
    }),
    ({ relay }) => relay
  )

const applicationData = 23

/** Where the record after the first `records` of application data begins, or else where the stream ends for now. */
const endOf = (stream: Buffer, records: number): number => {
  const header = stream.indexOf("\r\n\r\n")
  if (header === -1) return stream.length
  let seen = 0
  let start = header + 4
  while (start + 5 <= stream.length) {
    if (stream[start] === applicationData) seen += 1
    if (seen > records) return start
    start += 5 + stream.readUInt16BE(start + 3)
  }
  return Math.min(start, stream.length)
}
