/** Relay: a slow stretch of network between a client and a Tub. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import * as Net from "node:net"

/** A port that leads to another one. */
export interface Relay {
  readonly hint: string
  /** Succeeds when the Tub has answered the client for the first time. The client does not know yet. */
  readonly answered: Effect.Effect<void>
  /** Lets through what the Tub has answered, and from then on everything. */
  readonly release: Effect.Effect<void>
}

/** Leads one connection to `port`, and keeps the answers back until it is released. */
export const to = Effect.fnUntraced(function* (port: number): Effect.fn.Return<Relay, never, Scope.Scope> {
  const server = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const server = Net.createServer().listen(0, "127.0.0.1")
      await once(server, "listening")
      return server
    }),
    (server) => Effect.sync(() => void server.close())
  )
  const bound = server.address()
  if (bound === null || typeof bound === "string") throw new Error("not a TCP port")
  const ends = new Promise<{ readonly client: Net.Socket; readonly tub: Net.Socket }>((resolve) => {
    server.once("connection", (client) => {
      const tub = Net.connect(port, "127.0.0.1")
      for (const socket of [client, tub]) socket.on("error", () => socket.destroy())
      client.pipe(tub)
      resolve({ client, tub })
    })
  })
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      for (const socket of Object.values(await ends)) socket.destroy()
    })
  )
  const answered = ends.then(({ tub }) => once(tub, "readable"))
  return {
    hint: `tcp:127.0.0.1:${bound.port}`,
    answered: Effect.promise(() => answered),
    release: Effect.promise(async () => {
      const { client, tub } = await ends
      tub.pipe(client)
    })
  }
})
