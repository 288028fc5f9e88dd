/**
 * Runs the fibers of one process when told to, and only then.
 */
import * as Scheduler from "effect/Scheduler"

/** One queue for all fibers of a process, which nothing empties but `run`. */
export class Turns implements Scheduler.Scheduler {
  readonly executionMode = "sync"
  private readonly dispatcher = new Scheduler.MixedScheduler("sync", () => () => undefined).makeDispatcher()

  // A fiber goes on until it waits for something, so a step ends where the next event can change its course.
  shouldYield(): boolean {
    return false
  }

  makeDispatcher(): Scheduler.SchedulerDispatcher {
    return this.dispatcher
  }

  /** Runs everything that can run without another event. */
  run(): void {
    this.dispatcher.flush()
  }
}
