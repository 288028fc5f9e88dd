/**
 * Fibers that wait for something to become true.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"

/**
 * Fibers that are parked until something has changed that they wait for.
 *
 * @category models
 * @since 0.1.0
 */
export class Changes {
  private readonly parked = new Set<() => void>()

  /**
   * The answer of `check`, as soon as it has one. It is asked again whenever something has changed, and must only look:
   * whoever is interrupted at that moment never gets the answer.
   */
  until<A, E>(check: () => Exit.Exit<A, E> | undefined): Effect.Effect<A, E> {
    return Effect.callback((resume) => {
      const ask = () => {
        const answer = check()
        if (answer === undefined) return false
        this.parked.delete(ask)
        resume(answer)
        return true
      }
      if (ask()) return
      this.parked.add(ask)
      return Effect.sync(() => void this.parked.delete(ask))
    })
  }

  /** Something is different now. */
  notify(): void {
    // Whoever gets an answer may park somebody else.
    for (const ask of [...this.parked]) if (this.parked.has(ask)) ask()
  }
}
