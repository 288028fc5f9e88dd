/**
 * How long a Reconnector waits before it tries again, as Foolscap does it.
 *
 * Other Schedules do as well: each link begins its Schedule anew, so it counts what went wrong since the last link.
 *
 * ```ts
 * import { Schedule } from "effect"
 *
 * // Every ten seconds, and not for ever.
 * export const tenTimes = Schedule.spaced("10 seconds").pipe(Schedule.upTo({ times: 10 }))
 * ```
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type { Setback } from "./ReconnectorState.ts"

/**
 * How long a Reconnector waits after the loss of a link, and after `reset`: 1 second, Foolscap's figure.
 *
 * @category constants
 * @since 0.1.0
 */
export const initialDelay: Duration.Duration = Duration.seconds(1)

/**
 * Up to where the delay grows, before chance is added: an hour, Foolscap's figure.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxDelay: Duration.Duration = Duration.hours(1)

// Foolscap's figures, by way of Twisted's ReconnectingClientFactory.
const factor = Math.E
const jitter = 0.11962656492

/**
 * Foolscap's delays, for ever: 1 second after the loss of a link. After each failed attempt e times the delay before, at most
 * `maxDelay`, with a normally distributed deviation of 12 % (0.11962656492, one sigma) from that, which the next delay grows
 * from. Without the deviation these are 2.7 s, 7.4 s, 20 s, 55 s, 2 min 28 s, 6 min 43 s, 18 min, 50 min, and an hour from
 * then on.
 *
 * Here a delay is never shorter than `initialDelay`. In Foolscap chance may, once in ten million times, make it shorter,
 * and even negative.
 *
 * @category constructors
 * @since 0.1.0
 */
export const foolscap: Schedule.Schedule<Duration.Duration, Setback> = Schedule.fromStep(
  Effect.sync(() => {
    const [least, most] = [Duration.toSeconds(initialDelay), Duration.toSeconds(maxDelay)]
    let delay = least
    const grown = Effect.map(deviation, (sigmas) => {
      const mean = Math.min(delay * factor, most)
      return Math.max(least, mean * (1 + jitter * sigmas))
    })
    return (_now, setback) =>
      Effect.map(setback._tag === "ConnectError" ? grown : Effect.succeed(least), (next) => {
        delay = next
        const wait = Duration.millis(Math.round(next * 1000))
        return [wait, wait]
      })
  })
)

/** How many sigmas from the mean: Box and Muller's way to a normal distribution. */
const deviation: Effect.Effect<number> = Effect.map(
  Effect.all([Random.next, Random.next]),
  ([radius, angle]) =>
    // `next` may be 0 and is never 1.
    Math.sqrt(-2 * Math.log(1 - radius)) * Math.cos(2 * Math.PI * angle)
)
