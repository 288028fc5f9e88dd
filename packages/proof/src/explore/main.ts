/**
 * Explores every order of events of two Tubs, within stated bounds.
 *
 * ```text
 *   npm run explore                          everything, some minutes
 *   npm run explore -- --quick               the smaller ones, half a minute
 *   npm run explore -- --only '1+1, a loss'  one row of the table
 *   npm run explore -- --replay '1+1: low.dials a0>server'
 * ```
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { format, parsePath } from "./Event.ts"
import { narrate } from "./Narration.ts"
import * as Pool from "./Pool.ts"
import type { Setup } from "./Setup.ts"
import { full, quick } from "./Setups.ts"
import { shorten } from "./Shorten.ts"
import { World } from "./World.ts"

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    replay: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) }
  }
})

const named = (name: string): Setup => {
  const setup = full.find((each) => each.name === name)
  if (setup === undefined) throw new Error(`"${name}" is none of ${full.map((each) => `"${each.name}"`).join(", ")}`)
  return setup
}

const columns = [42, 11, 11, 12, 6, 9, 9, 6, 8]
const row = (cells: ReadonlyArray<string | number>): string =>
  cells
    .map((cell, at) => {
      const text = typeof cell === "number" ? cell.toLocaleString("en") : cell
      return at === 0 ? text.padEnd(columns[at] ?? 0) : text.padStart(columns[at] ?? 0)
    })
    .join(" ")

const explore = async (setups: ReadonlyArray<Setup>, workers: number): Promise<boolean> => {
  const began = performance.now()
  const results: Array<Pool.Result> = []
  let isGood = true
  console.log(row(["", "states", "paths", "steps", "depth", "liveness", "runs", "rerun", "seconds"]))
  await Pool.explore(setups, workers, (setup, result) => {
    results.push(result)
    const { asked, depth, paths, rerun, runs, seconds, states, steps, violation } = result
    console.log(row([setup.name, states, paths, steps, depth, asked, runs, rerun, seconds.toFixed(1)]))
    if (violation === undefined) return
    isGood = false
    const { path, problem } = shorten(() => new World(setup), violation)
    console.log(`\nafter ${states} states: ${violation.problem}\n`)
    console.log(narrate(setup, path))
    console.log(`\n${problem}\n\nagain: npm run explore -- --replay '${setup.name}: ${path.map(format).join(" ")}'\n`)
  })
  const total = (of: (result: Pool.Result) => number) => results.reduce((sum, result) => sum + of(result), 0)
  const seconds = (performance.now() - began) / 1000
  console.log(
    row([
      "total",
      total((r) => r.states),
      total((r) => r.paths),
      total((r) => r.steps),
      "",
      total((r) => r.asked),
      total((r) => r.runs),
      total((r) => r.rerun),
      seconds.toFixed(1)
    ])
  )
  return isGood
}

if (values.replay !== undefined) {
  const colon = values.replay.indexOf(":")
  console.log(narrate(named(values.replay.slice(0, colon)), parsePath(values.replay.slice(colon + 1))))
} else {
  const setups = values.only === undefined ? (values.quick ? quick : full) : [named(values.only)]
  if (!(await explore(setups, Number(values.workers)))) process.exitCode = 1
}
