import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { ConnectError } from "../src/ConnectError.ts"
import { foolscap } from "../src/ReconnectorSchedule.ts"
import type { Setback } from "../src/ReconnectorState.ts"
import { high } from "./Network.ts"

const failure = new ConnectError({ tubId: high.tubId, attempts: [] })
const loss = LinkEnd.ClosedByPeer()

// Foolscap's figures.
const sigma = 0.11962656492
const growth = 2.7182818284590451
const hour = 3_600_000

/** How long it waits after each of these, in milliseconds. */
const delaysAfter = Effect.fnUntraced(function* (setbacks: ReadonlyArray<Setback>) {
  const step = yield* Schedule.toStep(foolscap)
  return yield* Effect.forEach(setbacks, (setback) =>
    Effect.map(step(0, setback), ([, delay]) => Duration.toMillis(delay))
  )
})

/** Chance that draws these by turns. */
const drawing = (...draws: ReadonlyArray<number>) => {
  let drawn = 0
  return { nextIntUnsafe: () => 0, nextDoubleUnsafe: () => draws[drawn++ % draws.length] ?? 0 }
}
const times = <A>(count: number, value: A) => Array.from({ length: count }, () => value)

describe("Foolscap's delays", () => {
  it.effect("grow e-fold with every failure, up to an hour", () =>
    Effect.gen(function* () {
      const delays = yield* Effect.provideService(delaysAfter(times(11, failure)), Random.Random, drawing(0))
      assert.deepStrictEqual(delays, [
        2718,
        7389,
        20_086,
        54_598,
        148_413,
        403_429,
        1_096_633,
        2_980_958,
        hour,
        hour,
        hour
      ])
    })
  )

  it.effect("are 1 second after every loss, whatever was before and whatever chance says", () =>
    Effect.gen(function* () {
      const delays = yield* delaysAfter([loss, loss, ...times(5, failure), loss, LinkEnd.Replaced()])
      assert.deepStrictEqual([...delays.slice(0, 2), ...delays.slice(7)], [1000, 1000, 1000, 1000])
    })
  )

  it.effect("begin to grow anew after a loss", () =>
    Effect.gen(function* () {
      const setbacks = [failure, failure, loss, failure, failure]
      const delays = yield* Effect.provideService(delaysAfter(setbacks), Random.Random, drawing(0))
      assert.deepStrictEqual(delays, [2718, 7389, 1000, 2718, 7389])
    })
  )

  it.effect("grow from what chance has made of the last one", () =>
    Effect.gen(function* () {
      // The radius of one sigma, straight up, and then none.
      const chance = drawing(1 - Math.exp(-0.5), 0, 0, 0)
      const [first = 0, second = 0] = yield* Effect.provideService(
        delaysAfter([failure, failure]),
        Random.Random,
        chance
      )
      assert.strictEqual(first, Math.round(1000 * growth * (1 + sigma)))
      assert.approximately(second, first * growth, 2)
    })
  )

  it.effect("do not share what they have grown to", () =>
    Effect.gen(function* () {
      yield* delaysAfter(times(9, failure))
      assert.deepStrictEqual(yield* Effect.provideService(delaysAfter([failure]), Random.Random, drawing(0)), [2718])
    })
  )

  it.effect("are never shorter than 1 second, were chance as unkind as can be", () =>
    Effect.gen(function* () {
      // The longest radius that there is, straight down.
      const delays = yield* Effect.provideService(
        delaysAfter(times(20, failure)),
        Random.Random,
        drawing(1 - Number.EPSILON / 2, 0.5)
      )
      assert.isTrue(delays.every((delay) => delay === 1000))
    })
  )

  it.effect.prop("lie around an hour as a normal distribution does, and may exceed it", [Schema.Int], ([seed]) =>
    Effect.gen(function* () {
      const delays = yield* Random.withSeed(delaysAfter(times(2020, failure)), seed)
      const deviations = delays.slice(20).map((delay) => (delay / hour - 1) / sigma)
      const mean = deviations.reduce((sum, each) => sum + each, 0) / 2000
      const variance = deviations.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 2000
      const within = (sigmas: number) => deviations.filter((each) => Math.abs(each) < sigmas).length / 2000
      // Six standard errors of each figure.
      assert.approximately(mean, 0, 0.134)
      assert.approximately(variance, 1, 0.19)
      assert.approximately(within(1), 0.6827, 0.063)
      assert.approximately(within(2), 0.9545, 0.028)
      assert.isAbove(Math.max(...delays), hour)
    })
  )
})
