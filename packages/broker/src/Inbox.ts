/**
 * What has come from the peer and nobody has received.
 *
 * @since 0.1.0
 */
import type { Received } from "@effect-foolscap/banana/Received"
import type { Value } from "@effect-foolscap/banana/value/Value"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import type { LinkEnded } from "./BananaLinkEnd.ts"

/**
 * A top-level object of the peer, or what was wrong with one that was dropped.
 *
 * @category models
 * @since 0.1.0
 */
export type Arrival<A = Value> = Extract<Received<A>, { readonly _tag: "Delivered" | "Violated" }>

/**
 * How many bytes of the peer are taken while nobody receives what is in them: 64 KiB, and what comes with the last of them.
 *
 * @category constants
 * @since 0.1.0
 */
export const window = 65_536

/**
 * The objects of a link in their order, then its end.
 *
 * Its room is measured in bytes of the peer: an object takes up to some hundred times as much in memory. Once it is full nothing
 * goes in until everything has been taken out.
 *
 * @category models
 * @since 0.1.0
 */
export class Inbox<A> {
  private readonly queue: Queue.Queue<Arrival<A>, LinkEnded>
  private readonly free = Latch.makeUnsafe(true)
  private size = 0
  private isClosed = false

  private constructor(queue: Queue.Queue<Arrival<A>, LinkEnded>) {
    this.queue = queue
    // Also when whoever has taken something is interrupted.
    this.receive = Effect.ensuring(
      Queue.take(queue),
      Effect.sync(() => this.makeRoom())
    )
  }

  static readonly make = <A>(): Effect.Effect<Inbox<A>> =>
    Effect.map(Queue.unbounded<Arrival<A>, LinkEnded>(), (queue) => new Inbox(queue))

  /** The next one; the end after the last one. One that is interrupted while it waits takes nothing. */
  readonly receive: Effect.Effect<Arrival<A>, LinkEnded>

  get isFull(): boolean {
    return !this.free.isOpen()
  }

  /** Succeeds when it is not full. */
  get room(): Effect.Effect<void> {
    return this.free.await
  }

  /** Takes in what was complete with so many bytes, which may be nothing yet. */
  add(arrivals: ReadonlyArray<Arrival<A>>, bytes: number): void {
    if (this.isClosed) return
    this.size += bytes
    if (arrivals.length === 0) return
    Queue.offerAllUnsafe(this.queue, arrivals)
    if (this.size >= window) this.free.closeUnsafe()
  }

  /** Takes in nothing more, and is never full again: what still comes is thrown away. */
  close(): void {
    this.isClosed = true
    this.free.openUnsafe()
  }

  /** Gives the end to whoever has received everything. */
  end(cause: Cause.Cause<LinkEnded>): void {
    Queue.failCauseUnsafe(this.queue, cause)
  }

  private makeRoom(): void {
    if (Queue.sizeUnsafe(this.queue) > 0) return
    this.size = 0
    this.free.openUnsafe()
  }
}
