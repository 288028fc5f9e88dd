/**
 * A link as Effect's `Socket.Socket`, for whatever protocol comes next.
 *
 * The connection exists already, so acquiring the reader does not dial: it can be done once, and closing its Scope
 * closes the link. The reader yields the bytes that came early first.
 *
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import { describe, type Link, LinkEnd, ofTransport } from "./Link.ts"
import { PeerRefused } from "./NegotiationError.ts"
import { closeLimit } from "./Transport.ts"
import type { TransportError } from "./TransportError.ts"
import * as Decision from "./wire/Decision.ts"

const encoder = new TextEncoder()

/** How many bytes are taken from the network while nobody reads. */
const readAhead = 65_536

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

/** Notes that the link has ended, and says so to the reader: with the link's own, first reason. */
const endOf = (link: Link, cause: TransportError): Effect.Effect<never, Socket.SocketError> =>
  link.endWith(ofTransport(cause)).pipe(Effect.andThen(closed(link)), Effect.flatMap(Effect.fail))

/**
 * The socket of a link, which also watches for the link's end, in the current Scope. `early` are the first bytes of the
 * next protocol, which came with the end of the negotiation. `mayBeRefused` says that the peer may still send a refusal
 * in their place (N25), as it may to a Master. The watching runs in `context`, if that is not to be the one of here.
 *
 * An end is met behind the bytes before it. Therefore a link that nobody reads takes up to 64 KiB from the network:
 * whatever a peer says before it leaves must not hide that it has left.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  link: Link,
  options: {
    readonly early: Uint8Array
    readonly mayBeRefused: boolean
    readonly context?: Context.Context<never>
  }
): Effect.fn.Return<Socket.Socket, never, Scope.Scope> {
  const { context, early, mayBeRefused } = options
  const inflow = new Inflow(link, early, mayBeRefused)
  const watching = Effect.forkIn(inflow.watch(), yield* Effect.scope)
  yield* Effect.updateContext(watching, (here: Context.Context<never>) => context ?? here)
  return Socket.make({
    reader: Effect.suspend(() => reader(link, inflow)),
    writer: Effect.suspend(() => writer(link))
  })
})

/** What comes over a link: first to whoever watches it, and from when there is a reader to that one. */
class Inflow {
  isTaken = false
  private readonly link: Link
  private suspicious: boolean
  // What has come and nobody has read.
  private waiting: Array<Uint8Array> = []
  private size = 0
  private readonly begun = Deferred.makeUnsafe<void>()

  constructor(link: Link, early: Uint8Array, mayBeRefused: boolean) {
    this.link = link
    this.suspicious = mayBeRefused
    this.keep(early)
  }

  private keep(bytes: Uint8Array): void {
    if (bytes.length > 0) this.waiting.push(bytes)
    this.size += bytes.length
  }

  /** Ends the link when its transport ends, whether or not anybody reads. */
  watch(): Effect.Effect<void> {
    const { transport } = this.link
    return Effect.suspend(() => this.begin()).pipe(
      // Also when the Scope closes under a reader, which then meets the end by itself instead of waiting for ever.
      Effect.ensuring(Effect.suspend(() => this.hasBegun())),
      // The end is noticed also when a reader stops reading.
      Effect.andThen(transport.ended),
      Effect.flatMap((cause) => this.link.endWith(ofTransport(cause)))
    )
  }

  /**
   * Pulls until there is a reader, who then knows what the first bytes are: one fiber alone, so that no end can come
   * between a refusal and its being understood.
   */
  private begin(): Effect.Effect<void> {
    const refusal = this.suspicious && this.size > 0 ? Decision.lateRefusal(concat(this.waiting)) : "incomplete"
    if (Predicate.isTagged(refusal, "PeerRefused")) {
      this.waiting = []
      return this.link.endWith(LinkEnd.RefusedByPeer({ text: refusal.text }))
    }
    if (refusal === undefined) this.suspicious = false
    if (this.size >= readAhead || (this.isTaken && !this.suspicious && this.size > 0)) return Effect.void
    return Effect.matchEffect(this.link.transport.pull, {
      onSuccess: (bytes) => {
        this.keep(bytes)
        return this.begin()
      },
      // What looked like the beginning of a refusal is handed over for what it is.
      onFailure: (cause) => this.link.endWith(ofTransport(cause))
    })
  }

  private hasBegun(): Effect.Effect<boolean> {
    this.suspicious = false
    return Deferred.succeed(this.begun, undefined)
  }

  /** The next bytes, for the reader. */
  pull(): Effect.Effect<Arr.NonEmptyReadonlyArray<Uint8Array>, Socket.SocketError> {
    const { link, waiting } = this
    if (!this.suspicious && Arr.isReadonlyArrayNonEmpty(waiting)) {
      this.waiting = []
      this.size = 0
      return Effect.succeed(waiting)
    }
    if (!Deferred.isDoneUnsafe(this.begun)) {
      return Effect.flatMap(Deferred.await(this.begun), () => this.pull())
    }
    if (link.hasEnded) return Effect.flatMap(closed(link), Effect.fail)
    return Effect.matchEffect(link.transport.pull, {
      onSuccess: (bytes) => Effect.succeed([bytes]),
      onFailure: (cause) => endOf(link, cause)
    })
  }
}

const reader = (link: Link, inflow: Inflow) =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      if (inflow.isTaken) {
        if (link.hasEnded) return Effect.flatMap(closed(link), Effect.fail)
        const cause = new Error("this link is already being read")
        return Effect.fail(failure(new Socket.SocketOpenError({ kind: "Unknown", cause })))
      }
      inflow.isTaken = true
      const pull = Effect.suspend(() => inflow.pull())
      return Effect.succeed({ pull, upgrade: Socket.SocketUpgradeError.unsupported })
    }),
    () => link.close
  )

const writer = (link: Link) => {
  const failed = (cause: TransportError) =>
    Effect.andThen(
      // `closed` only means that our own side was finished before: the peer may still have something to say.
      cause.kind === "closed" ? Effect.void : link.endWith(ofTransport(cause)),
      Effect.fail(failure(new Socket.SocketWriteError({ cause })))
    )
  const send = (bytes: Uint8Array): Effect.Effect<void, Socket.SocketError> =>
    link.hasEnded ? Effect.flatMap(closed(link), Effect.fail) : Effect.catch(link.transport.write(bytes), failed)
  return Effect.acquireRelease(
    Effect.succeed<Socket.Writer>({
      write: (chunk) =>
        Effect.suspend(() =>
          typeof chunk === "string" || chunk instanceof Uint8Array ? send(bytesOf(chunk)) : link.close
        ),
      writeAll: (chunks) => Effect.suspend(() => send(concat(chunks.map(bytesOf))))
    }),
    // A peer that reads nothing must not hold up whoever is done with writing: closing the link comes after this.
    () => Effect.timeoutOption(Effect.interruptible(link.transport.finish), closeLimit)
  )
}

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
