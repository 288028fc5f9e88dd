import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import type { TubIdentity } from "../../src/TubIdentity.ts"
import { high, low, port } from "../Network.ts"
import { type Stall, stalled } from "./Line.ts"
import { assertAlive, assertStands, briefly, reasonsOf, start } from "./Process.ts"

/** Two Tubs with a port each. Whoever connects to the port of the first stalls. */
const twoTubs = Effect.fnUntraced(function* (first: TubIdentity, second: TubIdentity, what: Stall) {
  const latch = yield* Latch.make()
  const [ofFirst, ofSecond] = [yield* port, yield* port]
  const places = { "tcp:second:1": ofSecond.place }
  const one = yield* start(first, places)
  const two = yield* start(second, { "tcp:first:1": ofFirst.place })
  const atOne = yield* one.listen(ofFirst, stalled(latch, what))
  const atTwo = yield* two.listen(ofSecond)
  return { one, two, atOne, atTwo, latch }
})

/**
 * The second Tub has dialled the first and stalls there; then the first dials the second, and that becomes the link.
 * In Foolscap the second's request is served by the link from there on. Here its dial goes on by itself until the Master
 * refuses it, whoever that is.
 */
const meet = Effect.fnUntraced(function* (first: TubIdentity, second: TubIdentity, what: Stall) {
  const { atOne, atTwo, latch, one, two } = yield* twoTubs(first, second, what)
  const stalling = yield* Effect.forkChild(Effect.flip(two.dial(first)))
  yield* TestClock.adjust("1 second")
  const { connection } = yield* one.dial(second)
  const answered = yield* Queue.take(atTwo.links)
  yield* TestClock.adjust("1 second")
  assert.isUndefined(stalling.pollUnsafe())

  yield* latch.open
  const refused = reasonsOf(yield* Fiber.join(stalling))
  const refusedThere = briefly(yield* Queue.take(atOne.failures))
  assert.strictEqual(yield* Queue.size(atOne.links), 0)
  yield* assertStands(connection)
  yield* assertStands(answered)
  yield* assertAlive(connection, answered)
  return [...refused, refusedThere]
})

describe("Two Tubs that dial each other", () => {
  for (const [master, first, second] of [
    ["second", low, high],
    ["first", high, low]
  ] as const) {
    const refusal =
      master === "second"
        ? ["Deciding DuplicateConnection", "Deciding PeerRefused"]
        : ["Deciding PeerRefused", "Deciding DuplicateConnection"]

    // Foolscap: CrossfireReverse.test1, Crossfire.test1
    it.effect(`have the second's link when the second does not listen (the ${master} is Master)`, () =>
      Effect.gen(function* () {
        const { atOne, latch, one, two } = yield* twoTubs(first, second, "reading the GET")
        const dialling = yield* Effect.forkChild(two.dial(first))
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(reasonsOf(yield* Effect.flip(one.dial(second, "tcp:nobody:1"))), ["Unreachable"])
        assert.isUndefined(dialling.pollUnsafe())
        yield* latch.open
        yield* assertAlive((yield* Fiber.join(dialling)).connection, yield* Queue.take(atOne.links))
      })
    )

    // Foolscap: CrossfireReverse.test2, Crossfire.test2
    it.effect(`have the first's link while the second's waits for its GET to be read (the ${master} is Master)`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* meet(first, second, "reading the GET"), refusal)
      })
    )

    // Foolscap: CrossfireReverse.test3, Crossfire.test3
    it.effect(`have the first's link while the second's waits for the 101 (the ${master} is Master)`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* meet(first, second, "answering the GET"), refusal)
      })
    )

    it.effect(`have the first's link while the second's waits for a Hello (the ${master} is Master)`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* meet(first, second, "sending its Hello"), refusal)
      })
    )
  }

  // Foolscap: Crossfire.test5
  it.effect("have the first's link while the second's waits for a Decision (the first is Master)", () =>
    Effect.gen(function* () {
      const refusal = ["Deciding PeerRefused", "Deciding DuplicateConnection"]
      assert.deepStrictEqual(yield* meet(high, low, "reading the Hello"), refusal)
    })
  )

  it.effect("have the second's link once the second has decided, though the first has not heard of it", () =>
    Effect.gen(function* () {
      const { atOne, atTwo, latch, one, two } = yield* twoTubs(low, high, "reading the Hello")
      const { connection } = yield* two.dial(low)
      assert.deepStrictEqual(reasonsOf(yield* Effect.flip(one.dial(high))), ["Deciding PeerRefused"])
      assert.strictEqual(briefly(yield* Queue.take(atTwo.failures)), "Deciding DuplicateConnection")
      yield* latch.open
      yield* assertStands(connection)
      yield* assertAlive(connection, yield* Queue.take(atOne.links))
    })
  )
})

describe("Two Tubs that are connected have one link when the other dials too, and it", () => {
  // In Foolscap such a dial is answered with the link that there is. Here it is negotiated.
  // Foolscap: Existing.testAuthenticated
  it.effect("is the one there was, where the Master dials second", () =>
    Effect.gen(function* () {
      const { atOne, atTwo, latch, one, two } = yield* twoTubs(low, high, "reading the GET")
      yield* latch.open
      const { connection } = yield* one.dial(high)
      assert.deepStrictEqual(reasonsOf(yield* Effect.flip(two.dial(low))), ["Deciding DuplicateConnection"])
      assert.strictEqual(briefly(yield* Queue.take(atOne.failures)), "Deciding PeerRefused")
      yield* assertStands(connection)
      yield* assertAlive(connection, yield* Queue.take(atTwo.links))
    })
  )

  it.effect("is the new one, where the NonMaster dials second: it knows the link, and comes again", () =>
    Effect.gen(function* () {
      const { atOne, atTwo, latch, one, two } = yield* twoTubs(high, low, "reading the GET")
      yield* latch.open
      const { connection: old } = yield* one.dial(low)
      const answered = yield* Queue.take(atTwo.links)
      const { connection } = yield* two.dial(high)
      assert.strictEqual((yield* old.ended)._tag, "Replaced")
      assert.strictEqual((yield* answered.ended)._tag, "Replaced")
      yield* assertAlive(connection, yield* Queue.take(atOne.links))
    })
  )
})
