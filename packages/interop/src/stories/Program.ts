/** Program: an application of ours in a process of its own. `main.ts` is the application. */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Child from "../Child.ts"
import { Inbox } from "../Inbox.ts"

const program = fileURLToPath(new URL("main.ts", import.meta.url))

/** What it can be told to do. */
export const Command = Schema.Union([
  /** Connects, and holds the link. */
  Schema.Struct({ do: Schema.tag("connect"), tubId: TubId, hints: Schema.Array(Schema.String) }),
  /** Says this on every link that it holds. */
  Schema.Struct({ do: Schema.tag("say"), text: Schema.String }),
  /** Holds no link any more. */
  Schema.Struct({ do: Schema.tag("release") }),
  /** Lists what keeps Node running. */
  Schema.Struct({ do: Schema.tag("list") }),
  /** Ends by itself. */
  Schema.Struct({ do: Schema.tag("end") })
])
export type Command = typeof Command.Type

const Linked = {
  peer: TubId,
  side: Schema.Literals(["client", "server"]),
  seqnum: Schema.UndefinedOr(Schema.Int),
  incarnations: Schema.Struct({ local: Schema.String, remote: Schema.UndefinedOr(Schema.String) })
}

/** What it reports. */
export const Event = Schema.Union([
  /** What keeps Node running: when asked, before there is a Tub, and when it is gone again. */
  Schema.Struct({ event: Schema.tag("resources"), resources: Schema.Array(Schema.String) }),
  Schema.Struct({ event: Schema.tag("ready"), tubId: TubId, port: Schema.Int }),
  /** Its Listener has a link. */
  Schema.Struct({ event: Schema.tag("arrived"), ...Linked }),
  /** It holds a link. `dialled` says whether it had somebody else on the line before it got that. */
  Schema.Struct({ event: Schema.tag("linked"), ...Linked, dialled: Schema.Boolean }),
  /** A place that it dials has answered. */
  Schema.Struct({ event: Schema.tag("negotiating"), hint: Schema.String }),
  Schema.Struct({ event: Schema.tag("failed"), message: Schema.String }),
  Schema.Struct({ event: Schema.tag("heard"), peer: TubId, text: Schema.String }),
  /** A link that it held has ended; once for each time that it was asked to connect. */
  Schema.Struct({ event: Schema.tag("ended"), peer: TubId, end: Schema.String })
])
export type Event = typeof Event.Type

const fromLine = Schema.decodeSync(Schema.fromJsonString(Event))

/** A running application. */
export interface Program {
  readonly tubId: TubId
  readonly port: number
  readonly hint: string
  /** What kept Node running before there was a Tub. */
  readonly resources: ReadonlyArray<string>
  readonly tell: (command: Command) => void
  /** The next event of this kind, whatever else was reported before it. */
  readonly next: <K extends Event["event"]>(kind: K) => Effect.Effect<Extract<Event, { readonly event: K }>>
  /** Whether an event of this kind waits to be taken. */
  readonly has: (kind: Event["event"]) => boolean
  readonly signal: Child.Child["signal"]
  readonly ended: Child.Child["ended"]
}

/** Starts it with this identity file, which it makes if there is none. It is stopped when the Scope closes. */
export const start = Effect.fnUntraced(function* (identity: string): Effect.fn.Return<Program, never, Scope.Scope> {
  const said = new Inbox<Event | string>("a program of ours")
  const { ended, send, signal } = yield* Child.start(
    process.execPath,
    ["--conditions=@effect-foolscap/source", program, identity],
    // What it logs is kept as text, for the error of whoever waits in vain.
    { heard: (line) => said.offer(line.startsWith("{") ? fromLine(line) : line), politely: "SIGTERM" }
  )
  const next: Program["next"] = (kind) =>
    said.take(kind, (event): event is Extract<Event, { readonly event: typeof kind }> => isOf(kind, event))
  const { resources } = yield* next("resources")
  const { port, tubId } = yield* next("ready")
  return {
    tubId,
    port,
    hint: `tcp:127.0.0.1:${port}`,
    resources,
    tell: (command) => send(JSON.stringify(command)),
    next,
    has: (kind) => said.has((event) => isOf(kind, event)),
    signal,
    ended
  }
})

const isOf = (kind: Event["event"], event: Event | string) => typeof event !== "string" && event.event === kind
