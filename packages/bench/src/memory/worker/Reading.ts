/** Reading: how much memory a process holds when it has settled. */
import { setTimeout } from "node:timers/promises"

/** All in bytes but the time. */
export interface Reading {
  /** Resident in memory, whatever for. */
  readonly rss: number
  /** JavaScript objects in use. */
  readonly heap: number
  /** What JavaScript objects hold outside of the heap, as far as the engine is told. */
  readonly external: number
  /** The most that was ever resident. */
  readonly peak: number
  /** Milliseconds of processor time since the start. */
  readonly cpu: number
}

const pause = 50
const fewest = 5
const most = 20

/** So little may still come or go between two collections. */
const quiet = 2048

/** Collects garbage until there is no more of it. */
export const read = async (): Promise<Reading> => {
  let before = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < most; turn++) {
    globalThis.gc?.()
    // The engine gives memory back to the system in tasks of its own.
    await setTimeout(pause)
    const { heapUsed } = process.memoryUsage()
    if (turn >= fewest && Math.abs(heapUsed - before) < quiet) break
    before = heapUsed
  }
  const { external, heapUsed, rss } = process.memoryUsage()
  return { rss, heap: heapUsed, external, peak: process.resourceUsage().maxRSS * 1024, cpu: cpuMilliseconds() }
}

export const cpuMilliseconds = (): number => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1000
}
