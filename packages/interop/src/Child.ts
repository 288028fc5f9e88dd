/** Child: another program, for as long as a Scope lasts. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"

/** How long a program may take to end that was asked to. */
const grace = Duration.seconds(5)

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that was started. */
export interface Child {
  /** Writes one line to its standard input. */
  readonly send: (line: string) => void
  /** Sends it a signal, through its own handle. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** Succeeds when it has ended and everything it wrote was heard. */
  readonly ended: Effect.Effect<Ended>
}

/**
 * Starts a program. `heard` is called for every line it writes.
 *
 * When the Scope closes its standard input is closed and `politely` is sent, if given. A program that runs on for five
 * seconds is killed.
 */
export const start = (
  command: string,
  args: ReadonlyArray<string>,
  options: {
    readonly heard: (line: string, stream: "stdout" | "stderr") => void
    readonly politely?: NodeJS.Signals
  }
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.gen(function* () {
      const ended = yield* Deferred.make<Ended>()
      const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] })
      for (const stream of ["stdout", "stderr"] as const) {
        createInterface({ input: child[stream] }).on("line", (line) => options.heard(line, stream))
      }
      // It may be gone before it has read everything; that it is gone is told by `ended`.
      child.stdin.on("error", () => {})
      child.on("error", (error) => options.heard(error.message, "stderr"))
      child.on("close", (code, signal) => Deferred.doneUnsafe(ended, Effect.succeed({ code, signal })))
      return { child, ended: Deferred.await(ended) }
    }),
    ({ child, ended }) =>
      Effect.suspend(() => {
        child.stdin.end()
        if (options.politely !== undefined) child.kill(options.politely)
        return ended.pipe(
          Effect.timeoutOrElse({
            duration: grace,
            orElse: () => {
              child.kill("SIGKILL")
              return ended
            }
          })
        )
      })
  ).pipe(
    Effect.map(({ child, ended }) => ({
      send: (line) => void child.stdin.write(`${line}\n`),
      signal: (signal) => void child.kill(signal),
      ended
    }))
  )
