/**
 * The way from one simulated host to another: how long it takes, and what goes wrong on it.
 *
 * @since 0.1.0
 */
import type * as Random from "effect/Random"
import type { Timeline } from "./Timeline.ts"

/**
 * What travels in one piece: bytes of a connection, or one of the signs by which TCP opens and ends it.
 *
 * @category models
 * @since 0.1.0
 */
export type Segment = "syn" | "syn-ack" | "ack" | "refusal" | "fin" | "rst" | Uint8Array

/**
 * What a route is like while nothing is wrong with it. Times are in milliseconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Conditions {
  /** How long a segment takes, one way. */
  readonly latency: number
  /** Up to how much longer it may take. Segments of one connection do not overtake each other. */
  readonly jitter: number
  /** Bytes are cut at random into segments of 1 to this many. `undefined` leaves them as they are written. */
  readonly chunk: number | undefined
  /** How long a connection may be silent before a router on the way forgets it. `undefined` for as long as it likes. */
  readonly forgetAfter: number | undefined
}

/**
 * What the routers on the way know of one connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface Mapping {
  /** When something last went through, in milliseconds. */
  usedAt: number
  isForgotten: boolean
}

/**
 * One direction of one connection.
 *
 * @category models
 * @since 0.1.0
 */
export interface Flow {
  readonly mapping: Mapping
  /** When its last segment arrives, in milliseconds. */
  arrival: number
  /** Whether a segment was lost. TCP gives a reader nothing from behind a gap, so then nothing arrives any more. */
  hasGap: boolean
}

/**
 * One thing that happened to one segment.
 *
 * @category models
 * @since 0.1.0
 */
export interface Passage {
  /** Milliseconds since the epoch of the network's clock. */
  readonly at: number
  /** The connection, counted from 1. */
  readonly connection: number
  readonly from: string
  readonly to: string
  readonly segment: Segment
  /** `held` by a stall (it will be `sent` later), or `lost` without anybody hearing of it. */
  readonly fate: "sent" | "held" | "lost" | "arrived"
}

/**
 * One direction between two hosts.
 *
 * @category models
 * @since 0.1.0
 */
export class Route {
  readonly from: string
  readonly to: string
  conditions: Conditions
  /** Whether everything waits until `heal`. */
  isStalled = false
  /** Whether everything is lost. */
  isLossy = false
  private readonly timeline: Timeline
  private readonly random: Random.Random
  private readonly observe: ((passage: Passage) => void) | undefined
  private held: Array<() => void> = []

  constructor(options: {
    readonly from: string
    readonly to: string
    readonly conditions: Conditions
    readonly timeline: Timeline
    readonly random: Random.Random
    readonly observe: ((passage: Passage) => void) | undefined
  }) {
    this.from = options.from
    this.to = options.to
    this.conditions = options.conditions
    this.timeline = options.timeline
    this.random = options.random
    this.observe = options.observe
  }

  /** A number of bytes, at most `available`, that goes into the next segment. */
  cut(available: number): number {
    const { chunk } = this.conditions
    return chunk === undefined ? available : Math.min(available, 1 + Math.floor(this.random.nextDoubleUnsafe() * chunk))
  }

  /** Whether a reader finds two segments as one, as it does now and then if they are cut at all. */
  get merges(): boolean {
    return this.conditions.chunk === undefined || this.random.nextDoubleUnsafe() < 0.5
  }

  /** Brings a segment to the other end, if it gets there. */
  carry(connection: number, flow: Flow, segment: Segment, deliver: () => void): void {
    const note = (fate: Passage["fate"]) =>
      this.observe?.({ at: this.timeline.now, connection, from: this.from, to: this.to, segment, fate })
    if (this.isStalled) {
      note("held")
      this.held.push(() => this.carry(connection, flow, segment, deliver))
      return
    }
    const { now } = this.timeline
    const { mapping } = flow
    const { forgetAfter, jitter, latency } = this.conditions
    mapping.isForgotten ||= forgetAfter !== undefined && now - mapping.usedAt > forgetAfter
    flow.hasGap ||= this.isLossy
    if (mapping.isForgotten || flow.hasGap) return note("lost")
    mapping.usedAt = now
    const travel = latency + Math.floor(this.random.nextDoubleUnsafe() * (jitter + 1))
    flow.arrival = Math.max(flow.arrival, now + travel)
    note("sent")
    this.timeline.after(flow.arrival - now, () => {
      note("arrived")
      deliver()
    })
  }

  /** Ends stalling and losing. What was held goes on in the order in which it came. */
  heal(): void {
    this.isStalled = false
    this.isLossy = false
    const { held } = this
    this.held = []
    for (const carry of held) carry()
  }
}
