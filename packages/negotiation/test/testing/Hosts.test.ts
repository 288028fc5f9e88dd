import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import { TestClock } from "effect/testing"
import * as Connection from "../../src/testing/simulated/Connection.ts"
import { Hosts } from "../../src/testing/simulated/Hosts.ts"
import { Timeline } from "../../src/testing/simulated/Timeline.ts"

const port = { host: "b", port: 1 }

const makeHosts = Effect.gen(function* () {
  const timeline = yield* Timeline.make
  const random = yield* Random.withSeed(Random.Random, 1)
  const conditions = { latency: 10, jitter: 0, chunk: undefined, forgetAfter: undefined }
  return new Hosts({ hosts: ["a", "b"], conditions, timeline, random, observe: undefined })
})

const attempt = (hosts: Hosts) =>
  Effect.scoped(
    Connection.open(
      hosts.connection("a", port),
      () => hosts.listener(port),
      () => "refused"
    )
  )

describe("Hosts", () => {
  it.effect("keep nothing of attempts that were refused", () =>
    Effect.gen(function* () {
      const hosts = yield* makeHosts
      for (let earlier = 0; earlier < 3; earlier++) {
        const refused = yield* Effect.forkChild(Effect.flip(attempt(hosts)))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Fiber.join(refused), "refused")
      }
      hosts.connection("a", port)
      assert.lengthOf(hosts.between("a", "b"), 1)
    })
  )

  it.effect("keep nothing of attempts that were given up", () =>
    Effect.gen(function* () {
      const hosts = yield* makeHosts
      hosts.route("a", "b").isStalled = true
      for (let earlier = 0; earlier < 3; earlier++) {
        const hanging = yield* Effect.forkChild(attempt(hosts))
        yield* TestClock.adjust("1 second")
        yield* Fiber.interrupt(hanging)
      }
      hosts.connection("a", port)
      assert.lengthOf(hosts.between("a", "b"), 1)
    })
  )
})
