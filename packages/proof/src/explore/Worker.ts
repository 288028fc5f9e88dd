/**
 * One worker of a `Pool`.
 */
import { parentPort } from "node:worker_threads"
import type { Result } from "./Pool.ts"
import { Search } from "./Search.ts"
import type { Setup } from "./Setup.ts"
import { Visited } from "./Visited.ts"
import { nothingKnown, World } from "./World.ts"

/** Room for three million states, in 64 MB. */
const visited = new Visited(22)

parentPort?.on("message", (setup: Setup) => {
  const began = performance.now()
  visited.clear()
  const memories = nothingKnown(setup)
  const search = new Search(new World(setup, memories), visited)
  const violation = search.run()
  const runs = memories.low.runs + memories.high.runs
  const seconds = (performance.now() - began) / 1000
  parentPort?.postMessage({ ...search.counts, states: visited.size, runs, seconds, violation } satisfies Result)
})
