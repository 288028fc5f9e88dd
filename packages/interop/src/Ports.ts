/**
 * Ports: TCP ports of 127.0.0.1 at which there is no Tub.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import * as Net from "node:net"

const open = async () => {
  const connections = new Set<Net.Socket>()
  const server = Net.createServer((socket) => connections.add(socket.on("error", () => {})))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const bound = server.address()
  if (bound === null || typeof bound === "string") throw new Error("not a TCP port")
  return { connections, port: bound.port, server }
}

type Opened = Awaited<ReturnType<typeof open>>

const close = async ({ connections, server }: Opened) => {
  for (const socket of connections) socket.destroy()
  server.close()
  await once(server, "close")
}

/** A port that accepts connections and never says a word. */
export const silent: Effect.Effect<number, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(Effect.promise(open), (opened) => Effect.promise(() => close(opened))),
  ({ port }) => port
)

/** A port that was free a moment ago. The system gives none out again soon. */
export const free: Effect.Effect<number> = Effect.scoped(silent)
