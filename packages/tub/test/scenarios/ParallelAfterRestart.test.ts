/** No scenario of Foolscap's: its Master accepts every attempt here, and the dial is left with a link that was replaced. */
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { high, low, port } from "../Network.ts"
import { assertStands, start } from "./Process.ts"

/** A way on which what the other end says under TLS takes this long. */
const late = (transport: PlainTransport, lag: number): PlainTransport => ({
  ...transport,
  startTls: (options) =>
    Effect.map(transport.startTls(options), (secure) => ({
      ...secure,
      pull: Effect.flatMap(secure.pull, (bytes) => Effect.delay(Effect.succeed(bytes), lag))
    }))
})

describe("A dial of several hints that knew an earlier run of the Master", () => {
  for (const [a, b] of [
    [10, 10],
    [10, 15],
    [10, 25],
    [0, 0],
    [2000, 3000]
  ] as const) {
    it.effect(`ends with a link that stands, of answers that take ${a} and ${b} ms (N22)`, () =>
      Effect.gen(function* () {
        const [before, there] = [yield* port, yield* port]
        yield* (yield* start(high)).listen(before)
        yield* (yield* start(high)).listen(there)
        const places = {
          "tcp:before:1": before.place,
          "tcp:a:1": Effect.map(there.place, (transport) => late(transport, a)),
          "tcp:b:1": Effect.map(there.place, (transport) => late(transport, b))
        }
        const { dial } = yield* start(low, places)
        yield* Effect.scoped(dial(high, "tcp:before:1"))
        const dialling = yield* Effect.forkChild(dial(high, "tcp:a:1", "tcp:b:1"))
        yield* TestClock.adjust("20 seconds")
        yield* assertStands((yield* Fiber.join(dialling)).connection)
      })
    )
  }
})
