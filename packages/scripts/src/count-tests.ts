/**
 * Adds up vitest's JSON reports, given as paths, and says the sum in one line. A run without tests, with a failed one
 * or with a skipped one fails: nothing may look tested that was not.
 */
import { readFileSync } from "node:fs"

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  /** Skipped ones. */
  readonly numPendingTests: number
  readonly numTodoTests: number
}

let passed = 0
let failed = 0
let skipped = 0
for (const path of process.argv.slice(2)) {
  const report: Report = JSON.parse(readFileSync(path, "utf8"))
  if (report.numPassedTests === 0) {
    console.error(`${path}: no test passed`)
    process.exitCode = 1
  }
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests + report.numTodoTests
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
if (failed + skipped > 0) process.exitCode = 1
