/**
 * One worker of a `Pool`.
 */
import { parentPort } from "node:worker_threads"
import { type Message, type Order, signal } from "./Pool.ts"
import { Search } from "./Search.ts"
import { Visited } from "./Visited.ts"
import type { Setup } from "./Setup.ts"
import { type Memories, nothingKnown, World } from "./World.ts"

let known: { readonly of: string; readonly memories: Memories } | undefined

// One exploration hands out many jobs, and what a process does is the same in all of them.
const memoriesOf = (setup: Setup): Memories => {
  const of = JSON.stringify(setup)
  if (known?.of !== of) known = { of, memories: nothingKnown(setup) }
  return known.memories
}

parentPort?.on("message", ({ job, setup, signals, visited }: Order) => {
  const flags = new Int32Array(signals)
  const say = (message: Message) => parentPort?.postMessage(message)
  const memories = memoriesOf(setup)
  const before = memories.low.runs + memories.high.runs
  const search = new Search(() => new World(setup, memories), new Visited(visited))
  const violation = search.run(job, {
    areIdle: () => Atomics.load(flags, signal.idle) > 0,
    take: (part) => say({ _tag: "Part", job: part }),
    haveStopped: () => Atomics.load(flags, signal.stop) === 1
  })
  say({ _tag: "Done", counts: search.counts, runs: memories.low.runs + memories.high.runs - before, violation })
})
