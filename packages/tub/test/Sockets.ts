/** A client and a server on a simulated network where nothing takes time but faults, and sockets between them. */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as MemoryTransport from "@effect-foolscap/negotiation/testing/MemoryTransport"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import type { Transport } from "@effect-foolscap/negotiation/Transport"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import { PeerIdentity } from "../src/PeerIdentity.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import { Tub } from "../src/Tub.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import * as TubSocket from "../src/TubSocket.ts"
import * as TubSocketServer from "../src/TubSocketServer.ts"
import { high, low } from "./Network.ts"

export type Network = SimulatedNetwork.SimulatedNetwork

export const protocol = "test/1"

/** Runs `use` on a network with the hosts `client` and `server`. */
export const within = <A, E, R>(use: (network: Network) => Effect.Effect<A, E, R>) =>
  SimulatedNetwork.within({ hosts: ["client", "server"], seed: 1 }, use)

/** Where the server is. */
export const at = ({ tubId }: TubIdentity) => ({ tubId, hints: [LocationHint.tcp("server", 4711)] })

/** A program on `client` that is this Tub. */
export const program = (network: Network, self: TubIdentity) =>
  Connector.layer.pipe(
    Layer.provide(SimulatedHost.layerHintHandler(network, "client")),
    Layer.provideMerge(Tub.layer(self))
  )

/** A socket of a program of its own, which is `self`, to the server `there`. */
export const socketTo = Effect.fnUntraced(function* (
  network: Network,
  options: { readonly self?: TubIdentity; readonly there?: TubIdentity } & Partial<TubSocket.Options> = {}
) {
  const { self = low, there = high } = options
  const context = yield* Layer.build(program(network, self))
  return yield* Effect.provideContext(TubSocket.make(at(there), { protocol, ...options }), context)
})

/** The port of the server. */
export const listen = (network: Network) => SimulatedHost.listen(network, "server", 4711)

/** The server's end of one link. */
export interface Served {
  readonly socket: Socket.Socket
  readonly peer: PeerIdentity["Service"]
  /** Ends its handler. */
  readonly release: Effect.Effect<void>
}

/** A server at its port that keeps each link until it is released. `stop` ends it. */
export const serve = Effect.fnUntraced(function* (
  network: Network,
  options: { readonly self?: TubIdentity } & Partial<TubSocketServer.Options> = {}
) {
  const links = yield* Queue.unbounded<Served>()
  const scope = yield* Scope.fork(yield* Effect.scope)
  const context = yield* Layer.build(Tub.layer(options.self ?? high))
  const endpoint = yield* Scope.provide(listen(network), scope)
  const { run } = yield* Effect.provideContext(TubSocketServer.make({ protocol, ...options, endpoint }), context)
  const running = run((socket) =>
    Effect.gen(function* () {
      const released = yield* Queue.unbounded<void>()
      yield* Queue.offer(links, { socket, peer: yield* PeerIdentity, release: Queue.offer(released, undefined) })
      yield* Queue.take(released)
    })
  )
  yield* Effect.forkIn(running, scope)
  return { links, next: Queue.take(links), stop: Scope.close(scope, Exit.void) }
})

/** Reads until the end: what came, and why no more. Never more than one reader at a time. */
export const heard = (socket: Socket.Socket) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { pull } = yield* socket.reader
      return yield* drain(pull)
    })
  )

/** The same, with a reader that is there already. */
export const drain = Effect.fnUntraced(function* (pull: Socket.Reader["pull"]) {
  let text = ""
  while (true) {
    const chunks = yield* Effect.result(pull)
    if (chunks._tag === "Failure") return { text, reason: chunks.failure.reason }
    for (const chunk of chunks.success) text += Buffer.from(chunk).toString("latin1")
  }
})

/** Writes, with a writer that is not released before the Scope closes. */
export const say = Effect.fnUntraced(function* (socket: Socket.Socket, ...texts: ReadonlyArray<string>) {
  const { write } = yield* socket.writer
  for (const text of texts) yield* write(text)
})

/** Lets everything happen that waits for no time. */
export const settle = TestClock.adjust(0)

/** A Scope of its own in the current one, and what an effect gives in it. */
export const inScope = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  return { value: yield* Scope.provide(effect, scope), close: Scope.close(scope, Exit.void) }
})

/** A client that is nobody, after its Hello, in the middle of the negotiation with `there`. */
export const nobody = Effect.fnUntraced(function* (network: Network, there: TubIdentity) {
  const client = yield* network.connect("client", { host: "server", port: 4711 })
  yield* client.write(bytesOf(`GET /id/${there.tubId} HTTP/1.1\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n`))
  yield* client.pull
  const secure = yield* client.startTls({
    side: "client",
    credentials: MemoryTransport.anonymous,
    early: new Uint8Array(0)
  })
  const hello = [
    "banana-negotiation-range: 3 3",
    "initial-vocab-table-range: 0 1",
    `application-protocols: ${protocol}`
  ]
  yield* secure.write(bytesOf(`${hello.join("\r\n")}\r\n\r\n`))
  return secure
})

/** Everything that comes over a transport, up to its end or up to this text. */
export const heardOver = Effect.fnUntraced(function* (transport: Transport, until?: string) {
  let text = ""
  while (until === undefined || !text.includes(until)) {
    const bytes = yield* Effect.result(transport.pull)
    if (bytes._tag === "Failure") break
    text += Buffer.from(bytes.success).toString("latin1")
  }
  return text
})

const bytesOf = (text: string) => new TextEncoder().encode(text)
