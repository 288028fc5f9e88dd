/** Runs tests against mutants, one at a time. No file changes: a mutant is served in place of its source. */
import { join } from "node:path"
import { createVitest } from "vitest/node"
import type { Mutant } from "./Mutant.ts"

/** A vitest that is up and can be asked many times. */
export interface Trial {
  /** How `tests`, a file or a folder from the root, judge the mutant; without one, the sources as they are. */
  readonly run: (tests: string, mutant?: Mutant) => Promise<Verdict>
  readonly close: () => Promise<void>
}

/** What tests say of a source. `untested` means that there was no test to ask. */
export type Verdict = "passed" | "failed" | "untested"

/** Starts vitest with the settings of `root`. Several can run beside each other. */
export const make = async (root: string): Promise<Trial> => {
  let current: Mutant | undefined
  const vitest = await createVitest(
    "test",
    {
      root,
      watch: false,
      reporters: [],
      maxWorkers: 1,
      // One failed test is enough.
      bail: 1,
      // A mutant that is kept on disk would be met by whoever runs the tests next.
      cache: false,
      fsModuleCache: false,
      setupFiles: [join(import.meta.dirname, "setup.ts")]
    },
    {
      plugins: [
        {
          name: "mutant",
          enforce: "pre",
          load: (id) => (current !== undefined && id === join(root, current.path) ? current.source : null)
        }
      ]
    }
  )
  return {
    run: async (tests, mutant) => {
      for (const stale of [current, mutant]) {
        if (stale !== undefined) vitest.invalidateFile(join(root, stale.path))
      }
      current = mutant
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(
        await vitest.globTestSpecifications([tests])
      )
      // Vitest tells what it was asked before, too.
      const asked = testModules.filter(({ moduleId }) => moduleId.startsWith(join(root, tests)))
      if (asked.length === 0) return "untested"
      return unhandledErrors.length === 0 && asked.every((module) => module.ok()) ? "passed" : "failed"
    },
    close: () => vitest.close()
  }
}
