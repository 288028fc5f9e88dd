/**
 * What is still to happen on a simulated network, in order of time.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"

interface Event {
  /** Milliseconds since the epoch of the clock. */
  readonly at: number
  readonly happen: () => void
}

/**
 * A queue of events on the `Clock` of the Scope it was made in. Whatever the number of events, it has about one fiber
 * asleep: the one that waits for the next of them.
 *
 * @category models
 * @since 0.1.0
 */
export class Timeline {
  private readonly clock: Clock.Clock
  private readonly fork: (effect: Effect.Effect<void>) => unknown
  /** The latest first; among equals, the one that was added last. */
  private readonly events: Array<Event> = []
  /** The times for which a fiber is asleep, the latest first. */
  private readonly alarms: Array<number> = []
  /** While events happen, the fiber that lets them happen is awake for those that they add. */
  private isRinging = false
  private isClosed = false

  private constructor(clock: Clock.Clock, fork: (effect: Effect.Effect<void>) => unknown) {
    this.clock = clock
    this.fork = fork
  }

  /** A timeline that stops when the Scope closes. */
  static readonly make: Effect.Effect<Timeline, never, Scope.Scope> = Effect.gen(function* () {
    const timeline = new Timeline(yield* Clock.Clock, yield* FiberSet.makeRuntime<never, void>())
    yield* Effect.addFinalizer(() => Effect.sync(() => timeline.stop()))
    return timeline
  })

  /** Milliseconds since the epoch of the clock. */
  get now(): number {
    return this.clock.currentTimeMillisUnsafe()
  }

  /**
   * Lets something happen after `delay` milliseconds, never before the scheduler's next turn. What is due at the same time
   * happens in the order in which it was added.
   */
  after(delay: number, happen: () => void): void {
    if (this.isClosed) return
    const at = this.now + delay
    const later = this.events.findLastIndex((event) => event.at > at)
    this.events.splice(later + 1, 0, { at, happen })
    this.arm()
  }

  /** Sees to it that a fiber wakes in time for the next event. One that sleeps longer is left alone. */
  private arm(): void {
    const next = this.unattended
    if (next !== undefined && !this.isRinging) this.fork(this.wait(next))
  }

  /** The time of the next event, if no fiber wakes in time for it. */
  private get unattended(): number | undefined {
    const next = this.events.at(-1)
    return next === undefined || (this.alarms.at(-1) ?? Infinity) <= next.at ? undefined : next.at
  }

  /** Sleeps until `alarm`, and on for as long as nobody else does. */
  private wait(alarm: number): Effect.Effect<void> {
    this.alarms.push(alarm)
    const wait = alarm - this.now
    // Rounded up, so that a clock of fractions is never just short of the event. And a fiber that has just been forked
    // is in the middle of whatever its starter is about.
    const due = wait > 0 ? this.clock.sleep(Duration.millis(Math.ceil(wait))) : Effect.yieldNow
    return Effect.flatMap(due, () => {
      this.ring(alarm)
      const next = this.unattended
      return next === undefined ? Effect.void : this.wait(next)
    })
  }

  private ring(alarm: number): void {
    this.alarms.splice(this.alarms.lastIndexOf(alarm), 1)
    // What these add is for the next turn, even if it is due at once.
    const due = this.events.splice(this.events.findLastIndex((event) => event.at > this.now) + 1)
    this.isRinging = true
    for (const { happen } of due.reverse()) happen()
    this.isRinging = false
  }

  private stop(): void {
    this.isClosed = true
    this.events.length = 0
  }
}
