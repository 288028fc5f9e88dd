/**
 * Gives a decoder many inputs: random bytes and tokens, sequences with mistakes, recordings of Foolscap and values with
 * changes. Whatever they are, it must not throw, must tell the same however they are cut, must tell nothing behind an end,
 * must hold little, and must deliver what can be sent again.
 *
 *     npm run fuzz -- banana                       10,000,000 inputs, on two cores
 *     npm run fuzz -- banana --quick               200,000
 *     npm run fuzz -- banana --seed 7 --inputs 1   the input of this seed alone
 *
 * An input that fails is printed with what was wrong and its seed, and the exit code is 1.
 */
import { parseArgs } from "node:util"
import { Worker } from "node:worker_threads"
import { labels, names, none } from "./Counts.ts"
import { inputOf } from "./Input.ts"
import type { Batch, Outcome } from "./worker.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: "string" },
    seed: { type: "string" },
    quick: { type: "boolean", default: false },
    workers: { type: "string" }
  }
})

if (positionals.join() !== "banana") {
  console.error("npm run fuzz -- banana [--inputs N] [--seed S] [--quick] [--workers W]")
  process.exit(2)
}

const numberOf = (name: "inputs" | "seed" | "workers", otherwise: number): number => {
  const text = values[name]
  if (text === undefined) return otherwise
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new Error(`--${name} takes a number, not ${text}`)
}

const first = numberOf("seed", 1)
const inputs = numberOf("inputs", values.quick ? 200_000 : 10_000_000)
const workers = numberOf("workers", 2)
const batchSize = 5000

const began = performance.now()
const total = none()
let [next, most, failures, shown] = [first, 0, 0, 0]

const seconds = (): number => (performance.now() - began) / 1000
const pace = (): string =>
  `${total.inputs.toLocaleString("en")} inputs in ${seconds().toFixed(0)} s, ` +
  `${Math.round(total.inputs / seconds()).toLocaleString("en")} a second on ${workers} workers`

const complain = ({ problem, seed }: Outcome["problems"][number]): void => {
  process.exitCode = 1
  if (failures++ >= 10) return
  console.error(`seed ${seed} failed: ${problem.slice(0, 2000)}`)
  console.error(`  ${Buffer.from(inputOf(seed).bytes).toString("hex").slice(0, 2000)}`)
  console.error(`  again: npm run fuzz -- banana --seed ${seed} --inputs 1`)
}

const take = (): Batch | undefined => {
  const from = next
  const count = Math.min(batchSize, first + inputs - from)
  next += count
  return count > 0 ? { from, count } : undefined
}

const add = ({ counts, held, problems }: Outcome): void => {
  for (const name of names) total[name] += counts[name]
  most = Math.max(most, held)
  for (const problem of problems) complain(problem)
  if (total.inputs >= shown + inputs / 10) {
    shown = total.inputs
    console.log(pace())
  }
}

await Promise.all(
  Array.from(
    { length: workers },
    () =>
      new Promise<void>((resolve, reject) => {
        // What is held without bound meets this one.
        const worker = new Worker(new URL("./worker.ts", import.meta.url), {
          resourceLimits: { maxOldGenerationSizeMb: 512 }
        })
        let batch: Batch | undefined
        const give = () => {
          batch = take()
          worker.postMessage(batch)
        }
        worker.on("message", (outcome: Outcome) => {
          add(outcome)
          give()
        })
        worker.on("error", (cause) => {
          console.error(`one of the ${batch?.count} inputs from seed ${batch?.from} on ended its worker`)
          reject(cause)
        })
        worker.on("exit", () => resolve())
        give()
      })
  )
)

console.log(`${pace()}, from seed ${first}`)
for (const name of names) console.log(`${total[name].toLocaleString("en").padStart(14)}  ${labels[name]}`)
console.log(
  `${Math.round(most).toLocaleString("en").padStart(14)}  bytes at most for each decoder that waits, on average over 5,000 inputs`
)
if (failures > 0) console.error(`${failures} inputs failed`)
else console.log("no input failed")
