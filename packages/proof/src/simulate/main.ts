/**
 * Runs many seeds and counts what happened in them; or one of them, and tells it as a story.
 *
 *     npm run simulate                          10,000 seeds, on all cores
 *     npm run simulate -- --seeds 500 --from 7  500 seeds, from 7 on
 *     npm run simulate -- --seed 42             this seed alone, line by line in its own time
 *     npm run simulate -- --workers 2           on two cores
 *
 * A seed that fails is printed with what was wrong and the command that replays it, and the exit code is 1.
 */
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { Worker } from "node:worker_threads"
import { labels, none } from "./Counts.ts"
import { type Outcome, play } from "./Run.ts"

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    workers: { type: "string" }
  }
})

const numberOf = (name: keyof typeof values, otherwise: number): number => {
  const text = values[name]
  if (text === undefined) return otherwise
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`--${name} takes a number, not ${text}`)
}

const counted = [
  "negotiations",
  "links",
  "replaced",
  "duplicates",
  "redirects",
  "failures",
  "restarts",
  "faults"
] as const

const told = (name: string, count: number): string => `${count.toLocaleString("en").padStart(12)}  ${name}`

const complain = ({ problems, seed }: Outcome): void => {
  console.error(`seed ${seed} failed:`)
  for (const problem of problems.slice(0, 5)) console.error(`  ${problem}`)
  if (problems.length > 5) console.error(`  and ${problems.length - 5} more`)
  console.error(`  to see it happen: npm run simulate -- --seed ${seed}`)
  process.exitCode = 1
}

const replay = (seed: number): void => {
  const outcome = play(seed, console.log)
  if (outcome.problems.length > 0) complain(outcome)
  else
    console.log(`seed ${seed} is fine: everybody was connected ${outcome.mended / 1000} s after everything was mended`)
}

const many = async (from: number, seeds: number, workers: number): Promise<void> => {
  const began = performance.now()
  let next = from
  const total = none()
  let [lasted, slowest] = [0, 0]
  await Promise.all(
    Array.from(
      { length: Math.min(workers, seeds) },
      () =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL("./worker.ts", import.meta.url), {
            // A run makes much that is soon forgotten: room for more of it makes for fewer collections.
            resourceLimits: { maxYoungGenerationSizeMb: 64 }
          })
          const give = () => worker.postMessage(next < from + seeds ? next++ : undefined)
          worker.on("message", (outcome: Outcome) => {
            for (const name of counted) total[name] += outcome.counts[name]
            lasted += outcome.lasted
            slowest = Math.max(slowest, outcome.mended)
            if (outcome.problems.length > 0) complain(outcome)
            give()
          })
          worker.on("error", reject)
          worker.on("exit", () => resolve())
          give()
        })
    )
  )
  const seconds = (performance.now() - began) / 1000
  console.log(
    `${seeds} seeds in ${seconds.toFixed(1)} s, ${Math.round(seeds / seconds)} a second on ${workers} workers`
  )
  for (const name of counted) console.log(told(labels[name], total[name]))
  console.log(told("hours went by in them", Math.round(lasted / 3_600_000)))
  console.log(told("seconds at most from when everything was mended until everybody was connected", slowest / 1000))
}

if (values.seed !== undefined) replay(numberOf("seed", 0))
else await many(numberOf("from", 1), numberOf("seeds", 10_000), numberOf("workers", availableParallelism()))
