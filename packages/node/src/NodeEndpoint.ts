/**
 * The `Endpoint` port over `node:net`: a TCP port that is being listened on.
 *
 * @since 0.1.0
 */
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import { type Endpoint, ListenFailed } from "@effect-foolscap/tub/Endpoint"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as NodeTransport from "./NodeTransport.ts"

// Twisted's default of 50 loses connection attempts as soon as a few dozen clients arrive at once.
const backlog = 1024

interface Address {
  readonly host: string
  readonly port: number
}

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
export const listen = Effect.fn("NodeEndpoint.listen")(function* (
  asked: Address
): Effect.fn.Return<Endpoint, ListenFailed, Scope.Scope> {
  // An Error is about a connection that could not be accepted. Out of file descriptors, Node drops connections silently.
  const arrivals = yield* Queue.unbounded<Net.Socket | Error>()
  const connections = new Set<Net.Socket>()
  const server = Net.createServer({ noDelay: true })
  server.on("error", (error) => Queue.offerUnsafe(arrivals, error))
  server.on("connection", (socket) => {
    connections.add(socket)
    socket.on("close", () => connections.delete(socket))
    // It may be reset before a transport listens, and an 'error' that nobody hears ends the process.
    socket.on("error", () => socket.destroy())
    Queue.offerUnsafe(arrivals, socket)
  })
  const address = yield* Effect.acquireRelease(open(server, asked), () =>
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
            : FiberSet.run(handlers, Effect.interruptible(serve(arrival, handler)))
        )
      )
      return yield* Effect.forever(serveNext)
    }).pipe(Effect.scoped)

  return { address, run }
})

const serve = <R>(
  socket: Net.Socket,
  handler: (transport: PlainTransport) => Effect.Effect<void, never, R | Scope.Scope>
) =>
  NodeTransport.fromSocket(socket).pipe(
    Effect.flatMap(handler),
    Effect.scoped,
    // One connection's defect must not end the others.
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("the handler of a connection died", cause)
    )
  )

const textOf = ({ host, port }: Address): string => (host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`)

// Not interruptible: Node cannot be told to give up between looking up a name and listening.
const open = (server: Net.Server, asked: Address) =>
  Effect.callback<Address, ListenFailed>((resume) => {
    const failed = (cause: unknown) => {
      forget()
      resume(Effect.fail(new ListenFailed({ address: textOf(asked), cause })))
    }
    const forget = () => void server.off("error", failed).off("listening", onListening)
    const onListening = () => {
      forget()
      const bound = server.address()
      // Only a pipe has no address, or one that is a path.
      if (bound === null || typeof bound === "string") return failed(new Error("not a TCP port"))
      resume(Effect.succeed({ host: bound.address, port: bound.port }))
    }
    server.on("error", failed).on("listening", onListening)
    try {
      server.listen({ host: asked.host, port: asked.port, backlog })
    } catch (cause) {
      // A number that is no port.
      failed(cause)
    }
  })

const close = (server: Net.Server, connections: Iterable<Net.Socket>) =>
  Effect.callback<void>((resume) => {
    // Waits for the last connection. None can arrive between this and the loop.
    server.close(() => resume(Effect.void))
    for (const socket of connections) socket.destroy()
  })
