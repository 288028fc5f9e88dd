/**
 * The other end of a memory transport, played from a script: it says what it is told, and keeps what it hears.
 *
 * Nothing in memory takes time, so once no byte has moved for a few turns of the scheduler, none will before the script
 * goes on or the clock does. No step of a script therefore waits for a clock, and none can hang.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { NegotiatedConnection } from "../../src/NegotiatedConnection.ts"
import type { Side } from "../../src/policy/Master.ts"
import * as MemoryTransport from "../../src/testing/MemoryTransport.ts"
import type { PlainTransport, SecureTransport, Transport } from "../../src/Transport.ts"
import { fromBytes, type Layer, toBytes } from "./Fixtures.ts"

/** Turns of the scheduler without a byte after which nothing more happens by itself. */
const quietTurns = 6

/** How a network cuts what is written to it. */
export type Split = (bytes: Uint8Array) => Iterable<Uint8Array>

/** Counts the pulls of both ends, to tell what is slow from what has stopped. */
interface Activity {
  pulls: number
}

const counted = <T extends Transport>(transport: T, activity: Activity): T => ({
  ...transport,
  pull: Effect.tap(transport.pull, () => Effect.sync(() => activity.pulls++))
})

const countedPlain = (transport: PlainTransport, activity: Activity): PlainTransport => ({
  ...counted(transport, activity),
  startTls: (options) => Effect.map(transport.startTls(options), (secure) => counted(secure, activity))
})

/** Negotiates as a Listener or a Connector does: the transport is let go of as soon as it has failed. */
export const lettingGo = Effect.fnUntraced(function* <A, E>(negotiation: Effect.Effect<A, E, Scope.Scope>) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  return yield* negotiation.pipe(
    Scope.provide(scope),
    Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
  )
})

/** Reads a connection until it ends, and gives what has come so far. */
export const read = Effect.fnUntraced(function* ({ socket }: NegotiatedConnection) {
  let heard = ""
  const reader = yield* socket.reader
  yield* reader.pull.pipe(
    Effect.tap((chunks) =>
      Effect.sync(() => {
        for (const chunk of chunks) heard += typeof chunk === "string" ? chunk : fromBytes(chunk)
      })
    ),
    Effect.forever,
    Effect.ignore,
    Effect.forkScoped
  )
  return () => heard
})

interface Heard {
  bytes: string
  ended: boolean
}

const listen = (transport: Transport, heard: Heard) =>
  transport.pull.pipe(
    Effect.tap((bytes) => Effect.sync(() => (heard.bytes += fromBytes(bytes)))),
    Effect.forever,
    Effect.catch(() => Effect.sync(() => (heard.ended = true)))
  )

const noBytes = new Uint8Array(0)

/** A connection between us and a raw peer, which is its `side` and proves to be `proves`, until the Scope closes. */
export const make = Effect.fnUntraced(function* (options: {
  readonly side: Side
  readonly proves: TubId | null
  readonly split: Split | undefined
}) {
  const { proves, side, split } = options
  const pair = yield* MemoryTransport.makePair(split === undefined ? {} : { split })
  const activity: Activity = { pulls: 0 }
  const plain = countedPlain(pair[side], activity)
  const ours = countedPlain(pair[side === "client" ? "server" : "client"], activity)
  const scope = yield* Effect.scope
  const heard = { tcp: { bytes: "", ended: false }, tls: { bytes: "", ended: false } }
  let secure: SecureTransport | undefined
  let hasStartedTls = false
  let hasFinished = false
  // A real handshake takes over the stream, so the plain listener has to stop before it begins.
  const listener = yield* Effect.forkScoped(listen(plain, heard.tcp))

  const credentials = proves === null ? MemoryTransport.anonymous : MemoryTransport.credentials(proves)

  /** Lets everything happen that can, until `condition` holds. Gives whether it does. */
  const until = Effect.fnUntraced(function* (condition: () => boolean) {
    let before = activity.pulls
    for (let quiet = 0; quiet < quietTurns && !condition(); quiet++) {
      yield* Effect.yieldNow
      if (activity.pulls !== before) quiet = 0
      before = activity.pulls
    }
    return condition()
  })

  const startTls = Effect.suspend(() => {
    if (hasStartedTls) return Effect.void
    hasStartedTls = true
    const handshake = plain.startTls({ side, credentials, early: noBytes }).pipe(
      Effect.tap((transport) => Effect.sync(() => (secure = transport))),
      Effect.flatMap((transport) => listen(transport, heard.tls)),
      Effect.catch(() => Effect.sync(() => (heard.tcp.ended = true)))
    )
    return until(() => false).pipe(
      Effect.andThen(Fiber.interrupt(listener)),
      Effect.andThen(Effect.forkIn(handshake, scope)),
      Effect.andThen(until(() => secure !== undefined)),
      Effect.asVoid
    )
  })

  return {
    /** Our end. */
    ours,
    until,
    settle: Effect.asVoid(until(() => false)),
    startTls,
    /** Says it. What cannot be delivered any more is lost, as on a network. */
    say: (layer: Layer, text: string): Effect.Effect<void> =>
      Effect.suspend(() => {
        const transport = layer === "tcp" ? plain : secure
        return transport === undefined || text === "" ? Effect.void : Effect.ignore(transport.write(toBytes(text)))
      }),
    finish: Effect.suspend(() => {
      if (hasFinished) return Effect.void
      hasFinished = true
      return (secure ?? plain).finish
    }),
    /** Everything heard and not yet taken. */
    pending: (layer: Layer): string => heard[layer].bytes,
    take: (layer: Layer, length: number): string => {
      const taken = heard[layer].bytes.slice(0, length)
      heard[layer].bytes = heard[layer].bytes.slice(length)
      return taken
    },
    hasEnded: (): boolean => heard.tls.ended || heard.tcp.ended
  }
})
