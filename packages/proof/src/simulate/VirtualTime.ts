/**
 * Time that passes only when nothing is left to do, for one run that is the same each time.
 *
 * It is both the scheduler and the clock of the run: all fibers work until none can go on, that is one instant; then
 * the next sleeper is woken, and that is the next. Nothing waits for the event loop, so a run is one synchronous call,
 * and one that hangs is noticed at once.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import type * as Scheduler from "effect/Scheduler"

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

// Milliseconds, many times what a run lasts.
const longest = 3_600_000
// Many times what happens in the busiest instant.
const most = 100_000

/** What is left of a run when it is over. Both are 0 for one that has cleaned up after itself. */
export interface Left {
  readonly fibers: number
  readonly sleepers: number
}

/** One run's time. */
export class VirtualTime {
  /** Milliseconds since the run began. */
  now = 0
  private readonly tasks: Array<() => void> = []
  /** The latest first; among equals, the one that fell asleep last. */
  private readonly sleepers: Array<Sleeper> = []
  private readonly pick: (tasks: number) => number
  private fibers = 0

  /** `pick` says which of so many tasks runs next: any order is one that a scheduler may choose. */
  constructor(pick: (tasks: number) => number) {
    this.pick = pick
  }

  /** A clock that goes `factor` times as fast as this time. */
  clock(factor: number): Clock.Clock {
    const millis = () => this.now * factor
    const nanos = () => BigInt(Math.round(millis() * 1_000_000))
    return {
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: nanos,
      currentTimeNanos: Effect.sync(nanos),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      sleep: (duration) => this.sleep(Duration.toMillis(duration) / factor)
    }
  }

  /**
   * Runs a program to its end. `instant` is called whenever nothing more can happen without time going by. Throws if the
   * program waits for something that never comes.
   */
  run<A, E>(
    program: Effect.Effect<A, E>,
    instant: () => void
  ): { readonly exit: Exit.Exit<A, E>; readonly left: Left } {
    const metrics: Metric.FiberRuntimeMetricsService = {
      recordFiberStart: () => void this.fibers++,
      recordFiberEnd: () => void this.fibers--
    }
    const fiber = Effect.runFork(
      program.pipe(
        Effect.provideService(Clock.Clock, this.clock(1)),
        Effect.provideService(Metric.FiberRuntimeMetrics, metrics)
      ),
      { scheduler: this.scheduler }
    )
    const exit = this.drive(fiber, instant)
    return { exit, left: { fibers: this.fibers, sleepers: this.sleepers.length } }
  }

  private drive<A, E>(fiber: Fiber.Fiber<A, E>, instant: () => void): Exit.Exit<A, E> {
    while (true) {
      this.work()
      instant()
      const exit = fiber.pollUnsafe()
      if (exit !== undefined) return exit
      const next = this.sleepers.pop()
      if (this.now > longest) throw new Error("this run has no end")
      if (next === undefined) throw new Error(`after ${this.now} ms nobody has anything to do or to wait for`)
      this.now = next.at
      next.wake()
    }
  }

  private work(): void {
    const { tasks } = this
    let done = 0
    for (let count = tasks.length; count > 0; count = tasks.length) {
      if (done++ > most) throw new Error(`at ${this.now} ms there is no end to what is to do`)
      const chosen = this.pick(count)
      const [task] = chosen === 0 ? tasks.splice(0, 1) : tasks.splice(chosen, 1)
      task?.()
    }
  }

  private sleep(millis: number): Effect.Effect<void> {
    if (millis <= 0) return Effect.yieldNow
    if (!Number.isFinite(millis)) return Effect.never
    return Effect.callback((resume) => {
      // Timers have whole milliseconds, as those of a real system.
      const sleeper: Sleeper = { at: Math.ceil(this.now + millis), wake: () => resume(Effect.void) }
      const later = this.sleepers.findLastIndex(({ at }) => at > sleeper.at)
      this.sleepers.splice(later + 1, 0, sleeper)
      return Effect.sync(() => {
        const index = this.sleepers.indexOf(sleeper)
        if (index !== -1) this.sleepers.splice(index, 1)
      })
    })
  }

  private readonly scheduler: Scheduler.Scheduler = {
    executionMode: "sync",
    shouldYield: (fiber) => fiber.currentOpCount >= 2048,
    makeDispatcher: () => ({
      scheduleTask: (task) => void this.tasks.push(task),
      flush: () => this.work()
    })
  }
}
