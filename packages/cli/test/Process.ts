/** The real command in a process of its own, as a shell starts it. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../bin/tub.js", import.meta.url))

/** Starts `tub` with these arguments, and kills it when the Scope closes. */
export const start = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const out: Array<string> = []
  const err: Array<string> = []
  const lines = yield* Queue.unbounded<string>()
  const ended = yield* Deferred.make<number | NodeJS.Signals | null>()
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  createInterface({ input: child.stdout }).on("line", (line) => {
    out.push(line)
    Queue.offerUnsafe(lines, line)
  })
  createInterface({ input: child.stderr }).on("line", (line) => err.push(line))
  child.on("close", (code, signal) => Deferred.doneUnsafe(ended, Effect.succeed(code ?? signal)))
  return {
    out,
    err,
    /** The next line on standard output. */
    next: Queue.take(lines),
    signal: (signal: NodeJS.Signals) => Effect.sync(() => child.kill(signal)),
    /** Reads no more of what it prints, as `head` does. */
    stopReading: Effect.sync(() => child.stdout.destroy()),
    /** The exit code, or the signal that ended it, when all it printed has been read. */
    ended: Deferred.await(ended)
  }
})
