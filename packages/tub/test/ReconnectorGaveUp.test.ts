import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { TestClock } from "effect/testing"
import type { Setback } from "../src/ReconnectorState.ts"
import { high, low } from "./Network.ts"
import { keep, settled, start, target, town } from "./ReconnectorTown.ts"

describe("A Reconnector gives up", () => {
  for (const [reason, to] of [
    ["has no hints", target()],
    ["has only hints of kinds that nobody here knows", target("tor:a.onion:1", "i2p:b:1")]
  ] as const) {
    it.effect(`at once where a FURL ${reason}`, () =>
      town(
        Effect.fnUntraced(function* (network) {
          const { states } = yield* keep(yield* start(network, "here", low), { to })
          yield* TestClock.adjust("1 day")
          assert.deepStrictEqual(states.at(-1), [0, "gave up after ConnectError"])
        })
      )
    )
  }

  it.effect("when its Schedule ends, and not before", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const schedule = Schedule.upTo(Schedule.spaced("10 seconds"), { times: 2 })
        const { states } = yield* keep(yield* start(network, "here", low), { schedule })
        yield* TestClock.adjust("1 day")
        assert.deepStrictEqual(settled(states), [
          [20, "waiting until 10020 after ConnectError"],
          [10_040, "waiting until 20040 after ConnectError"],
          [20_060, "gave up after ConnectError"]
        ])
      })
    )
  )

  it.effect("when its Schedule has it wait for ever", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const schedule = Schedule.spaced(Duration.infinity)
        const { states } = yield* keep(yield* start(network, "here", low), { schedule })
        yield* TestClock.adjust("1 day")
        assert.deepStrictEqual(settled(states), [[20, "gave up after ConnectError"]])
      })
    )
  )

  it.effect("on account of what happened since the last link, not of what was before", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const there = yield* start(network, "there", high)
        const here = yield* start(network, "here", low)
        const { states } = yield* keep(here, { schedule: Schedule.upTo(Schedule.spaced("10 seconds"), { times: 1 }) })
        yield* TestClock.adjust("1 second")
        const { stop } = yield* there.listen(1)
        yield* TestClock.adjust("19 seconds")
        yield* Effect.forkChild(stop)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(settled(states), [
          [20, "waiting until 10020 after ConnectError"],
          [10_100, "connected"],
          [20_010, "waiting until 30010 after ClosedByPeer"],
          [30_030, "gave up after ConnectError"]
        ])
      })
    )
  )

  it.effect("or not, as its Schedule finds when it sees what has happened", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const schedule = Schedule.while(
          Schedule.identity<Setback>(),
          ({ input }) => input._tag !== "ConnectError"
        ).pipe(Schedule.addDelay(() => Effect.succeed("3 seconds")))
        const { stop } = yield* (yield* start(network, "there", high)).listen(1)
        const { states } = yield* keep(yield* start(network, "here", low), { schedule })
        yield* TestClock.adjust("10 seconds")
        yield* network.reset("here", "there")
        yield* TestClock.adjust("10 seconds")
        yield* Effect.forkChild(stop)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(settled(states), [
          [80, "connected"],
          [10_000, "waiting until 13000 after Lost"],
          [13_080, "connected"],
          [20_010, "waiting until 23010 after ClosedByPeer"],
          [23_030, "gave up after ConnectError"]
        ])
      })
    )
  )
})
