/** Runs the inputs that it is sent, some thousands at a time, until it is sent none. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { parentPort } from "node:worker_threads"
import type { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
import { type Counts, none } from "./Counts.ts"
import { inputOf } from "./Input.ts"
import { run } from "./Trial.ts"

/** The inputs with the seeds from `from` on. */
export interface Batch {
  readonly from: number
  readonly count: number
}

/** What came of them. */
export interface Outcome {
  readonly counts: Counts
  readonly problems: ReadonlyArray<{ readonly seed: number; readonly problem: string }>
  /** Bytes of memory for each decoder that waits for more. */
  readonly held: number
}

// Nobody looks at the stacks of the errors that the inputs are about.
Error.stackTraceLimit = 0

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const memory = (): number => {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** A decoder that waits keeps an input of some hundred bytes at most. */
const most = 32_768

const play = ({ count, from }: Batch): Outcome => {
  const counts = none()
  const problems: Array<Outcome["problems"][number]> = []
  const waiting: Array<BananaDecoder> = []
  for (let seed = from; seed < from + count; seed++) {
    try {
      const result = run(inputOf(seed), counts)
      if (result.problem !== undefined) problems.push({ seed, problem: result.problem })
      if (result.waiting !== undefined) waiting.push(result.waiting)
    } catch (cause) {
      problems.push({ seed, problem: `it throws ${String(cause)}` })
    }
  }
  const { length } = waiting
  const full = memory()
  waiting.length = 0
  const held = length === 0 ? 0 : (full - memory()) / length
  if (held > most)
    problems.push({ seed: from, problem: `${length} of ${count} inputs that wait hold ${held} bytes each` })
  return { counts, problems, held }
}

parentPort?.on("message", (batch: Batch | undefined) => {
  if (batch === undefined) parentPort?.close()
  else parentPort?.postMessage(play(batch))
})
