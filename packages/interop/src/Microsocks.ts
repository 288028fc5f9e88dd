/** Microsocks: a real SOCKS5 proxy on loopback, for as long as a Scope lasts. */
import type { TcpAddress } from "@effect-foolscap/tub/Endpoint"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as Child from "./Child.ts"
import { Inbox } from "./Inbox.ts"
import * as Ports from "./Ports.ts"

/** Where Debian installs it. */
export const microsocks = "/usr/bin/microsocks"

/** A running proxy. */
export interface Microsocks {
  readonly proxy: TcpAddress
  /** What it writes about the next connection that it has opened for a client. */
  readonly connected: Effect.Effect<string>
}

/** Starts the proxy. With `auth` it takes nobody without this username and password. */
export const start = Effect.fnUntraced(function* (auth?: {
  readonly username: string
  readonly password: string
}): Effect.fn.Return<Microsocks, never, Scope.Scope> {
  const port = yield* Ports.free
  const said = new Inbox<string>("microsocks")
  const credentials = auth === undefined ? [] : ["-u", auth.username, "-P", auth.password]
  yield* Child.start(microsocks, ["-i", "127.0.0.1", "-p", String(port), ...credentials], {
    heard: said.offer,
    politely: "SIGTERM"
  })
  // It does not say when its port is open.
  yield* Effect.orDie(Effect.retry(answersAt(port), { schedule: Schedule.spaced("10 millis"), times: 1000 }))
  return {
    proxy: { host: "127.0.0.1", port },
    connected: said.take("that it has connected", (line): line is string => line.includes("connected to"))
  }
})

const answersAt = (port: number) =>
  Effect.callback<void, Error>((resume) => {
    const socket = Net.connect(port, "127.0.0.1")
    socket.on("error", (error) => resume(Effect.fail(error)))
    socket.on("connect", () => {
      socket.destroy()
      resume(Effect.void)
    })
    return Effect.sync(() => void socket.destroy())
  })
