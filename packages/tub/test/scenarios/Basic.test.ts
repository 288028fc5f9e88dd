import { Deadline } from "@effect-foolscap/negotiation/NegotiationService"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import { high, low, port } from "../Network.ts"
import { assertAlive, briefly, start } from "./Process.ts"

describe("Two Tubs", () => {
  // Foolscap: Basic.testOptions
  it.effect("each go by the settings they were made with", () =>
    Effect.gen(function* () {
      const [patient, hasty] = [yield* port, yield* port]
      const waiting = yield* (yield* start(high)).listen(patient)
      const settings = Effect.provideService(Deadline, Duration.seconds(12))
      const hurrying = yield* (yield* settings(start(low))).listen(hasty)
      yield* patient.place
      yield* hasty.place
      yield* TestClock.adjust("11999 millis")
      assert.strictEqual(yield* Queue.size(hurrying.failures), 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(briefly(yield* Queue.take(hurrying.failures)), "Plaintext DeadlineExceeded")
      yield* TestClock.adjust("107999 millis")
      assert.strictEqual(yield* Queue.size(waiting.failures), 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(briefly(yield* Queue.take(waiting.failures)), "Plaintext DeadlineExceeded")
    })
  )

  for (const [client, server, role] of [
    [low, high, "NonMaster"],
    [high, low, "Master"]
  ] as const) {
    // Foolscap: Basic.testAuthenticated
    it.effect(`know who the other is once one has dialled the other (${role} dials)`, () =>
      Effect.gen(function* () {
        const there = yield* port
        const { links } = yield* (yield* start(server)).listen(there)
        const { dial } = yield* start(client, { "tcp:there:1": there.place })
        const { connection } = yield* dial(server)
        const answered = yield* Queue.take(links)
        assert.strictEqual(connection.role, role)
        assert.deepStrictEqual([connection.peer, answered.peer], [server.tubId, client.tubId])
        yield* assertAlive(connection, answered)
      })
    )
  }
})
