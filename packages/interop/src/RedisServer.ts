/** RedisServer: a real Redis behind a Unix socket, for as long as a Scope lasts. */
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { join } from "node:path"
import * as Child from "./Child.ts"
import { Inbox } from "./Inbox.ts"
import * as Scratch from "./Scratch.ts"

/** Where Debian installs it. */
export const redisServer = "/usr/bin/redis-server"

/** A running Redis. */
export interface RedisServer {
  /** Where it listens. */
  readonly path: string
  /** Ends it without letting it say anything, as a crash does. */
  readonly kill: Effect.Effect<void>
  /** Starts it again at the same place, with all that had been written. */
  readonly restart: Effect.Effect<void>
}

/** Starts a Redis of its own. */
export const start: Effect.Effect<RedisServer, never, Scope.Scope> = Effect.gen(function* () {
  // So that it ends when all that was started after it has, however often it was restarted.
  const scope = yield* Scope.fork(yield* Effect.scope)
  const folder = yield* Scratch.folder
  const path = join(folder, "redis.sock")
  const run = Effect.gen(function* () {
    const said = new Inbox<string>("Redis")
    const child = yield* Child.start(redisServer, argumentsFor(folder, path), {
      heard: said.offer,
      politely: "SIGTERM"
    })
    yield* said.take("that it is ready", (line): line is string => /ready to accept connections/i.test(line))
    return child
  }).pipe(Scope.provide(scope))
  let child = yield* run
  return {
    path,
    kill: Effect.suspend(() => {
      child.signal("SIGKILL")
      return Effect.asVoid(child.ended)
    }),
    restart: Effect.map(run, (started) => void (child = started))
  }
})

// In the foreground, without a port, and with every write on the disk before it is answered.
const argumentsFor = (folder: string, path: string): ReadonlyArray<string> =>
  Object.entries({
    port: "0",
    unixsocket: path,
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: "always",
    daemonize: "no"
  }).flatMap(([name, value]) => [`--${name}`, value])
