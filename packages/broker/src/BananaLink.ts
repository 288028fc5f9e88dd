/**
 * A negotiated connection that speaks Banana: values in both directions, and one end with one reason.
 *
 * ```text
 *   send ────▶ Outbox ──▶ socket ──▶ BananaDecoder ──▶ Inbox ──▶ receive
 *                ▲                        │
 *                └───── PING, PONG ───────┘
 * ```
 *
 * @since 0.1.0
 */
import { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
import { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import type { Limits } from "@effect-foolscap/banana/Limits"
import type { Received } from "@effect-foolscap/banana/Received"
import type { Value } from "@effect-foolscap/banana/value/Value"
import type { Violation } from "@effect-foolscap/banana/Violation"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { closeLimit } from "@effect-foolscap/negotiation/Transport"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import { BananaLinkEnd, LinkEnded } from "./BananaLinkEnd.ts"
import { type Arrival, Inbox } from "./Inbox.ts"
import { DisconnectTime, KeepaliveTime, Silence, watch } from "./Keepalive.ts"
import { Outbox } from "./Outbox.ts"

/**
 * The first version of Banana that has PING and PONG.
 *
 * @category constants
 * @since 0.1.0
 */
export const pingVersion = 3

/**
 * A link that carries values. It is the one reader and the one writer of its connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface BananaLink<out A = Value> {
  readonly connection: NegotiatedConnection
  /**
   * Sends a top-level object. Succeeds when it is on its way, which may be before it has left this process. While 64 KiB or
   * more are on their way it waits; sends are admitted in the order in which they came, and the value is read when it is
   * admitted. Long bytes in it are not copied: leave them unchanged. Interrupted before it is admitted, nothing of it is
   * sent; what has been admitted goes out whole.
   *
   * Fails with the `Violation` of a value that cannot be sent, of which nothing goes out. A value that the peer refuses is
   * dropped there, and this side hears nothing.
   */
  readonly send: (value: Value) => Effect.Effect<void, Violation | LinkEnded>
  /**
   * The peer's next top-level object, or the `Violation` for which one was dropped, in the order in which they were sent.
   * Once the link has ended, what came before that is still received, and then it fails. Interrupted while it waits, it
   * loses nothing.
   *
   * While nobody receives, up to 64 KiB are taken from the peer, and then nothing, not even a PING. So whoever receives must
   * not wait for `send`: two peers that both do so may wait for each other. Send from another fiber.
   */
  readonly receive: Effect.Effect<Arrival<A>, LinkEnded>
  /** Succeeds once, with the reason, when the link and its connection have ended. */
  readonly ended: Effect.Effect<BananaLinkEnd>
  /** Closes the link in good order, behind everything that is on its way, within `closeLimit`. */
  readonly close: Effect.Effect<void>
}

/**
 * Speaks Banana on a connection, with the version and the vocabulary that were negotiated. The link closes in good order, and
 * its connection with it, when the Scope closes.
 *
 * `schema` is what the peer's objects must be, and become; what does not fit is dropped as it comes (B16), and without one they
 * stay values. It has to be synchronous. Where it throws, or is not, that is a defect of the program: the link is closed, and
 * `receive`, `send` and `ended` die of it. It does not concern what is sent. `limits` are those of the decoder.
 *
 * Dies if somebody reads the connection's socket already, if the Schema says nothing about the wire (`UnsupportedSchema`), or if
 * a limit is no number from 0. `connect` gives everybody the same connection: make one `BananaLink` of it, and share that.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <A = Value>(
  connection: NegotiatedConnection,
  options?: Options<A>
): Effect.Effect<BananaLink<A>, never, Scope.Scope> =>
  Effect.acquireRelease(open<A>(connection, options ?? {}), ({ link, scope }) =>
    Effect.andThen(link.close, Scope.close(scope, Exit.void))
  ).pipe(Effect.map(({ link }) => link))

interface Options<A> {
  readonly limits?: Partial<Limits>
  readonly schema?: Schema.ConstraintCodec<A, Value>
}

const inUse = "connect gives everybody the same one, so make one BananaLink of it and share that"

const open = Effect.fnUntraced(function* <A>(connection: NegotiatedConnection, options: Options<A>) {
  const scope = yield* Scope.make()
  // Both tables are known here: a negotiation that settles on another one fails.
  const vocabulary = Vocabulary.initial(connection.parameters.vocabulary === 1 ? 1 : 0)
  const decoder = new BananaDecoder<A>({ ...options, vocabulary })
  const pull = yield* Scope.provide(Socket.readerBytes(connection.socket), scope).pipe(
    Effect.mapError((cause) => new Error(`this connection cannot be read: ${inUse}`, { cause })),
    Effect.orDie
  )
  const writer = yield* Scope.provide(connection.socket.writer, scope)
  const inbox = yield* Inbox.make<A>()
  const outbox = new Outbox(new BananaEncoder({ vocabulary }), writer, scope)
  const silence = new Silence(yield* Clock.Clock)
  const ended = Deferred.makeUnsafe<BananaLinkEnd>()
  const failure = Effect.flatMap(Deferred.await(ended), (reason) => Effect.fail(new LinkEnded({ reason })))
  let end: BananaLinkEnd | undefined
  /** What the program's own Schema has thrown. Whoever uses the link dies of it. */
  let bug: Cause.Cause<never> | undefined

  /** From now on nothing is sent or received. False if there is a reason already. */
  const stop = (reason: BananaLinkEnd): boolean => {
    if (end !== undefined) return false
    end = reason
    inbox.close()
    outbox.close(failure)
    return true
  }

  // Nobody hears of the end before the connection has ended: whoever then dials anew must not find it.
  const tell = Effect.andThen(
    connection.end(LinkEnd.Closed()),
    Effect.sync(() => {
      if (end === undefined || Deferred.isDoneUnsafe(ended)) return
      inbox.end(bug ?? Cause.fail(new LinkEnded({ reason: end })))
      Deferred.doneUnsafe(ended, bug === undefined ? Exit.succeed(end) : Exit.failCause(bug))
    })
  )

  // A peer that reads nothing may not hold it up, and whoever gives up waiting leaves nothing open.
  const leave = Effect.interruptible(outbox.flushed.pipe(Effect.andThen(tell), Effect.andThen(connection.close))).pipe(
    Effect.timeoutOption(closeLimit),
    Effect.ensuring(tell),
    Effect.asVoid
  )

  /** Goes on or ends with what has come. Tells whether it goes on. */
  const take = Effect.fnUntraced(function* (received: ReadonlyArray<Received<A>>, bytes: number) {
    const arrivals: Array<Arrival<A>> = []
    for (const item of received) {
      switch (item._tag) {
        case "Delivered":
        case "Violated":
          arrivals.push(item)
          break
        case "Ping":
          outbox.pong(item.number)
          break
        case "Pong":
          break
        case "PeerError":
          inbox.add(arrivals, bytes)
          stop(BananaLinkEnd.PeerError({ text: item.text }))
          return false
        case "Failed":
          inbox.add(arrivals, bytes)
          if (stop(BananaLinkEnd.ProtocolError({ error: item.error }))) {
            outbox.error(item.error.wireText)
            yield* outbox.flush
            yield* leave
          }
          return false
      }
    }
    inbox.add(arrivals, bytes)
    yield* outbox.flush
    return true
  })

  const read = Effect.gen(function* () {
    while (true) {
      const chunks = yield* pull
      silence.end()
      for (const chunk of chunks) if (!(yield* take(decoder.push(chunk), chunk.length))) return
      // The end may come from this side, while what the peer has said is still unread.
      if (inbox.isFull) yield* silence.whileDeaf(Effect.raceFirst(inbox.room, connection.ended))
    }
  }).pipe(
    Effect.catch(() =>
      Effect.map(connection.ended, (reason) => {
        stop(reason._tag === "ClosedByPeer" && !decoder.atBorder ? BananaLinkEnd.Truncated() : reason)
      })
    ),
    Effect.catchDefect((defect) =>
      Effect.sync(() => {
        if (stop(BananaLinkEnd.Closed())) bug = Cause.die(defect)
      })
    ),
    // Whatever it ends by: nobody may wait for ever.
    Effect.ensuring(
      Effect.suspend(() => {
        stop(BananaLinkEnd.Closed())
        return tell
      })
    )
  )

  const keepaliveTime = connection.parameters.version < pingVersion ? Duration.infinity : yield* KeepaliveTime
  const watching = watch(silence, {
    keepaliveTime,
    disconnectTime: yield* DisconnectTime,
    ping: Effect.andThen(
      Effect.sync(() => outbox.ping()),
      outbox.flush
    ),
    end: connection.end
  })
  // The watch is a child of the reader and ends with it.
  yield* Effect.forkIn(Effect.andThen(Effect.forkChild(watching), read), scope)

  const link: BananaLink<A> = {
    connection,
    send: outbox.send,
    receive: inbox.receive,
    ended: Deferred.await(ended),
    close: Effect.suspend(() => {
      stop(BananaLinkEnd.Closed())
      return leave
    })
  }
  return { link, scope }
})
