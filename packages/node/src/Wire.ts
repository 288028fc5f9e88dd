/**
 * Wire: pull, write, flush and close over one Node duplex stream in paused mode, the same before and under TLS.
 *
 * Node reports through events, at times of its own; a fiber asks. Every question here is a check of what is true now,
 * and a fiber whose check has no answer yet is parked until an event says that something changed, then checks again.
 * Nothing is read for a fiber that no longer waits, so an interrupted pull loses no byte.
 *
 * @since 0.1.0
 */
import { TransportError } from "@effect-foolscap/negotiation/TransportError"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { Duplex } from "node:stream"

const nobody: ReadonlyArray<() => void> = []

/** Fibers that wait for the same kind of change. There are hardly ever two. */
class Parked {
  private waiting = nobody

  add(again: () => void): void {
    // Not by spreading, which would leave room for more.
    this.waiting = this.waiting.concat(again)
  }

  delete(again: () => void): void {
    this.waiting = this.waiting.filter((each) => each !== again)
  }

  wake(): void {
    const all = this.waiting
    // Whoever goes on waiting waits for the next change.
    this.waiting = nobody
    for (const again of all) again()
  }
}

/** The answer to `check`, which changes nothing, now or after one of the changes that wake `parked`. */
const until = <A, E>(parked: Parked, check: () => Exit.Exit<A, E> | undefined): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    let isWaiting = true
    const again = () => {
      // Whoever was woken before may have interrupted this one.
      if (!isWaiting) return
      const answer = check()
      if (answer === undefined) parked.add(again)
      else resume(answer)
    }
    again()
    return Effect.sync(() => {
      isWaiting = false
      parked.delete(again)
    })
  })

// What is left of a wire that was given up: an 'error' without a listener ends the process.
function destroyIt(this: Duplex) {
  this.destroy()
}

// OpenSSL's own errors, and Node's about the TLS session (renegotiation attacks).
const isTls = (cause: Error) => "code" in cause && typeof cause.code === "string" && /^ERR_(SSL|TLS)_/.test(cause.code)

/**
 * One stream, from when it is ours until it is closed.
 *
 * @category models
 * @since 0.1.0
 */
export class Wire {
  /** The stream itself. Whoever takes it back calls `release` first. */
  readonly stream: Duplex

  // Kept as plain data: an Error captures a stack, and most connections end without anyone being told.
  private failure: { readonly kind: TransportError["kind"]; readonly cause?: unknown } | undefined
  private closing = false
  // Not `stream.closed`: a socket says that as soon as it is destroyed, when its handle is still open.
  private isClosed: boolean
  private writes = 0
  private flushed = 0
  private readonly readers = new Parked()
  private readonly writers = new Parked()
  // Apart from the writers, who wait for room: each write that is done wakes these.
  private readonly flushers = new Parked()
  private readonly closers = new Parked()
  // Apart from the readers, whom every chunk wakes.
  private readonly watchers = new Parked()

  constructor(stream: Duplex) {
    this.stream = stream
    this.isClosed = stream.closed
    // For as long as there is a stream somebody listens to this one. An error may come long after everybody has lost interest, and an 'error' without a
    // listener ends the process.
    stream.on("error", this.onError)
    // A server's TLSSocket reports what goes wrong after the handshake only as this undocumented event: no 'error', no
    // 'close', and a reader would wait for ever.
    stream.on("_tlsError", this.onError)
    stream.on("close", this.onClose)
    stream.on("end", this.onEnd)
    stream.on("drain", this.onWritable).on("finish", this.onWritable)
    // Makes Node read ahead, up to the high-water mark: without it a paused stream never learns of the peer's end.
    stream.on("readable", this.onReadable)
    // Events that came before us will not come again.
    if (stream.destroyed) this.fail("reset", stream.errored ?? undefined)
    else if (stream.readableEnded) this.fail("eof")
  }

  /**
   * Gives the stream up to another owner, who gets every byte not pulled yet. An error still destroys it; this wire hears
   * of nothing any more, and the stream does not keep it in memory.
   */
  release(): void {
    this.fail("closed")
    this.closing = true
    this.stream.off("readable", this.onReadable).off("end", this.onEnd).off("close", this.onClose)
    this.stream.off("drain", this.onWritable).off("finish", this.onWritable)
    this.stream.off("error", this.onError).off("_tlsError", this.onError).on("error", destroyIt)
  }

  /** Why nothing more can be read or written, `undefined` as long as both go on. */
  get error(): TransportError | undefined {
    // Its owner may have destroyed the stream, and the 'close' that tells us is still to come.
    const failure = this.failure ?? (this.stream.destroyed ? { kind: "reset" as const } : undefined)
    return failure === undefined ? undefined : new TransportError(failure)
  }

  // These are methods, because fields that hold effects would be most of a wire at rest. Each acts when it is called.

  pull(): Effect.Effect<Uint8Array, TransportError> {
    return Effect.callback((resume) => {
      const answer = this.read()
      if (answer !== undefined) return resume(answer)
      // A resumed fiber asks again instead of being given the bytes: if it was interrupted meanwhile, none were taken.
      const again = () => resume(Effect.suspend(() => this.pull()))
      this.readers.add(again)
      return Effect.sync(() => this.readers.delete(again))
    })
  }

  write(bytes: Uint8Array): Effect.Effect<void, TransportError> {
    // Node answers a write after its end with an 'error' that destroys the stream, so it must never see one.
    if (this.closing || this.failure !== undefined || !this.stream.writable) return this.failed("closed")
    if (bytes.length === 0) return Effect.void
    this.writes++
    return this.stream.write(bytes, this.onWritten) ? Effect.void : until(this.writers, () => this.drained())
  }

  flush(): Effect.Effect<void, TransportError> {
    const written = this.writes
    return until(this.flushers, () => {
      if (this.flushed >= written) return Exit.void
      // A peer that has finished its own side may still be reading: only a dead stream ends the wait.
      return this.stream.destroyed ? this.failed("closed") : undefined
    })
  }

  finish(): Effect.Effect<void> {
    this.stream.end()
    return until(this.writers, () => (this.stream.writableFinished || this.stream.destroyed ? Exit.void : undefined))
  }

  close(): Effect.Effect<void> {
    this.closing = true
    this.fail("closed")
    this.stream.end()
    this.discard()
    return this.closed()
  }

  /** Succeeds with what ended the stream. */
  ended(): Effect.Effect<TransportError> {
    return until(this.watchers, () =>
      this.failure === undefined ? undefined : Exit.succeed(new TransportError(this.failure))
    )
  }

  /** Calls `tell` at whatever ends the stream, once, unless what this gives is called before. */
  onceEnded(tell: () => void): () => void {
    this.watchers.add(tell)
    return () => this.watchers.delete(tell)
  }

  /** Succeeds when the stream is closed: its handle is gone and it will say nothing more. */
  closed(): Effect.Effect<void> {
    return until(this.closers, () => (this.isClosed ? Exit.void : undefined))
  }

  destroy(): void {
    this.closing = true
    this.fail("closed")
    this.stream.destroy()
  }

  private read(): Exit.Exit<Uint8Array, TransportError> | undefined {
    if (this.closing) return this.failed("closed")
    // A paused stream without encoding gives a Buffer, everything it holds in one, or null.
    const bytes: Uint8Array | null = this.stream.read()
    if (bytes !== null) return Exit.succeed(bytes)
    return this.failure === undefined ? undefined : this.failed("closed")
  }

  private drained(): Exit.Exit<void, TransportError> | undefined {
    if (this.failure !== undefined) return this.failed("closed")
    return this.stream.writableNeedDrain ? undefined : Exit.void
  }

  private failed(otherwise: TransportError["kind"]): Exit.Exit<never, TransportError> {
    // What ended the stream before does not matter to whoever goes on after our own close.
    return Exit.fail(new TransportError(this.closing ? { kind: "closed" } : (this.failure ?? { kind: otherwise })))
  }

  /** Only the first reason counts: what follows is its consequence. */
  private fail(kind: TransportError["kind"], cause?: unknown): void {
    this.failure ??= cause === undefined ? { kind } : { kind, cause }
    this.readers.wake()
    this.writers.wake()
    this.flushers.wake()
    this.watchers.wake()
  }

  private discard(): void {
    while (this.stream.read() !== null);
  }

  private readonly onReadable = () => {
    if (this.closing) return this.discard()
    this.readers.wake()
  }

  private readonly onWritable = () => this.writers.wake()

  private readonly onWritten = (error?: Error | null) => {
    if (error) return
    this.flushed++
    this.flushers.wake()
  }

  private readonly onEnd = () => this.fail("eof")

  private readonly onError = (cause: Error) => {
    this.fail(isTls(cause) ? "tls" : "reset", cause)
    // After the handshake Node reports an error of a TLSSocket and leaves it open.
    this.stream.destroy()
  }

  private readonly onClose = () => {
    this.isClosed = true
    this.fail("reset")
    this.closers.wake()
  }
}
