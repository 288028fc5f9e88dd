/**
 * The search through every order of events, depth first.
 *
 * Two programs that run cannot be copied, so going back to an earlier state is left to `Memory`.
 */
import { violation } from "./Invariant.ts"
import * as Liveness from "./Liveness.ts"
import * as Sleep from "./Sleep.ts"
import { hashOf } from "./Hash.ts"
import { describe, textOf } from "./State.ts"
import type { Visited } from "./Visited.ts"
import type { Mark, World } from "./World.ts"

export interface Counts {
  /** Events that happened. */
  steps: number
  /** Ways that were gone to their end, or to a state from which nothing new was left to try. */
  paths: number
  /** The most events on one path. */
  depth: number
  /** How many states were asked whether a link can still come about. */
  asked: number
  /** How many paths were run from their beginning, with nothing remembered, to see that they end in the same state. */
  rerun: number
}

export interface Violation {
  readonly path: ReadonlyArray<number>
  /** Whether it is wrong at the end of the path, or only in what can still become of it. */
  readonly when: "now" | "later"
  readonly problem: string
}

/** One state on the way, with the events that are still to be tried. */
interface Frame {
  readonly mark: Mark
  readonly slot: number
  readonly hash: bigint
  readonly events: ReadonlyArray<number>
  /** For each event, what it commutes with. */
  readonly commuting: ReadonlyArray<Sleep.Sleep>
  /** Where in `events` to go on. */
  next: number
  asleep: Sleep.Sleep
}

/** Of the states at which a path ends because they were met before, one in so many is asked for its liveness. */
const asks = 64n

/** And one in so many is run again. */
const reruns = 1024n

export class Search {
  readonly counts: Counts = { steps: 0, paths: 0, depth: 0, asked: 0, rerun: 0 }
  private readonly visited: Visited
  private readonly frames: Array<Frame> = []
  private readonly path: Array<number> = []
  private readonly world: World

  /** From a world in which nothing has happened, into an empty set of visited states. */
  constructor(world: World, visited: Visited) {
    this.visited = visited
    this.world = world
  }

  /** Searches to the end, or to the first violation. */
  run(): Violation | undefined {
    let problem = this.enter(Sleep.awake)
    let when: Violation["when"] = "now"
    while (problem === undefined) {
      const frame = this.frames.at(-1)
      if (frame === undefined) return undefined
      const taken = this.take(frame)
      if (taken === undefined) {
        problem = this.leave(frame)
        when = "later"
        continue
      }
      const depth = this.frames.length - 1
      if (depth < this.path.length) {
        this.path.length = depth
        this.world.rewind(frame.mark)
      }
      this.path.push(taken.event)
      this.counts.steps++
      this.world.apply(taken.event)
      problem = this.enter(taken.asleep)
      when = "now"
    }
    return { path: [...this.path], when, problem }
  }

  /** Looks at the state that was reached, and puts it on the way. */
  private enter(asleep: Sleep.Sleep): string | undefined {
    const hash = hashOf(textOf(this.world))
    const slot = this.visited.slotOf(hash)
    this.counts.depth = Math.max(this.counts.depth, this.path.length)
    const events = this.world.enabled()
    const commuting = Sleep.commuting(this.world, events)
    this.frames.push({ mark: this.world.mark(), slot, hash, events, commuting, next: 0, asleep })
    return violation(this.world)
  }

  /** The next event of a state that is neither asleep nor taken, and what sleeps behind it. */
  private take(frame: Frame): { readonly event: number; readonly asleep: Sleep.Sleep } | undefined {
    while (frame.next < frame.events.length) {
      const at = frame.next++
      const event = frame.events[at]
      if (event === undefined || Sleep.includes(frame.asleep, event)) continue
      if (!this.visited.claim(frame.slot, event)) continue
      const asleep = frame.asleep & (frame.commuting[at] ?? Sleep.awake)
      frame.asleep = Sleep.including(frame.asleep, event)
      return { event, asleep }
    }
    return undefined
  }

  /** Nothing is left to try here. If the world still stands here it is of no more use, and may be asked for liveness. */
  private leave(frame: Frame): string | undefined {
    this.frames.pop()
    if (this.path.length !== this.frames.length) return undefined
    this.counts.paths++
    const isFinal = frame.events.length === 0
    if (frame.hash % reruns === 0n && !this.isRunAlike()) return "run again, this path ends in another state"
    if (!isFinal && frame.hash % asks !== 0n) return undefined
    this.counts.asked++
    return Liveness.problem(this.world, isFinal)
  }

  /** Whether the path leads to the same state when nothing is remembered. */
  private isRunAlike(): boolean {
    this.counts.rerun++
    const world = this.world.fresh()
    for (const event of this.path) world.apply(event)
    return describe(world) === describe(this.world)
  }
}
