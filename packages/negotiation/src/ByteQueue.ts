/**
 * One direction of a byte stream within a process, with backpressure: what a socket's buffers are between two.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { TransportError } from "./TransportError.ts"

const nothing = new Uint8Array(0)

const failed = (kind: TransportError["kind"]) => Effect.fail(new TransportError({ kind }))

/** A write that waits for room, or, with no bytes, for the writes before it. */
interface Turn {
  readonly bytes: Uint8Array
  readonly resume: (exit: Effect.Effect<void, TransportError>) => void
}

/**
 * Bytes between a writer and a reader.
 *
 * A write waits while `window` bytes or more lie unread, and is then taken whole, however long it is: the queue holds less
 * than `window` bytes and one write. It is copied when it succeeds, and the buffer is the writer's again; interrupted
 * before that, nothing of it is sent. What is pulled belongs to the reader.
 *
 * Resuming a fiber runs it at once, up to where it waits again, and it may well come back here. So whatever resumes one
 * has left everything in order before.
 *
 * @category models
 * @since 0.1.0
 */
export class ByteQueue {
  private readonly window: number
  private readonly chunks: Array<Uint8Array> = []
  private unread = 0
  // In the order in which they came.
  private readonly turns = new Set<Turn>()
  private readonly watchers = new Set<() => void>()
  private isFinished = false
  private isAbandoned = false

  constructor(window: number) {
    this.window = window
  }

  get hasBytes(): boolean {
    return this.chunks.length > 0
  }

  /** What ended it for its reader, once everything before that was pulled. */
  get end(): "eof" | "closed" | undefined {
    if (this.isAbandoned) return "closed"
    return this.isFinished && !this.hasBytes ? "eof" : undefined
  }

  /** The bytes of the next write. */
  readonly pull: Effect.Effect<Uint8Array, TransportError> = Effect.suspend(() =>
    this.until(() => (this.hasBytes || this.end !== undefined ? this.take : undefined))
  )

  // Takes when the fiber runs, not when it is resumed: whoever was interrupted in between has taken nothing.
  private readonly take: Effect.Effect<Uint8Array, TransportError> = Effect.suspend(() => {
    const chunk = this.chunks.shift()
    if (chunk === undefined) return this.end === undefined ? this.pull : failed(this.end)
    this.unread -= chunk.length
    this.admit()
    if (this.end !== undefined) this.notify()
    return Effect.succeed(chunk)
  })

  /** Fails with `closed` once this side has finished. What is written for a reader that has gone vanishes. */
  readonly write = (bytes: Uint8Array): Effect.Effect<void, TransportError> =>
    Effect.suspend(() => (this.isFinished ? failed("closed") : this.turn(bytes)))

  /** Succeeds when every write that began before has been taken. */
  readonly flush: Effect.Effect<void, TransportError> = Effect.suspend(() => this.turn(nothing))

  /** Nothing more can be written. What waits still is. */
  finish(): void {
    if (this.isFinished) return
    this.isFinished = true
    this.notify()
  }

  /** The writer goes: what waits is not written any more. */
  stopWriting(): void {
    this.isFinished = true
    for (const turn of this.turns) {
      this.turns.delete(turn)
      turn.resume(failed("closed"))
    }
    this.notify()
  }

  /** The reader goes: what is unread is dropped, and what waits is accepted for nothing. */
  stopReading(): void {
    this.isAbandoned = true
    this.chunks.length = 0
    this.unread = 0
    this.admit()
    this.notify()
  }

  /** Both go, neither because of the other. */
  stop(): void {
    this.isAbandoned = true
    this.stopWriting()
    this.stopReading()
  }

  /** What `look` finds, as soon as it finds something. It must only look: nobody may be left to hear of it. */
  until<A, E>(look: () => Effect.Effect<A, E> | undefined): Effect.Effect<A, E> {
    return Effect.callback((resume) => {
      const watcher = () => {
        const found = look()
        if (found === undefined) return
        stop()
        resume(found)
      }
      const stop = this.watch(watcher)
      watcher()
      return Effect.sync(stop)
    })
  }

  /** Calls `watcher` after every change that matters to a reader, and for each `notify`. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher)
    return () => void this.watchers.delete(watcher)
  }

  notify(): void {
    for (const watcher of [...this.watchers]) if (this.watchers.has(watcher)) watcher()
  }

  private turn(bytes: Uint8Array): Effect.Effect<void, TransportError> {
    return Effect.callback((resume) => {
      const turn = { bytes, resume }
      this.turns.add(turn)
      this.admit()
      return Effect.sync(() => {
        this.turns.delete(turn)
        this.admit()
      })
    })
  }

  /** Takes the writes that need not wait any longer. */
  private admit(): void {
    for (const turn of this.turns) {
      const { bytes, resume } = turn
      if (bytes.length > 0 && this.unread >= this.window) return
      this.turns.delete(turn)
      if (bytes.length > 0 && !this.isAbandoned) {
        // A copy. `slice` would make none of a Node Buffer.
        this.chunks.push(new Uint8Array(bytes))
        this.unread += bytes.length
        this.notify()
      }
      resume(Effect.void)
    }
  }
}
