/** Nobody: a client without a certificate, in a process of its own. `python/nobody.py` says what it does and reports. */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import * as Child from "./Child.ts"
import { python } from "./FoolscapPeer.ts"
import { Inbox } from "./Inbox.ts"

const program = fileURLToPath(new URL("../python/nobody.py", import.meta.url))

const Event = Schema.Union([
  Schema.Struct({ event: Schema.tag("answered"), line: Schema.String }),
  Schema.Struct({ event: Schema.tag("block"), lines: Schema.Array(Schema.String) }),
  Schema.Struct({ event: Schema.tag("closed") })
])
type Event = typeof Event.Type

const fromLine = Schema.decodeSync(Schema.fromJsonString(Event))

/** A running client. */
export interface Nobody {
  /** The lines of the next block that it is told. */
  readonly block: Effect.Effect<ReadonlyArray<string>>
  /** Succeeds when the server has closed the connection. */
  readonly closed: Effect.Effect<void>
}

/** What a Hello says that claims nothing. */
export const hello = ["banana-negotiation-range: 3 3", "initial-vocab-table-range: 0 1"]

/** Connects to a port of 127.0.0.1, asks for this Tub, and says these lines as its Hello. */
export const dial = Effect.fnUntraced(function* (
  port: number,
  tubId: TubId,
  hello: ReadonlyArray<string>
): Effect.fn.Return<Nobody, never, Scope.Scope> {
  const said = new Inbox<Event | string>("nobody")
  yield* Child.start(python, [program, String(port), tubId, ...hello], {
    heard: (line, stream) => said.offer(stream === "stdout" ? fromLine(line) : line)
  })
  const next = <K extends Event["event"]>(kind: K) =>
    said.take(
      kind,
      (event): event is Extract<Event, { readonly event: K }> => typeof event !== "string" && event.event === kind
    )
  return {
    block: Effect.map(next("block"), ({ lines }) => lines),
    closed: Effect.asVoid(next("closed"))
  }
})
