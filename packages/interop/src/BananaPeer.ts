/**
 * BananaPeer: Foolscap's own Banana in a process of its own. `python/banana.py` says what it is asked and answers.
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import { fileURLToPath } from "node:url"
import type { Wanted } from "./BananaConstraints.ts"
import type { Description } from "./BananaDescription.ts"
import * as Child from "./Child.ts"
import { python } from "./FoolscapPeer.ts"

const program = fileURLToPath(new URL("../python/banana.py", import.meta.url))

/** What was sent for one value. */
export interface Sent {
  readonly hex: string
  readonly failed?: { readonly error: string; readonly text: string }
}

/** What one stream of bytes is, and where it is cut into chunks. */
export interface Input {
  readonly table: 0 | 1
  readonly hex: string
  readonly cuts: ReadonlyArray<number>
  /** What its top-level objects have to be. */
  readonly wanted?: Wanted
}

/** Something that became of a stream once `at` bytes of it had been received. */
export type Event = { readonly at: number } & (
  | { readonly delivered: Description }
  | { readonly violation: Place }
  | { readonly ping: string }
  | { readonly told: string }
  | { readonly failed: Failure }
  | { readonly waiting: { readonly border: boolean } }
)

/** What is wrong, and where. */
export interface Place {
  readonly where: string
  readonly message: string
}

/** An end: the Python exception, what is wrong if it is one of Banana's own, and what the peer was told. */
export interface Failure {
  readonly error: string
  readonly text: string
  readonly broken: Place | null
  readonly reply: string | null
}

/** A running Foolscap. One question at a time. */
export interface BananaPeer {
  readonly encode: (
    table: 0 | 1,
    streams: ReadonlyArray<ReadonlyArray<Description>>
  ) => Effect.Effect<ReadonlyArray<ReadonlyArray<Sent>>>
  /** Of what Foolscap reads otherwise than it was sent, which `banana.py` names, nothing if it is `mended`. */
  readonly decode: (
    inputs: ReadonlyArray<Input>,
    mended?: "mended"
  ) => Effect.Effect<ReadonlyArray<ReadonlyArray<Event>>>
}

/** Starts it. It ends with the Scope. */
export const start: Effect.Effect<BananaPeer, never, Scope.Scope> = Effect.gen(function* () {
  const answers = yield* Queue.unbounded<string>()
  const complaints: Array<string> = []
  // Without a seed of its own, each run would put the members of sets in another order.
  const child = yield* Child.start("/usr/bin/env", ["PYTHONHASHSEED=0", python, "-B", program], {
    heard: (line, stream) => void (stream === "stdout" ? Queue.offerUnsafe(answers, line) : complaints.push(line))
  })
  const ask = (question: object): Effect.Effect<unknown> =>
    Effect.suspend(() => {
      child.send(JSON.stringify(question))
      return Queue.take(answers).pipe(
        Effect.raceFirst(
          Effect.flatMap(child.ended, () => Effect.die(new Error(`Foolscap has ended: ${complaints.join("\n")}`)))
        )
      )
    }).pipe(Effect.map((line) => JSON.parse(line)))
  // Both answers are what banana.py writes; checking every one of thousands would take longer than making them.
  return {
    encode: (table, streams) =>
      Effect.map(
        ask({ do: "encode", table, streams }),
        (answer) => (answer as { streams: ReadonlyArray<ReadonlyArray<Sent>> }).streams
      ),
    decode: (inputs, mended) =>
      Effect.map(
        ask({ do: "decode", inputs, mended: mended !== undefined }),
        (answer) => (answer as { outputs: ReadonlyArray<ReadonlyArray<Event>> }).outputs
      )
  }
})
