/** Negotiated connections to speak Banana on, in memory, and a peer that says bytes by hand. */
import * as LoopbackTransport from "@effect-foolscap/negotiation/LoopbackTransport"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { NextProtocol } from "@effect-foolscap/negotiation/NextProtocol"
import type { PlainTransport, SecureTransport } from "@effect-foolscap/negotiation/Transport"
import { VersionRange } from "@effect-foolscap/negotiation/wire/VersionRange"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import { low, side } from "../../negotiation/test/Sides.ts"
import * as BananaLink from "../src/BananaLink.ts"

/** Changes what a side does with the network once it is secure. */
export type Through = (transport: SecureTransport) => SecureTransport

const secured =
  (through: Through) =>
  (transport: PlainTransport): PlainTransport => ({
    ...transport,
    startTls: (options) => Effect.map(transport.startTls(options), through)
  })

export interface Options {
  /** How much may lie unread in each direction before a writer waits; without, it never does. */
  readonly window?: number
  /** Another network than the memory of one process. */
  readonly pair?: Effect.Effect<
    { readonly client: PlainTransport; readonly server: PlainTransport },
    never,
    Scope.Scope
  >
  readonly version?: number
  readonly vocabulary?: number
  readonly client?: Through
  readonly server?: Through
}

const just = (number: number) => new VersionRange({ min: number, max: number })

/** Both ends of a connection between two processes of one Tub. The client is the NonMaster. */
export const negotiate = Effect.fnUntraced(function* (options: Options = {}) {
  const { client = (transport) => transport, server = (transport) => transport, version = 3, vocabulary = 1 } = options
  const next = Layer.effect(
    NextProtocol,
    Effect.map(NextProtocol, (banana) => ({ ...banana, versions: just(version), vocabularies: just(vocabulary) }))
  ).pipe(Layer.provide(NextProtocol.layerBanana))
  const [here, there] = [yield* side(low, { next }), yield* side(low, { next })]
  const pair = yield* options.pair ?? LoopbackTransport.makePair(low.tubId, { window: options.window ?? Infinity })
  return yield* Effect.all(
    {
      client: here.dial(secured(client)(pair.client), { wanted: low.tubId, host: "example.org" }),
      server: there.accept(secured(server)(pair.server))
    },
    { concurrency: "unbounded" }
  )
})

/** A peer played by hand on a connection. */
export interface RawPeer {
  readonly connection: NegotiatedConnection
  readonly say: (...bytes: ReadonlyArray<number>) => Effect.Effect<void>
  /** Everything it was told so far. */
  readonly heard: () => ReadonlyArray<number>
  /** Closes its end in good order. */
  readonly close: Effect.Effect<void>
}

/** Plays the peer on this end. */
export const raw = Effect.fnUntraced(function* (connection: NegotiatedConnection) {
  const heard: Array<number> = []
  const { pull } = yield* connection.socket.reader
  const { write } = yield* connection.socket.writer
  yield* pull.pipe(
    Effect.map((chunks) => {
      for (const chunk of chunks) heard.push(...Buffer.from(chunk))
    }),
    Effect.forever,
    Effect.ignore,
    Effect.forkScoped({ startImmediately: true })
  )
  const peer: RawPeer = {
    connection,
    say: (...bytes) => Effect.orDie(write(Uint8Array.from(bytes))),
    heard: () => heard,
    close: connection.close
  }
  return peer
})

/** A link, and the raw peer that it is with. */
export const facing = Effect.fnUntraced(function* (options?: Options) {
  const { client, server } = yield* negotiate(options)
  return { link: yield* BananaLink.make(client), peer: yield* raw(server) }
})

/** Two links with each other. */
export const both = Effect.fnUntraced(function* (options?: Options) {
  const { client, server } = yield* negotiate(options)
  return { near: yield* BananaLink.make(client), far: yield* BananaLink.make(server) }
})

/** A network that takes writes only while it is open, and notes them from the first one after `forget`. */
export const gate = () => {
  const latch = Latch.makeUnsafe(true)
  const writes: Array<Uint8Array> = []
  const through: Through = (transport) => ({
    ...transport,
    write: (bytes) =>
      Effect.suspend(() => {
        writes.push(new Uint8Array(bytes))
        return latch.whenOpen(transport.write(bytes))
      }),
    // A closed transport takes nothing, and says so.
    close: Effect.ensuring(transport.close, latch.open)
  })
  return { latch, writes, through, forget: () => void (writes.length = 0) }
}

/** Counts the fibers that are alive among those started where it is provided. */
export const census = () => {
  let alive = 0
  const count = Effect.provideService(Metric.FiberRuntimeMetrics, {
    recordFiberStart: () => void alive++,
    recordFiberEnd: () => void alive--
  })
  return { alive: () => alive, count }
}

/** Lets everything happen that needs no time. */
export const settle = Effect.repeat(Effect.yieldNow, { times: 100 })

/** INT, below 128. */
export const int = (value: number): ReadonlyArray<number> => [value, 0x81]

/** ERROR. */
export const error = (text: string): ReadonlyArray<number> => {
  const bytes = [...Buffer.from(text)]
  const header = bytes.length < 128 ? [bytes.length] : [bytes.length & 0x7f, bytes.length >> 7]
  return [...header, 0x8d, ...bytes]
}
