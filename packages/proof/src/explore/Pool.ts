/**
 * Several workers, each on a setup of its own: within one, the order of the search is what makes it complete (see `Sleep`).
 */
import { Worker } from "node:worker_threads"
import type { Counts, Violation } from "./Search.ts"
import type { Setup } from "./Setup.ts"

/** What came of one setup. */
export interface Result extends Counts {
  readonly states: number
  /** How often a program was run from one event to the next, which happens once for each place. */
  readonly runs: number
  readonly seconds: number
  readonly violation: Violation | undefined
}

/**
 * Explores all of these, the largest (which come last) first, and gives the results in the order of the setups.
 */
export const explore = async (
  setups: ReadonlyArray<Setup>,
  size: number,
  tell: (setup: Setup, result: Result) => void
): Promise<void> => {
  const waiting = [...setups.entries()].toReversed().values()
  const results: Array<Result | undefined> = setups.map(() => undefined)
  let told = 0
  const work = async () => {
    const worker = new Worker(new URL("./Worker.ts", import.meta.url))
    try {
      for (const [at, setup] of waiting) {
        results[at] = await new Promise<Result>((resolve, reject) => {
          worker.once("message", resolve)
          worker.once("error", reject)
          worker.postMessage(setup)
        })
        for (let result = results[told]; result !== undefined; result = results[told]) {
          const next = setups[told++]
          if (next !== undefined) tell(next, result)
        }
      }
    } finally {
      await worker.terminate()
    }
  }
  await Promise.all(Array.from({ length: size }, work))
}
