/**
 * Breaks every condition of the policies, one at a time, and runs their own tests: these have to fail each time. What is
 * broken without any of them noticing is printed, and the run fails.
 */
import { globSync, readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { join } from "node:path"
import { mutantsOf } from "./Mutant.ts"
import * as Trial from "./Trial.ts"

const root = join(import.meta.dirname, "../../../..")

const paths = globSync("packages/negotiation/src/{policy/*,wire/VersionRange,ConnectionTable}.ts", { cwd: root }).sort()

/** The policies are tested together; everything else has a file of its own. */
const testsOf = (path: string) =>
  path.includes("/policy/")
    ? "packages/negotiation/test/policy/"
    : path.replace("/src/", "/test/").replace(/\.ts$/, ".test.ts")

const mutants = paths.flatMap((path) => mutantsOf(path, readFileSync(join(root, path), "utf8")))

const start = performance.now()
const trials = await Promise.all(Array.from({ length: availableParallelism() }, () => Trial.make(root)))

/** Takes one item after the other until none is left. The iterator is shared, so each is taken once. */
const share = async <Item>(items: ReadonlyArray<Item>, one: (trial: Trial.Trial, item: Item) => Promise<void>) => {
  const waiting = items.values()
  await Promise.all(
    trials.map(async (trial) => {
      for (const item of waiting) await one(trial, item)
    })
  )
}

const problems: Array<string> = []
await share(paths, async (trial, path) => {
  const verdict = await trial.run(testsOf(path))
  // Tests that fail anyway notice nothing.
  if (verdict !== "passed") problems.push(`${path} as it is: ${testsOf(path)} ${verdict}`)
})
if (problems.length === 0) {
  await share(mutants, async (trial, mutant) => {
    const { after, before, line, path } = mutant
    if ((await trial.run(testsOf(path), mutant)) === "failed") return
    problems.push(`${path}:${line}: ${testsOf(path)} does not notice if\n${before}\nbecomes\n${after}\n`)
  })
}
await Promise.all(trials.map((trial) => trial.close()))

const seconds = ((performance.now() - start) / 1000).toFixed(1)
console.log(`${mutants.length} mutants of ${paths.length} files in ${seconds} s`)
for (const problem of problems) console.error(problem)
// vitest has set it to 1 for every mutant that its tests noticed.
process.exitCode = problems.length > 0 ? 1 : 0
