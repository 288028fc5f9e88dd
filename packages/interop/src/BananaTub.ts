/**
 * BananaTub: a Foolscap Tub whose link speaks Banana, in a process of its own. `python/banana_tub.py` says what it does.
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Child from "./Child.ts"
import { python } from "./FoolscapPeer.ts"
import { Inbox } from "./Inbox.ts"

const program = fileURLToPath(new URL("../python/banana_tub.py", import.meta.url))

const Event = Schema.Union([
  Schema.Struct({ event: Schema.tag("ready"), tubId: TubId, port: Schema.Int }),
  Schema.Struct({ event: Schema.tag("connected"), peer: TubId }),
  Schema.Struct({ event: Schema.tag("told"), text: Schema.String }),
  Schema.Struct({ event: Schema.tag("ended"), error: Schema.String, text: Schema.String }),
  Schema.Struct({ event: Schema.tag("idled"), sent: Schema.String, heard: Schema.String })
])

// Everything else that `peer.py` reports is of no interest here.
const fromLine = Schema.decodeSync(
  Schema.fromJsonString(Schema.Union([Event, Schema.Struct({ event: Schema.String })]))
)

type Event = typeof Event.Type
type Said = ReturnType<typeof fromLine> | string

/** What it can be told to do. */
export type Command =
  | { readonly do: "dial"; readonly tubId: TubId; readonly hints: ReadonlyArray<string> }
  | { readonly do: "say"; readonly peer: TubId; readonly hex: string }
  | { readonly do: "idle"; readonly peer: TubId; readonly asked: number; readonly answered: number }
  | { readonly do: "stop" }

/** A running Foolscap Tub. */
export interface BananaTub {
  readonly tubId: TubId
  /** Its own location hint. */
  readonly hint: string
  readonly tell: (command: Command) => void
  /** The next event of this kind, whatever else was reported before it. */
  readonly next: <K extends Event["event"]>(kind: K) => Effect.Effect<Extract<Event, { readonly event: K }>>
  /** Whether its link has ended. */
  readonly hasEnded: () => boolean
  /** Stops the process without letting it notice. */
  readonly freeze: Effect.Effect<void>
  /** Ends the process without letting it say anything, as a crash does. */
  readonly kill: Effect.Effect<void>
}

/** Starts one that listens on a port of 127.0.0.1, with these timeouts in seconds. It ends with the Scope. */
export const start = Effect.fnUntraced(function* (
  timeouts: { readonly keepalive?: number; readonly disconnect?: number } = {}
): Effect.fn.Return<BananaTub, never, Scope.Scope> {
  const said = new Inbox<Said>("Foolscap")
  const options = Object.entries(timeouts).flatMap(([name, seconds]) => [`--${name}`, String(seconds)])
  const child = yield* Child.start(python, ["-B", program, ...options], {
    heard: (line, stream) => said.offer(stream === "stdout" ? fromLine(line) : line)
  })
  const next: BananaTub["next"] = (kind) =>
    said.take(kind, (event): event is Extract<Event, { readonly event: typeof kind }> => isOf(kind, event))
  const { port, tubId } = yield* next("ready")
  // What is frozen cannot end by itself.
  yield* Effect.addFinalizer(() => Effect.sync(() => child.signal("SIGCONT")))
  return {
    tubId,
    hint: `tcp:127.0.0.1:${port}`,
    tell: (command) => child.send(JSON.stringify(command)),
    next,
    hasEnded: () => said.has((event) => isOf("ended", event)),
    freeze: Effect.sync(() => child.signal("SIGSTOP")),
    kill: Effect.suspend(() => {
      child.signal("SIGKILL")
      return Effect.asVoid(child.ended)
    })
  }
})

const isOf = (kind: Event["event"], event: Said) => typeof event !== "string" && event.event === kind
