/** Runs every check that needs no network, several at a time, and says which of them failed and why. */
import { availableParallelism } from "node:os"
import { run } from "./workspace.ts"

// The slow ones first, so that the others fill the time beside them.
const checks = [
  "test",
  "check:packages",
  "check:types",
  "check:examples",
  "lint",
  "check:docs",
  "check:rules",
  "format:check",
  "check:comments",
  "check:index"
]

const failed: Array<string> = []
const waiting = checks.values()
const start = performance.now()
const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Takes one check after the other until none is left. The iterator is shared, so each is taken once. */
const work = async (): Promise<void> => {
  for (const check of waiting) {
    const began = performance.now()
    const { ok, output } = await run("npm", ["run", "--silent", check])
    console.log(`${ok ? "ok    " : "FAILED"}  ${check.padEnd(16)}${seconds(began)}`)
    if (!ok) failed.push(`\n--- npm run ${check}\n${output}`)
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, work))

for (const text of failed) console.log(text)
console.log(
  `\n${failed.length === 0 ? "all" : `${failed.length} of`} ${checks.length} checks ${failed.length === 0 ? "passed" : "failed"} in ${seconds(start)}`
)
if (failed.length > 0) process.exitCode = 1
