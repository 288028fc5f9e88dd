/** Process: an RPC server in a process of its own. */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import type { Target } from "@effect-foolscap/tub/Target"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Child from "../Child.ts"
import { Inbox } from "../Inbox.ts"

const program = fileURLToPath(new URL("main.ts", import.meta.url))

const fromLine = Schema.decodeSync(Schema.fromJsonString(Schema.Struct({ tubId: TubId, port: Schema.Int })))

/** A server that runs. */
export interface Process {
  readonly target: Target
  readonly port: number
  /** Waits until it says this. */
  readonly says: (line: string) => Effect.Effect<void>
  /** Asks it to end, and waits until it has. */
  readonly stop: Effect.Effect<void>
  /** Ends it without letting it say anything, as a crash does. */
  readonly kill: Effect.Effect<void>
}

/** Starts a server with the identity of this file, at any free port if none is given. It is stopped when the Scope closes. */
export const start = Effect.fnUntraced(function* (file: string, at = 0): Effect.fn.Return<Process, never, Scope.Scope> {
  const said = new Inbox<string>("an RPC server")
  const args = ["--conditions=@effect-foolscap/source", program, file, String(at)]
  const child = yield* Child.start(process.execPath, args, { heard: said.offer, politely: "SIGTERM" })
  const end = (signal: NodeJS.Signals) =>
    Effect.suspend(() => {
      child.signal(signal)
      return Effect.asVoid(child.ended)
    })
  const { port, tubId } = fromLine(yield* said.take("where it is", (line): line is string => line.startsWith("{")))
  return {
    target: { tubId, hints: [LocationHint.tcp("127.0.0.1", port)] },
    port,
    says: (line) => Effect.asVoid(said.take(line, (heard): heard is string => heard === line)),
    stop: end("SIGTERM"),
    kill: end("SIGKILL")
  }
})
