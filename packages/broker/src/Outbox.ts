/**
 * What goes to the peer and has not been handed to the socket: whole objects, and the small tokens between them.
 *
 * @since 0.1.0
 */
import type { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import type { Value } from "@effect-foolscap/banana/value/Value"
import type { Violation } from "@effect-foolscap/banana/Violation"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import type { LinkEnded } from "./BananaLinkEnd.ts"

/**
 * From how many bytes on senders have to wait: 64 KiB. As many again may be with the socket at the same time.
 *
 * @category constants
 * @since 0.1.0
 */
export const highWater = 65_536

/**
 * How many PONGs wait for the socket. A peer that sends PINGs and does not read has no use for more; reading on, instead of
 * waiting until it does, is what keeps two peers from waiting for each other.
 *
 * @category constants
 * @since 0.1.0
 */
export const maxPongs = 1000

/** A send that waits for its turn. */
interface Turn {
  readonly value: Value
  readonly resume: (exit: Effect.Effect<void, Violation | LinkEnded>) => void
}

/**
 * The one writer of a socket.
 *
 * A fiber writes as long as there is something to write, each time everything that has come together since, in one piece. It
 * begins in the scheduler's next turn, so that what is sent in this one goes out together; and ends when nothing is left.
 *
 * @category models
 * @since 0.1.0
 */
export class Outbox {
  private readonly encoder: BananaEncoder
  private readonly writer: Socket.Writer
  private readonly scope: Scope.Scope
  // In the order in which they came. None waits but for the writing fiber.
  private readonly turns = new Set<Turn>()
  private readonly idle = Latch.makeUnsafe(true)
  private pongs = 0
  private isBroken = false
  private closed: Effect.Effect<never, LinkEnded> | undefined

  /** The writing fiber lives in `scope`. */
  constructor(encoder: BananaEncoder, writer: Socket.Writer, scope: Scope.Scope) {
    this.encoder = encoder
    this.writer = writer
    this.scope = scope
  }

  /** Succeeds when the value is on its way; one that is interrupted before sends nothing. */
  readonly send = (value: Value): Effect.Effect<void, Violation | LinkEnded> =>
    Effect.suspend(() => {
      if (this.closed !== undefined) return this.closed
      if (this.turns.size > 0 || this.encoder.size >= highWater) return this.turn(value)
      if (!this.idle.isOpen()) return this.add(value)
      // Nothing may come between it and the fiber that writes it.
      return Effect.uninterruptible(
        Effect.andThen(
          Effect.suspend(() => this.add(value)),
          this.flush
        )
      )
    })

  /** Not behind an ERROR: that is the last word. */
  ping(): void {
    if (this.closed === undefined) this.encoder.ping(0)
  }

  pong(number: number | bigint): void {
    if (this.pongs === maxPongs) return
    this.pongs++
    this.encoder.pong(number)
  }

  error(text: string): void {
    this.encoder.error(text)
  }

  /** Has somebody write, if there is anything to write. */
  readonly flush: Effect.Effect<void> = Effect.suspend(() => (this.encoder.size > 0 ? this.begin : Effect.void))

  /** Succeeds when nothing is left to write. */
  readonly flushed: Effect.Effect<void> = Effect.suspend(() => this.idle.await)

  /** Takes nothing more: senders end as `closed` does. What is on its way still goes out. */
  close(closed: Effect.Effect<never, LinkEnded>): void {
    this.closed = closed
    for (const turn of this.turns) {
      this.turns.delete(turn)
      turn.resume(closed)
    }
  }

  private add(value: Value): Effect.Effect<void, Violation | LinkEnded> {
    if (this.closed !== undefined) return Effect.interruptible(this.closed)
    try {
      return Effect.fromResult(this.encoder.encode(value))
    } catch (defect) {
      // The sender's, whichever fiber this runs in.
      return Effect.die(defect)
    }
  }

  private turn(value: Value): Effect.Effect<void, Violation | LinkEnded> {
    return Effect.callback((resume) => {
      const turn = { value, resume }
      this.turns.add(turn)
      return Effect.sync(() => this.turns.delete(turn))
    })
  }

  /** Takes the sends that need not wait any longer. Resuming one runs it at once, and it may come back here. */
  private admit(): void {
    for (const turn of this.turns) {
      if (this.encoder.size >= highWater) return
      this.turns.delete(turn)
      turn.resume(this.add(turn.value))
    }
  }

  private readonly begin: Effect.Effect<void> = Effect.uninterruptible(
    Effect.suspend(() => {
      if (!this.idle.closeUnsafe()) return Effect.void
      return Effect.asVoid(Effect.forkIn(this.write, this.scope))
    })
  )

  private readonly write: Effect.Effect<void> = Effect.gen({ self: this }, function* () {
    while (this.encoder.size > 0) {
      const pieces = this.encoder.take()
      this.pongs = 0
      this.admit()
      // Why the socket takes no more, the reader hears, behind what the peer has said before. Until then all this vanishes.
      if (this.isBroken || !Arr.isReadonlyArrayNonEmpty(pieces)) continue
      yield* Effect.catch(this.writer.writeAll(pieces), () =>
        Effect.sync(() => {
          this.isBroken = true
        })
      )
    }
    // Before anything else can run, or what came meanwhile would find nobody to write it.
    this.idle.openUnsafe()
  }).pipe(Effect.onError(() => Effect.sync(() => this.idle.openUnsafe())))
}
