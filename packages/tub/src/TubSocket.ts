/**
 * TubSocket: a Tub as Effect's `Socket.Socket`, for a client of any protocol that works over one.
 *
 * ```text
 *   acquire the reader ── dial ── negotiate ──▶ a link of its own     release ── close
 *   acquire it again   ── dial ── negotiate ──▶ another one, in its place
 * ```
 *
 * @since 0.1.0
 */
import { freshName } from "@effect-foolscap/negotiation/LocalTub"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import type { Attempt, ConnectError } from "./ConnectError.ts"
import { Connector } from "./Connector.ts"
import type { Target } from "./Target.ts"

/**
 * What a link is dialled for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** The application protocol, by the name that the server knows it by (N29), such as `rpc/1`. */
  readonly protocol: string
  /**
   * The name of the link (N30), which no other socket between these two Tubs may have: whoever comes second is refused, or
   * takes the other's place. A random one by default.
   */
  readonly name?: string
}

/**
 * A socket whose peer has proven to be the Tub `target`, at whichever of its places it was found.
 *
 * - Acquiring the reader dials and negotiates: it ends where `DialDeadline` says, at the latest. To reconnect, acquire it
 *   again (`Effect.retry`). A server that has not noticed yet that the last link is dead takes the new one in its place.
 * - There is one reader at a time; a second one fails with a `SocketOpenError`.
 * - Closing the reader's Scope closes the link, in good order and within `closeLimit`; a pull that waits fails.
 * - A Tub that cannot be reached is a `SocketOpenError` with the `ConnectError` as its `cause`, and of the kind `Timeout` if
 *   each of its places ran out of time. Where the server refuses us only when we have taken the link for settled, a pull
 *   fails with a `SocketReadError` that says why (N25, N31).
 * - A write succeeds when the link has taken it, not when the peer has read it. Without a link it waits for the next one:
 *   that a link has ended is for the reader to hear. One that is cut short by the end fails.
 * - Releasing the writer half-closes the link there is.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  target: Target,
  options: Options
): Effect.fn.Return<Socket.Socket, never, Connector> {
  const { dial } = yield* Connector
  let name = options.name ?? (yield* freshName)
  let lastConnection = "none 0"
  let isTaken = false
  // The last link, until it is found to have ended.
  let current: Current | undefined
  const connected = Latch.makeUnsafe()

  // A server that believes in a link of which we never heard, because its Decision was lost, refuses every other one of that
  // name (N22) for as long as it takes to notice, which may be a quarter of an hour.
  const rename = Effect.map(freshName, (fresh) => {
    name = fresh
    lastConnection = "none 0"
  })

  const take = Effect.suspend(() => {
    if (isTaken) return Effect.fail(notOpen("Unknown", new Error("this socket is already being read")))
    isTaken = true
    return Effect.void
  })

  const connect = Effect.gen(function* () {
    yield* Effect.acquireRelease(take, () =>
      Effect.sync(() => {
        isTaken = false
      })
    )
    // Closed after the link, which comes later: half-closing waits for a peer that reads, closing for `closeLimit` at most.
    const afterwards = yield* Scope.fork(yield* Effect.scope)
    const link = { name, protocols: [options.protocol], lastConnection } as const
    const { connection } = yield* dial(target, { link }).pipe(
      Effect.tapError((error) => (isRefused(error) && options.name === undefined ? rename : Effect.void)),
      Effect.mapError(unreached)
    )
    const { incarnations, role, seqnum } = connection
    // A Master has nobody to tell (N21, N30).
    if (role === "NonMaster" && incarnations.remote !== undefined && seqnum !== undefined) {
      lastConnection = `${incarnations.remote} ${seqnum}`
    }
    const { pull, upgrade } = yield* connection.socket.reader
    const writing = yield* Scope.fork(afterwards)
    const { write, writeAll } = yield* Scope.provide(connection.socket.writer, writing)
    const finish = Effect.asVoid(Effect.forkIn(Scope.close(writing, Exit.void), afterwards))
    current = { connection, write, writeAll, finish }
    connected.openUnsafe()
    return { pull, upgrade }
  })

  const reader = Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Effect.scope)
    // A reader that could not be had leaves nothing in the way of the next one.
    return yield* Effect.onExit(Scope.provide(connect, scope), (exit) =>
      Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
    )
  })

  // Without a link a write waits for the next one, and so does one that comes when the link has just ended.
  const next = (ended: Current | undefined, send: Effect.Effect<void, Socket.SocketError>) => {
    if (current === ended) {
      current = undefined
      connected.closeUnsafe()
    }
    return Effect.andThen(connected.await, send)
  }
  const via = (send: (link: Current) => Effect.Effect<void, Socket.SocketError>) => {
    const sending: Effect.Effect<void, Socket.SocketError> = Effect.suspend(() => {
      const link = current
      if (link === undefined) return next(link, sending)
      return Effect.catch(send(link), (error) =>
        // Whatever else it fails with, the link had ended before.
        error.reason._tag === "SocketWriteError" ? Effect.fail(error) : next(link, sending)
      )
    })
    return sending
  }
  const writer = Effect.acquireRelease(
    Effect.succeed<Socket.Writer>({
      write: (chunk) => via(({ write }) => write(chunk)),
      writeAll: (chunks) => via(({ writeAll }) => writeAll(chunks))
    }),
    () => Effect.suspend(() => current?.finish ?? Effect.void)
  )

  return Socket.make({ reader, writer })
})

/**
 * `make` as the `Socket` of a program, such as an RPC client.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (target: Target, options: Options): Layer.Layer<Socket.Socket, never, Connector> =>
  Layer.effect(Socket.Socket, make(target, options))

interface Current extends Socket.Writer {
  readonly connection: NegotiatedConnection
  readonly finish: Effect.Effect<void>
}

const notOpen = (kind: Socket.SocketOpenError["kind"], cause: Error): Socket.SocketError =>
  new Socket.SocketError({ reason: new Socket.SocketOpenError({ kind, cause }) })

const isRefused = ({ attempts }: ConnectError): boolean =>
  attempts.some(({ error }) => error._tag === "NegotiationError" && error.reason._tag === "PeerRefused")

const unreached = (error: ConnectError): Socket.SocketError => {
  const failures = error.attempts.flatMap((attempt) => (attempt.error._tag === "Redirect" ? [] : [attempt.error]))
  const isTimeout = failures.length > 0 && failures.every(isLate)
  return notOpen(isTimeout ? "Timeout" : "Unknown", error)
}

const isLate = (error: Attempt["error"]): boolean =>
  error._tag === "GaveUp" || (error._tag === "NegotiationError" && error.reason._tag === "DeadlineExceeded")
