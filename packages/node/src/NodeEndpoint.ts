/**
 * The `Endpoint` port over `node:net`: a TCP port or a Unix domain socket that is being listened on.
 *
 * @since 0.1.0
 */
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import {
  type Address,
  contained,
  type Endpoint,
  formatAddress,
  ListenFailed,
  type TcpAddress,
  type UnixAddress
} from "@effect-foolscap/tub/Endpoint"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { chmodSync } from "node:fs"
import * as Net from "node:net"
import { resolve } from "node:path"
import * as NodeTransport from "./NodeTransport.ts"
import * as UnixPath from "./UnixPath.ts"

// Twisted's default of 50 loses connection attempts as soon as a few dozen clients arrive at once.
const backlog = 1024

/**
 * Listens on a TCP port. `host` is an address of this machine or a name for one (`127.0.0.1` for loopback only, `::` for
 * every address); port 0 asks for any free port.
 *
 * Connections are accepted from now on and wait until `run` serves them. Closing the Scope frees the port and destroys
 * every connection, those being served too, and interrupts `run`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const listen = Effect.fn("NodeEndpoint.listen")(
  (asked: TcpAddress): Effect.Effect<Endpoint<TcpAddress>, ListenFailed, Scope.Scope> =>
    endpoint((server) =>
      open(server, asked, () => {
        server.listen({ host: asked.host, port: asked.port, backlog })
      })
    )
)

/**
 * Listens on a Unix domain socket, a file that is made at `path` and removed when the Scope closes or the endpoint stops.
 * The address holds the absolute path, for `UnixHint.of`.
 *
 * Whoever may write to the file may connect: with the mode 0600, which it gets by default, the owner alone. It gets the
 * mode just after it was made, so where even a moment matters, put it into a folder that only its users can enter.
 *
 * Closing removes whatever is at the path by then, even if somebody has put another socket there meanwhile; stopping first
 * does not.
 *
 * A socket that a crashed process left there is removed, if nobody listens on it (`UnixPath.removeStale`). Fails if
 * somebody does, if there is a file that is not a socket, no such folder, no permission, or if the path is too long.
 *
 * @category constructors
 * @since 0.1.0
 */
export const listenUnix = Effect.fn("NodeEndpoint.listenUnix")(function* (asked: {
  readonly path: string
  readonly mode?: number
}): Effect.fn.Return<Endpoint<UnixAddress>, ListenFailed, Scope.Scope> {
  const path = resolve(asked.path)
  const failed = (cause: Error) => new ListenFailed({ address: path, cause })
  const problem = UnixPath.problemOf(path) ?? UnixPath.problemOfFolder(path)
  if (problem !== undefined) return yield* failed(new Error(problem))
  return yield* endpoint((server) => {
    const opening = open(server, { path }, () => {
      // `exclusive`, because a worker of a cluster would otherwise ask its parent for the file, and get it later.
      server.listen({ path, backlog, exclusive: true })
      if (server.listening) chmodSync(path, asked.mode ?? 0o600)
    })
    return Effect.catchIf(opening, isInUse, () =>
      Effect.andThen(Effect.mapError(UnixPath.removeStale(path), failed), opening)
    )
  })
})

const isInUse = ({ cause }: ListenFailed): boolean =>
  cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE"

const endpoint = Effect.fnUntraced(function* <A extends Address>(
  opening: (server: Net.Server) => Effect.Effect<A, ListenFailed>
): Effect.fn.Return<Endpoint<A>, ListenFailed, Scope.Scope> {
  // An Error is about a connection that could not be accepted. Out of file descriptors, Node drops connections silently.
  const arrivals = yield* Queue.unbounded<Net.Socket | Error>()
  const connections = new Set<Net.Socket>()
  // One for all of them: each connection keeps its listeners for as long as it lives.
  function forget(this: Net.Socket) {
    connections.delete(this)
  }
  const server = Net.createServer({ noDelay: true })
  server.on("error", (error) => {
    // Whoever opens it hears why that failed, and may try again.
    if (server.listening) Queue.offerUnsafe(arrivals, error)
  })
  server.on("connection", (socket) => {
    connections.add(socket)
    socket.on("close", forget)
    // It may be reset before a transport listens, and an 'error' that nobody hears ends the process.
    socket.on("error", destroyIt)
    Queue.offerUnsafe(arrivals, socket)
  })
  const address = yield* Effect.acquireRelease(opening(server), () =>
    Effect.andThen(Queue.shutdown(arrivals), close(server, connections))
  )

  const run: Endpoint["run"] = (handler) =>
    Effect.gen(function* () {
      const handlers = yield* FiberSet.make<void>()
      // Between taking a connection and serving it nothing may interrupt, or nobody would close it.
      const serveNext = Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(restore(Queue.take(arrivals)), (arrival) =>
          arrival instanceof Error
            ? Effect.logWarning("a connection could not be accepted", arrival)
            : FiberSet.run(handlers, Effect.interruptible(serve(arrival, address, handler)))
        )
      )
      return yield* Effect.forever(serveNext)
    }).pipe(Effect.scoped)

  return { address, run, stop: Effect.sync(() => void server.close()) }
})

function destroyIt(this: Net.Socket) {
  this.destroy()
}

const serve = <R>(
  socket: Net.Socket,
  address: Address,
  handler: (transport: PlainTransport) => Effect.Effect<void, never, R | Scope.Scope>
) =>
  // Made within, because its fiber keeps for as long as the connection what it was given to run.
  Effect.suspend(() => {
    // Whoever comes through a file has no address.
    const remoteAddress = "path" in address ? `a client of ${address.path}` : undefined
    return Effect.flatMap(NodeTransport.fromSocket(socket, remoteAddress), (transport) => {
      // From now on the transport hears of them.
      socket.off("error", destroyIt)
      return handler(transport)
    })
  }).pipe(Effect.scoped, contained)

// Not interruptible: Node cannot be told to give up between looking up a name and listening.
const open = <A extends Address>(server: Net.Server, asked: A, listen: () => void): Effect.Effect<A, ListenFailed> =>
  Effect.callback((resume) => {
    const failed = (cause: unknown) => {
      forget()
      server.close()
      resume(Effect.fail(new ListenFailed({ address: formatAddress(asked), cause })))
    }
    const forget = () => void server.off("error", failed).off("listening", onListening)
    const onListening = () => {
      forget()
      const bound = server.address()
      // A file is bound to the path that was asked for.
      resume(Effect.succeed(isTcp(bound) ? { ...asked, host: bound.address, port: bound.port } : asked))
    }
    server.on("error", failed).on("listening", onListening)
    try {
      listen()
    } catch (cause) {
      // A number that is no port, or a file whose mode cannot be set.
      failed(cause)
    }
  })

const isTcp = (bound: ReturnType<Net.Server["address"]>): bound is Net.AddressInfo =>
  bound !== null && typeof bound !== "string"

const close = (server: Net.Server, connections: Iterable<Net.Socket>) =>
  Effect.callback<void>((resume) => {
    // Waits for the last connection. None can arrive between this and the loop.
    server.close(() => resume(Effect.void))
    for (const socket of connections) socket.destroy()
  })
