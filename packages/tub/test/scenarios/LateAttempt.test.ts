/** No scenario of Foolscap's, which asks what it remembers when a connection is open. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { high, low, port } from "../Network.ts"
import { assertStands, start } from "./Process.ts"

describe("An attempt whose place takes long to be reached", () => {
  it.effect("does not replace the link that came up since its dial began (N22)", () =>
    Effect.gen(function* () {
      const [near, far] = [yield* port, yield* port]
      const master = yield* start(high, { "tcp:near:1": near.place })
      yield* master.listen(far)
      const slave = yield* start(low, { "tcp:far:1": Effect.delay(far.place, "3 seconds") })
      yield* slave.listen(near)

      const late = yield* Effect.forkChild(Effect.flip(slave.dial(high, "tcp:far:1")))
      yield* TestClock.adjust("1 second")
      const { connection } = yield* master.dial(low, "tcp:near:1")
      yield* TestClock.adjust("10 seconds")

      assert.include((yield* Fiber.join(late)).message, "Duplicate connection")
      yield* assertStands(connection)
    })
  )
})
