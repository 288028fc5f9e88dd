import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { TestClock } from "effect/testing"
import { high, low } from "./Network.ts"
import { keep, linkOf, settled, start, target, town } from "./ReconnectorTown.ts"

describe("Reconnector.reset", () => {
  it.effect("makes the next attempt 1 second from now, and the delays grow anew behind it", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { reset, states } = yield* keep(yield* start(network, "here", low))
        yield* TestClock.adjust("15 seconds")
        yield* reset
        yield* TestClock.adjust("15 seconds")
        assert.deepStrictEqual(settled(states), [
          [20, "waiting until 2738 after ConnectError"],
          [2758, "waiting until 10147 after ConnectError"],
          [10_167, "waiting until 30253 after ConnectError"],
          [15_000, "waiting until 16000 after ConnectError"],
          [16_020, "waiting until 18738 after ConnectError"],
          [18_758, "waiting until 26147 after ConnectError"],
          [26_167, "waiting until 46253 after ConnectError"]
        ])
      })
    )
  )

  it.effect("puts off the next attempt where it was less than 1 second away, each time", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { reset, states } = yield* keep(yield* start(network, "here", low))
        for (const _ of [1, 2, 3]) {
          yield* TestClock.adjust("900 millis")
          yield* reset
        }
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(settled(states), [
          [20, "waiting until 2738 after ConnectError"],
          [900, "waiting until 1900 after ConnectError"],
          [1800, "waiting until 2800 after ConnectError"],
          [2700, "waiting until 3700 after ConnectError"]
        ])
      })
    )
  )

  it.effect("leaves an attempt alone, and the delays grow anew behind it", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { reset, states } = yield* keep(yield* start(network, "here", low))
        yield* TestClock.adjust("2748 millis")
        assert.deepStrictEqual(states.at(-1), [2738, "connecting tcp:there:1?"])
        yield* reset
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(settled(states), [
          [20, "waiting until 2738 after ConnectError"],
          [2758, "waiting until 5476 after ConnectError"]
        ])
      })
    )
  )

  it.effect("leaves the link alone, and so the wait behind it", () =>
    town(
      Effect.fnUntraced(function* (network) {
        yield* (yield* start(network, "there", high)).listen(1)
        const { handled, reset, state, states } = yield* keep(yield* start(network, "here", low))
        yield* TestClock.adjust("10 seconds")
        yield* reset
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(handled, [yield* linkOf(state)])
        yield* network.reset("here", "there")
        yield* TestClock.adjust("500 millis")
        assert.deepStrictEqual(states.at(-1), [20_000, "waiting until 21000 after Lost"])
      })
    )
  )

  it.effect("begins once more, at once, where it had given up", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { reset, states } = yield* keep(yield* start(network, "here", low), { to: target() })
        yield* TestClock.adjust("1 hour")
        yield* reset
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(states.slice(-2), [
          [3_600_000, "connecting"],
          [3_600_000, "gave up after ConnectError"]
        ])
      })
    )
  )
})
