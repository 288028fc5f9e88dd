/** Two hosts of a simulated network, and conversations between them on virtual time. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import type { Passage } from "../../src/testing/simulated/Route.ts"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import type { Transport } from "../../src/Transport.ts"

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Hosts `a` and `b`, 10 ms apart. */
export const network = (options?: Partial<Parameters<typeof SimulatedNetwork.make>[0]>) =>
  SimulatedNetwork.make({ hosts: ["a", "b"], seed: 1, way: { latency: "10 millis" }, ...options })

/** Runs an effect for as long as `duration`, and gives what it came to. */
export const within = <A, E, R>(duration: Parameters<typeof TestClock.adjust>[0], effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust(duration)
    return yield* Fiber.join(fiber)
  })

/** A connection from `a` to `b`. */
export const meet = Effect.fnUntraced(function* (net: SimulatedNetwork.SimulatedNetwork) {
  const port = yield* Effect.orDie(net.listen("b", 0))
  const connecting = Effect.orDie(net.connect("a", port.address))
  const [client, server] = yield* within("1 second", Effect.all([connecting, port.arrival], { concurrency: 2 }))
  return { client, server }
})

/** What a reader finds, and how it ends if it does. */
export interface Heard {
  text: string
  end: string | undefined
}

/** Reads a transport for the rest of the Scope. */
export const listenTo = (transport: Transport): Effect.Effect<Heard, never, Scope.Scope> => {
  const heard: Heard = { text: "", end: undefined }
  const decoder = new TextDecoder()
  const note = (bytes: Uint8Array) => void (heard.text += decoder.decode(bytes, { stream: true }))
  return Effect.forever(Effect.map(transport.pull, note)).pipe(
    Effect.catch(({ kind }) => Effect.sync(() => void (heard.end = kind))),
    Effect.forkScoped({ startImmediately: true }),
    Effect.as(heard)
  )
}

/** One line for each segment. */
export const format = ({ at, connection, fate, from, segment, to }: Passage): string =>
  `${at} ${connection} ${from}>${to} ${typeof segment === "string" ? segment : textOf(segment)} ${fate}`
