/** Plays the seeds that it is sent, one at a time, until it is sent none. */
import { parentPort } from "node:worker_threads"
import { play } from "./Run.ts"

// Nobody looks at the stacks of the thousands of errors that a run is about.
Error.stackTraceLimit = 0

parentPort?.on("message", (seed: number | undefined) => {
  if (seed === undefined) parentPort?.close()
  else parentPort?.postMessage(play(seed))
})
