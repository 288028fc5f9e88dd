/**
 * TubCommand: the `tub` command, as a shell starts it.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Child from "./Child.ts"
import { Inbox } from "./Inbox.ts"

const program = fileURLToPath(new URL("../../cli/bin/tub.js", import.meta.url))

const Event = Schema.Record(Schema.String, Schema.Unknown)

const fromLine = Schema.decodeSync(Schema.fromJsonString(Event))

/** One line of what `--json` prints. */
export type Event = typeof Event.Type

/** A running `tub`. */
export interface TubCommand {
  /** The next event of this kind. */
  readonly next: (event: string) => Effect.Effect<Event>
  readonly signal: Child.Child["signal"]
  /** The exit code; -1 if a signal ended it. */
  readonly exitCode: Effect.Effect<number>
}

/** Runs `tub` with these arguments and `--json`. It is stopped when the Scope closes. */
export const start = Effect.fnUntraced(function* (
  ...args: ReadonlyArray<string>
): Effect.fn.Return<TubCommand, never, Scope.Scope> {
  const said = new Inbox<Event | string>(`tub ${args[0]}`)
  const child = yield* Child.start(process.execPath, [program, ...args, "--json"], {
    heard: (line, stream) => said.offer(stream === "stdout" ? fromLine(line) : line),
    politely: "SIGTERM"
  })
  return {
    next: (event) => said.take(event, (line): line is Event => typeof line !== "string" && line["event"] === event),
    signal: child.signal,
    exitCode: Effect.map(child.ended, ({ code }) => code ?? -1)
  }
})
