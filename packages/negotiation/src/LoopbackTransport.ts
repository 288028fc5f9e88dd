/**
 * The `Transport` port between two ends in one process, for a Tub that connects to itself.
 *
 * ```text
 *   client ── write ──▶ up   ── pull ──▶ server
 *   client ◀── pull ── down ◀── write ── server
 * ```
 *
 * There is no socket, so nothing can break and nothing takes time: what is written lies in the peer's hands at once. The
 * negotiation is the same as with any other Tub, and TLS is a rendezvous: it is done when both ends have begun it.
 * Nothing is encrypted, because nothing leaves the process; so the bytes go on through the same two queues.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ByteQueue } from "./ByteQueue.ts"
import type { PlainTransport, Transport } from "./Transport.ts"
import { TransportError } from "./TransportError.ts"

/**
 * How many bytes may lie unread before a writer has to wait: 64 KiB, in each direction. That is what a link takes ahead
 * of its reader from any transport, and enough that a writer of small messages is not woken for each of them.
 *
 * @category constants
 * @since 0.1.0
 */
export const window = 65_536

const failed = (kind: TransportError["kind"]) => Effect.fail(new TransportError({ kind }))
const tls = (problem: string) => Effect.fail(new TransportError({ kind: "tls", cause: new Error(problem) }))

/** One end. `begun` holds what comes in at the ends that have begun TLS. */
const make = (tubId: TubId, incoming: ByteQueue, outgoing: ByteQueue, begun: Set<ByteQueue>): PlainTransport => {
  // As sockets do, so that a program need not know which it has: who has read the peer's end has finished, too.
  incoming.watch(() => {
    if (incoming.end === "eof") outgoing.finish()
  })
  // In this order, or whoever waits here would hear the peer's answer to our end instead of the end.
  const leave = Effect.sync(() => {
    incoming.stopReading()
    outgoing.stopWriting()
  })
  const transport: Transport = {
    remoteAddress: "loopback",
    pull: incoming.pull,
    ended: incoming.until(() =>
      incoming.end === undefined ? undefined : Effect.succeed(new TransportError({ kind: incoming.end }))
    ),
    write: outgoing.write,
    flush: outgoing.flush,
    finish: Effect.andThen(
      Effect.sync(() => outgoing.finish()),
      Effect.ignore(outgoing.flush)
    ),
    // What was said is in the other end's hands, which nobody can take it from: there is nothing to wait for.
    close: leave,
    destroy: leave
  }
  const startTls: PlainTransport["startTls"] = ({ early }) => {
    const obstacle = () => {
      if (incoming.end === "closed") return failed("closed")
      if (early.length > 0 || incoming.hasBytes) return tls("the peer sent plaintext where TLS should begin")
      return incoming.end === "eof" ? tls("the peer closed the connection during the handshake") : undefined
    }
    return Effect.suspend(() => {
      if (obstacle() === undefined) begun.add(incoming)
      outgoing.notify()
      // Once both have begun, what comes in is no plaintext any more.
      return incoming.until(() => (begun.size === 2 ? Effect.succeed({ ...transport, proven: tubId }) : obstacle()))
    }).pipe(Effect.onError(() => leave))
  }
  return { ...transport, startTls }
}

/**
 * A connected pair for the Tub `tubId`. Closing the Scope destroys both ends, and whoever waits at one is told `closed`.
 *
 * Both ends prove `tubId`, whatever credentials they give. A certificate and a handshake would show that the peer holds
 * the Tub's key; here the peer is this very program, and only the holder of the pair can be at either end of it. So it
 * is sound as long as `tubId` is a Tub of the program that makes the pair.
 *
 * In each direction less than `window` bytes wait for a reader, and one write more (`ByteQueue`); with a `window` of
 * `Infinity` a writer never waits. When one end closes or is destroyed, the other pulls what was written before and then
 * `eof`. What it writes until then is accepted and vanishes, as over TCP until word of the end has arrived.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makePair = (
  tubId: TubId,
  options?: { readonly window?: number }
): Effect.Effect<{ readonly client: PlainTransport; readonly server: PlainTransport }, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const size = options?.window ?? window
        return { up: new ByteQueue(size), down: new ByteQueue(size) }
      }),
      ({ down, up }) =>
        Effect.sync(() => {
          up.stop()
          down.stop()
        })
    ),
    ({ down, up }) => {
      const begun = new Set<ByteQueue>()
      return { client: make(tubId, down, up, begun), server: make(tubId, up, down, begun) }
    }
  )
