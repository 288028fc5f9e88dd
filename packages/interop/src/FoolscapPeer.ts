/**
 * FoolscapPeer: a Tub of Python's Foolscap in a process of its own. `python/peer.py` says what it does and reports.
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Child from "./Child.ts"
import { Inbox } from "./Inbox.ts"

/** Debian's interpreter, the one that sees `python3-foolscap`. */
export const python = "/usr/bin/python3"

const program = fileURLToPath(new URL("../python/peer.py", import.meta.url))

// Foolscap's error class, and its own words.
const described = { error: Schema.String, text: Schema.String }

const where = { side: Schema.Literals(["client", "server"]), hint: Schema.NullOr(Schema.String) }

const Event = Schema.Union([
  Schema.Struct({
    event: Schema.tag("ready"),
    tubId: TubId,
    port: Schema.Int,
    incarnation: Schema.String,
    foolscap: Schema.String
  }),
  Schema.Struct({ event: Schema.tag("asking"), peer: TubId, hint: Schema.String }),
  Schema.Struct({ event: Schema.tag("reached") }),
  Schema.Struct({ event: Schema.tag("stalled") }),
  Schema.Struct({
    event: Schema.tag("connected"),
    ...where,
    peer: TubId,
    role: Schema.Literals(["Master", "NonMaster"]),
    seqnum: Schema.Int,
    tls: Schema.String,
    banana: Schema.Int,
    vocabulary: Schema.Int,
    port: Schema.Int
  }),
  Schema.Struct({ event: Schema.tag("failed"), ...where, phase: Schema.String, ...described }),
  Schema.Struct({ event: Schema.tag("unreachable"), peer: Schema.String, ...described }),
  Schema.Struct({ event: Schema.tag("unanswered"), ...described }),
  Schema.Struct({ event: Schema.tag("told"), peer: TubId, text: Schema.String }),
  Schema.Struct({ event: Schema.tag("ended"), peer: TubId, ...described }),
  Schema.Struct({ event: Schema.tag("closed"), peer: TubId, ...described }),
  Schema.Struct({ event: Schema.tag("sent"), peer: TubId, hex: Schema.String }),
  Schema.Struct({
    event: Schema.tag("settled"),
    links: Schema.Array(Schema.Struct({ peer: TubId, port: Schema.Int }))
  })
])

const fromLine = Schema.decodeSync(Schema.fromJsonString(Event))

/** Something that a Foolscap Tub reports. */
export type Event = typeof Event.Type

/** What it can be told to do. */
export type Command =
  | { readonly do: "dial" | "redial"; readonly tubId: TubId; readonly hints: ReadonlyArray<string> }
  | { readonly do: "reference"; readonly furl: string }
  | { readonly do: "close" | "sent"; readonly peer: TubId }
  | { readonly do: "settle" | "forget" }

/** How to make a Tub that differs from what Foolscap makes by itself; the options of `python/peer.py`. */
export interface Options {
  /** Read if it exists, otherwise written by Foolscap. Without it the identity lives in memory. */
  readonly pem?: string
  readonly tls?: "TLSv1.2" | "TLSv1.3"
  readonly versions?: readonly [number, number]
  readonly claim?: TubId
  readonly any?: boolean
  readonly patient?: boolean
  readonly eager?: boolean
  /** What it says in every block; with an empty value, what it leaves out. */
  readonly says?: Readonly<Record<string, string>>
  readonly bare?: boolean
  readonly stall?: "connectionMade" | "sendPlaintextServer"
}

/** A running Foolscap Tub. */
export interface FoolscapPeer {
  readonly tubId: TubId
  readonly incarnation: string
  readonly port: number
  /** Its own location hint. */
  readonly hint: string
  readonly tell: (command: Command) => void
  /** The next event of this kind, whatever else was reported before it. */
  readonly next: <K extends Event["event"]>(kind: K) => Effect.Effect<Extract<Event, { readonly event: K }>>
  /** What it reports of everything it has begun so far, until nothing of that is under way any more. */
  readonly settled: Effect.Effect<ReadonlyArray<Event>>
  /** Whether an event of this kind waits to be taken. */
  readonly has: (kind: Event["event"]) => boolean
  /** Ends the process without letting it say anything, as a crash does. */
  readonly kill: Effect.Effect<void>
}

/** Starts a Foolscap Tub that listens on a port of 127.0.0.1. It ends with the Scope. */
export const start = Effect.fnUntraced(function* (
  options: Options = {}
): Effect.fn.Return<FoolscapPeer, never, Scope.Scope> {
  const said = new Inbox<Event | string>("Foolscap")
  const child = yield* Child.start(python, ["-B", program, ...argumentsOf(options)], {
    // A traceback on stderr is kept as text, for the error of whoever waits in vain.
    heard: (line, stream) => said.offer(stream === "stdout" ? fromLine(line) : line)
  })
  const next: FoolscapPeer["next"] = (kind) =>
    said.take(kind, (event): event is Extract<Event, { readonly event: typeof kind }> => isOf(kind, event))
  const { incarnation, port, tubId } = yield* next("ready")
  return {
    tubId,
    incarnation,
    port,
    hint: `tcp:127.0.0.1:${port}`,
    tell: (command) => child.send(JSON.stringify(command)),
    next,
    settled: Effect.suspend(() => {
      child.send(JSON.stringify({ do: "settle" }))
      return Effect.map(
        said.takeUntil("settled", (event) => isOf("settled", event)),
        (events) => events.filter((event) => typeof event !== "string")
      )
    }),
    has: (kind) => said.has((event) => isOf(kind, event)),
    kill: Effect.suspend(() => {
      child.signal("SIGKILL")
      return Effect.asVoid(child.ended)
    })
  }
})

const isOf = (kind: Event["event"], event: Event | string) => typeof event !== "string" && event.event === kind

const argumentsOf = (options: Options): ReadonlyArray<string> => {
  const { any, bare, claim, eager, patient, pem, says, stall, tls, versions } = options
  return [
    ...(pem === undefined ? [] : ["--pem", pem]),
    ...(tls === undefined ? [] : ["--tls", tls]),
    ...(versions === undefined ? [] : ["--versions", ...versions.map(String)]),
    ...(claim === undefined ? [] : ["--claim", claim]),
    ...(any === true ? ["--any"] : []),
    ...(patient === true ? ["--patient"] : []),
    ...(eager === true ? ["--eager"] : []),
    ...Object.entries(says ?? {}).flatMap(([key, value]) => ["--say", `${key}=${value}`]),
    ...(bare === true ? ["--bare"] : []),
    ...(stall === undefined ? [] : ["--stall", stall])
  ]
}
