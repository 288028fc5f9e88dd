/**
 * Several workers on one search: they share the set of visited states, and hand parts to whoever has nothing to do.
 */
import { Worker } from "node:worker_threads"
import { type Counts, everything, type Job, type Violation } from "./Search.ts"
import type { Setup } from "./Setup.ts"
import { type Shared, Visited } from "./Visited.ts"

/** What a worker is told. */
export interface Order {
  readonly setup: Setup
  readonly visited: Shared
  readonly signals: SharedArrayBuffer
  readonly job: Job
}

/** What a worker says. A job that is done ends in `Done`. */
export type Message =
  | { readonly _tag: "Part"; readonly job: Job }
  | { readonly _tag: "Done"; readonly counts: Counts; readonly runs: number; readonly violation: Violation | undefined }

/** Where in `Order.signals` it stands how many workers are idle, and whether to stop. */
export const signal = { idle: 0, stop: 1 } as const

export interface Result extends Counts {
  readonly states: number
  /** How often a program was run from one event to the next, which happens once for each worker and place. */
  readonly runs: number
  readonly seconds: number
  readonly violation: Violation | undefined
}

/** Room for six million states, in 128 MB. */
const tableBits = 23

interface Listeners {
  readonly message: (worker: Worker, message: Message) => void
  readonly error: (cause: unknown) => void
}

export class Pool {
  private readonly workers: ReadonlyArray<Worker>
  private readonly visited = Visited.make(tableBits)
  private listeners: Listeners | undefined

  constructor(size: number) {
    this.workers = Array.from({ length: size }, () => {
      const worker = new Worker(new URL("./Worker.ts", import.meta.url))
      worker.on("message", (message: Message) => this.listeners?.message(worker, message))
      worker.on("error", (cause) => this.listeners?.error(cause))
      return worker
    })
  }

  /** Explores one setup to its end, or to the first violation. One at a time. */
  explore(setup: Setup): Promise<Result> {
    const began = performance.now()
    const { visited } = this
    visited.clear()
    const signals = new SharedArrayBuffer(8)
    const flags = new Int32Array(signals)
    const idle = new Set(this.workers)
    const queue: Array<Job> = [everything]
    const total: Counts = { steps: 0, paths: 0, depth: 0, asked: 0, rerun: 0 }
    let violation: Violation | undefined
    let runs = 0

    return new Promise((resolve, reject) => {
      const proceed = () => {
        for (const worker of idle) {
          const job = violation === undefined ? queue.shift() : undefined
          if (job === undefined) break
          idle.delete(worker)
          worker.postMessage({ setup, visited: visited.shared, signals, job } satisfies Order)
        }
        Atomics.store(flags, signal.idle, idle.size)
        if (idle.size < this.workers.length) return
        resolve({ ...total, runs, states: visited.size, seconds: (performance.now() - began) / 1000, violation })
      }
      const done = (counts: Counts) => {
        total.steps += counts.steps
        total.paths += counts.paths
        total.asked += counts.asked
        total.rerun += counts.rerun
        total.depth = Math.max(total.depth, counts.depth)
      }
      const message: Listeners["message"] = (worker, said) => {
        if (said._tag === "Part") queue.push(said.job)
        else {
          idle.add(worker)
          done(said.counts)
          runs += said.runs
          violation ??= said.violation
          if (violation !== undefined) Atomics.store(flags, signal.stop, 1)
        }
        proceed()
      }
      this.listeners = { message, error: reject }
      proceed()
    })
  }

  async end(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }
}
