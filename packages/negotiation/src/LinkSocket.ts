/**
 * A link as Effect's `Socket.Socket`, for whatever protocol comes next.
 *
 * The connection exists already, so acquiring the reader does not dial: it can be done once, and closing its Scope
 * closes the link. The reader yields the bytes that came early first.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import { describe, type Link, LinkEnd, ofTransport } from "./Link.ts"
import { PeerRefused } from "./NegotiationError.ts"
import type { TransportError } from "./TransportError.ts"
import * as Decision from "./wire/Decision.ts"

const encoder = new TextEncoder()

const failure = (reason: Socket.SocketErrorReason): Socket.SocketError => new Socket.SocketError({ reason })

const closed = (link: Link): Effect.Effect<Socket.SocketError> =>
  Effect.map(link.ended, (end) => {
    switch (end._tag) {
      case "Lost":
        return failure(new Socket.SocketReadError({ cause: end.cause }))
      case "RefusedByPeer":
        return failure(new Socket.SocketReadError({ cause: new PeerRefused({ text: end.text }) }))
      default:
        return failure(new Socket.SocketCloseError({ code: 1000, closeReason: describe(end) }))
    }
  })

const refusedBy = ({ text }: PeerRefused): LinkEnd => LinkEnd.RefusedByPeer({ text })

/** Notes that the link has ended, and says so to the reader: with the link's own, first reason. */
const endOf = (link: Link, cause: TransportError): Effect.Effect<never, Socket.SocketError> =>
  link.endWith(ofTransport(cause)).pipe(Effect.andThen(closed(link)), Effect.flatMap(Effect.fail))

/**
 * The socket of a link, which also watches for the link's end, in the current Scope. `early` are the first bytes of the
 * next protocol, which came with the end of the negotiation. `mayBeRefused` says that the peer may still send a refusal
 * in their place (N25), as it may to a Master.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  link: Link,
  options: { readonly early: Uint8Array; readonly mayBeRefused: boolean }
): Effect.fn.Return<Socket.Socket, never, Scope.Scope> {
  let taken = false
  let early = options.early
  let suspicious = options.mayBeRefused

  const pullBytes = Effect.catch(link.transport.pull, (cause) => endOf(link, cause))

  const pull: Effect.Effect<NonEmptyReadonlyArray<Uint8Array>, Socket.SocketError> = Effect.suspend(() => {
    if (suspicious && early.length > 0) {
      const refusal = Decision.lateRefusal(early)
      if (refusal === "incomplete") return Effect.flatMap(pullMore, () => pull)
      if (refusal !== undefined) {
        return Effect.andThen(link.endWith(refusedBy(refusal)), Effect.flatMap(closed(link), Effect.fail))
      }
      suspicious = false
    }
    if (early.length === 0) {
      if (!suspicious) return Effect.map(pullBytes, (bytes): NonEmptyReadonlyArray<Uint8Array> => [bytes])
      return Effect.flatMap(pullMore, () => pull)
    }
    const bytes = early
    early = new Uint8Array(0)
    return Effect.succeed([bytes])
  })
  const pullMore = Effect.matchEffect(link.transport.pull, {
    onSuccess: (bytes) =>
      Effect.sync(() => {
        early = concat([early, bytes])
      }),
    // What looked like the beginning of a refusal is handed over for what it is, and the end is met on the next pull.
    onFailure: (cause) =>
      Effect.suspend(() => {
        suspicious = false
        return early.length === 0 ? endOf(link, cause) : Effect.void
      })
  })

  const reader = Effect.acquireRelease(
    Effect.suspend(() => {
      if (taken) {
        if (link.hasEnded) return Effect.flatMap(closed(link), Effect.fail)
        const cause = new Error("this link is already being read")
        return Effect.fail(failure(new Socket.SocketOpenError({ kind: "Unknown", cause })))
      }
      taken = true
      return Effect.succeed({ pull, upgrade: Socket.SocketUpgradeError.unsupported })
    }),
    () => link.close
  )

  const send = (bytes: Uint8Array): Effect.Effect<void, Socket.SocketError> =>
    Effect.suspend(() =>
      link.hasEnded
        ? Effect.flatMap(closed(link), Effect.fail)
        : Effect.catch(link.transport.write(bytes), (cause) =>
            Effect.andThen(
              // `closed` only means that our own side was finished before: the peer may still have something to say.
              cause.kind === "closed" ? Effect.void : link.endWith(ofTransport(cause)),
              Effect.fail(failure(new Socket.SocketWriteError({ cause })))
            )
          )
    )

  const writer = Effect.acquireRelease(
    Effect.succeed<Socket.Writer>({
      write: (chunk) => (Socket.isCloseEvent(chunk) ? link.close : send(bytesOf(chunk))),
      writeAll: (chunks) => send(concat(chunks.map(bytesOf)))
    }),
    () => link.transport.finish
  )

  // The end is noticed also while nobody reads, and a refusal that came just before it is not taken for a mere end.
  const ended = Effect.flatMap(link.transport.ended, (cause) => {
    const refusal = suspicious ? Decision.lateRefusal(early) : undefined
    return link.endWith(Predicate.isTagged(refusal, "PeerRefused") ? refusedBy(refusal) : ofTransport(cause))
  })
  yield* Effect.forkScoped(ended)

  return Socket.make({ reader, writer })
})

const bytesOf = (chunk: Uint8Array | string): Uint8Array => (typeof chunk === "string" ? encoder.encode(chunk) : chunk)

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const [only] = chunks
  if (only !== undefined && chunks.length === 1) return only
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
