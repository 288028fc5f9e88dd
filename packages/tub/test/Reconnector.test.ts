import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import { TestClock } from "effect/testing"
import { high, low } from "./Network.ts"
import { keep, linkOf, settled, start, target, town } from "./ReconnectorTown.ts"

const closeAtOnce = () => Effect.void

/** A logger, and the texts that it was given. */
const log = () => {
  const logged: Array<ReadonlyArray<unknown>> = []
  const texts = (message: unknown) => [message].flat().filter((each) => typeof each === "string")
  return { layer: Logger.layer([Logger.make(({ message }) => logged.push(texts(message)))]), logged }
}

/** The times at which this began. */
const timesOf = (states: ReadonlyArray<readonly [number, string]>, state: string) =>
  states.flatMap(([time, each]) => (each === state ? [time] : []))

describe("A Reconnector", () => {
  it.effect("tries at once, then after Foolscap's delays, and tells how far it has come at each place", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const there = yield* start(network, "there", high)
        const here = yield* start(network, "here", low)
        const { states } = yield* keep(here, { to: target("tcp:there:1", "tor:x.onion:1") })
        yield* TestClock.adjust("10 seconds")
        yield* there.listen(1)
        yield* TestClock.adjust("10 seconds")
        const attempt = (time: number): ReadonlyArray<readonly [number, string]> => [
          [time, "connecting"],
          [time, "connecting tcp:there:1? tor:x.onion:1 UnknownHint"]
        ]
        assert.deepStrictEqual(states, [
          ...attempt(0),
          [20, "connecting tcp:there:1 Unreachable tor:x.onion:1 UnknownHint"],
          [20, "waiting until 2738 after ConnectError"],
          ...attempt(2738),
          [2758, "connecting tcp:there:1 Unreachable tor:x.onion:1 UnknownHint"],
          [2758, "waiting until 10147 after ConnectError"],
          ...attempt(10_147),
          [10_167, "connecting tcp:there:1! tor:x.onion:1 UnknownHint"],
          [10_227, "connected"]
        ])
      })
    )
  )

  it.effect("makes another link 1 second after it has lost one, and runs the handler once for each", () =>
    town(
      Effect.fnUntraced(function* (network) {
        yield* (yield* start(network, "there", high)).listen(1)
        const { handled, state, states } = yield* keep(yield* start(network, "here", low))
        for (const time of [1, 2, 3]) {
          yield* TestClock.adjust("10 seconds")
          assert.strictEqual(handled.length, time)
          assert.strictEqual(handled.at(-1), yield* linkOf(state))
          yield* network.reset("here", "there")
        }
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(settled(states), [
          [80, "connected"],
          [10_000, "waiting until 11000 after Lost"],
          [11_080, "connected"],
          [20_000, "waiting until 21000 after Lost"],
          [21_080, "connected"],
          [30_000, "waiting until 31000 after Lost"],
          [31_080, "connected"]
        ])
      })
    )
  )

  it.effect("waits 1 second, too, for a Tub that closes every link at once", () =>
    town(
      Effect.fnUntraced(function* (network) {
        yield* (yield* start(network, "there", high)).listen(1, closeAtOnce)
        const { handled } = yield* keep(yield* start(network, "here", low))
        yield* TestClock.adjust("1 minute")
        assert.isAtMost(handled.length, 60)
        assert.isAbove(handled.length, 50)
      })
    )
  )

  it.effect("ends the handler when the link has ended, and tries again when that is done", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const log: Array<readonly [string, number]> = []
        const note = (what: string) => Effect.map(Clock.currentTimeMillis, (time) => log.push([what, time]))
        const connected = ({ seqnum }: NegotiatedConnection) =>
          note(`begun ${seqnum}`).pipe(
            Effect.andThen(Effect.addFinalizer(() => note(`closed ${seqnum}`))),
            Effect.andThen(Effect.never),
            // At the end of the test the clock stands still.
            Effect.onInterrupt(() =>
              seqnum === 1 ? Effect.andThen(Effect.sleep("5 seconds"), note("ended 1")) : Effect.void
            )
          )
        yield* (yield* start(network, "there", high)).listen(1)
        yield* keep(yield* start(network, "here", low), { connected })
        yield* TestClock.adjust("10 seconds")
        yield* network.reset("here", "there")
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(log, [
          ["begun 1", 80],
          ["ended 1", 15_000],
          ["closed 1", 15_000],
          ["begun 2", 16_080]
        ])
      })
    )
  )

  it.effect("keeps the link, and what the handler has opened, when the handler has ended", () =>
    town(
      Effect.fnUntraced(function* (network) {
        let open = 0
        const connected = () =>
          Effect.asVoid(
            Effect.acquireRelease(
              Effect.sync(() => open++),
              () => Effect.sync(() => open--)
            )
          )
        const { links } = yield* (yield* start(network, "there", high)).listen(1)
        yield* keep(yield* start(network, "here", low), { connected })
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(open, 1)
        assert.strictEqual(yield* Queue.size(links), 1)
        assert.isFalse(yield* (yield* Queue.take(links)).hasEnded)
        yield* network.reset("here", "there")
        yield* TestClock.adjust("500 millis")
        assert.strictEqual(open, 0)
      })
    )
  )

  it.effect("keeps the link when the handler dies, and says so in the log", () => {
    const { layer, logged } = log()
    return town(
      Effect.fnUntraced(function* (network) {
        yield* (yield* start(network, "there", high)).listen(1)
        const { state } = yield* keep(yield* start(network, "here", low), { connected: () => Effect.die("a bug") })
        yield* TestClock.adjust("1 minute")
        assert.isFalse(yield* (yield* linkOf(state)).hasEnded)
        assert.deepInclude(logged, ["the handler of a link died"])
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("says so in the log when it dies itself, of a defect in its Schedule", () => {
    const { layer, logged } = log()
    return town(
      Effect.fnUntraced(function* (network) {
        const schedule = Schedule.fromStep(Effect.succeed(() => Effect.die("a bug")))
        yield* keep(yield* start(network, "here", low), { schedule })
        yield* TestClock.adjust("1 minute")
        assert.deepInclude(logged, ["a Reconnector died"])
      })
    ).pipe(Effect.provide(layer))
  })

  it.effect("gets through a partition, of which a dial that began in it makes use as soon as it is over", () =>
    town(
      Effect.fnUntraced(function* (network) {
        yield* (yield* start(network, "there", high)).listen(1)
        yield* network.partition("here", "there")
        const { states } = yield* keep(yield* start(network, "here", low))
        yield* TestClock.adjust("10 minutes")
        yield* network.heal("here", "there")
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(timesOf(states, "connected"), [600_080])
      })
    )
  )
})
