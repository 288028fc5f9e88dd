/**
 * A clock of one process that stands still until the explorer moves it.
 *
 * Each process has its own, so that time may pass for one side and not yet for the other, as it seems to a peer behind a
 * slow path.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

interface Timer {
  readonly due: number
  readonly fire: () => void
}

/** Milliseconds since the process began. */
export class VirtualClock implements Clock.Clock {
  now = 0
  private timers: Array<Timer> = []

  currentTimeMillisUnsafe(): number {
    return this.now
  }
  currentTimeNanosUnsafe(): bigint {
    return BigInt(this.now) * 1_000_000n
  }
  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe()
  }
  readonly currentTimeMillis = Effect.sync(() => this.now)
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos = Effect.sync(() => this.monotonicTimeNanosUnsafe())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    const millis = Duration.toMillis(duration)
    if (millis <= 0) return Effect.yieldNow
    if (!Number.isFinite(millis)) return Effect.never
    return Effect.callback((resume) => {
      const timer: Timer = { due: this.now + millis, fire: () => resume(Effect.void) }
      this.timers.push(timer)
      return Effect.sync(() => {
        this.timers = this.timers.filter((other) => other !== timer)
      })
    })
  }

  /** How long until each timer, the nearest first. */
  remaining(): ReadonlyArray<number> {
    return this.timers.map(({ due }) => due - this.now).sort((a, b) => a - b)
  }

  /** Moves on by so many milliseconds. Timers that are due fire in their order, and of equal ones the older first. */
  advance(millis: number): void {
    this.now += millis
    const due = this.timers.filter((timer) => timer.due <= this.now).sort((a, b) => a.due - b.due)
    this.timers = this.timers.filter((timer) => timer.due > this.now)
    for (const { fire } of due) fire()
  }
}
