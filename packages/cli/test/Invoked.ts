/** The command, run inside of the test: what it says and what it exits with. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { TestConsole } from "effect/testing"
import * as ExitCode from "../src/ExitCode.ts"
import * as Main from "../src/Main.ts"

const Event = Schema.fromJsonString(
  Schema.StructWithRest(Schema.Struct({ event: Schema.String }), [Schema.Record(Schema.String, Schema.Unknown)])
)

/** Reads one line of what `--json` prints. */
export const eventOf = Schema.decodeUnknownSync(Event)

/** What came of it. `events` is standard output read as JSON, for runs with `--json`. */
export class Said {
  readonly code: number
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>

  constructor(code: number, out: ReadonlyArray<unknown>, err: ReadonlyArray<unknown>) {
    this.code = code
    this.out = out.map(String)
    this.err = err.map(String)
  }

  get events() {
    return this.out.map((line) => eventOf(line))
  }
}

/** Runs `tub` with these arguments. */
export const tub = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const console = yield* TestConsole.make
  const exit = yield* Main.run(args).pipe(Effect.provideService(Console.Console, console), Effect.exit)
  return new Said(ExitCode.ofExit(exit, 130), yield* console.logLines, yield* console.errorLines)
})
