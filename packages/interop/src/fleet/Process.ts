/** Process: a member of a fleet in a process of its own. */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Child from "../Child.ts"
import { Inbox } from "../Inbox.ts"

const program = fileURLToPath(new URL("main.ts", import.meta.url))

const Ready = Schema.Struct({ tubId: TubId, hint: Schema.String })

const fromLine = Schema.decodeSync(Schema.fromJsonString(Ready))

/** A member that runs elsewhere. */
export interface Process {
  readonly tubId: TubId
  readonly hint: string
  /** Asks it to end, and waits until it has. */
  readonly stop: Effect.Effect<void>
  /** Ends it without letting it say anything, as a crash does. */
  readonly kill: Effect.Effect<void>
}

/** Starts a member that shares this kind of store, at this path. It is stopped when the Scope closes. */
export const start = Effect.fnUntraced(function* (
  kind: "folder" | "redis",
  path: string
): Effect.fn.Return<Process, never, Scope.Scope> {
  const said = new Inbox<string>("a member of the fleet")
  const child = yield* Child.start(process.execPath, ["--conditions=@effect-foolscap/source", program, kind, path], {
    heard: said.offer,
    politely: "SIGTERM"
  })
  const end = (signal: NodeJS.Signals) =>
    Effect.suspend(() => {
      child.signal(signal)
      return Effect.asVoid(child.ended)
    })
  const { hint, tubId } = fromLine(yield* said.take("that it is ready", (line): line is string => line.startsWith("{")))
  return { tubId, hint, stop: end("SIGTERM"), kill: end("SIGKILL") }
})
