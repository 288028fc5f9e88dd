/**
 * A pair of transports in memory: no socket, no timer, no certificate, so that `TestClock` owns all of time.
 *
 * A "certificate" is the TubId itself, which lets a test choose any TubId, and any mismatch between what a Tub claims
 * and what it proves. "TLS" is a rendezvous: both ends must have started it, and a plaintext byte that is still under
 * way then fails it, as it would fail a real handshake.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Side } from "../policy/Master.ts"
import type { Credentials, PlainTransport, SecureTransport, Transport } from "../Transport.ts"
import { TransportError } from "../TransportError.ts"

/**
 * Credentials with which a Tub proves `tubId` over a memory transport.
 *
 * @category constructors
 * @since 0.1.0
 */
export const credentials = (tubId: TubId): Credentials => ({ certificate: tubId, privateKey: Redacted.make("") })

/**
 * Credentials that prove nothing, as a TLS client without a certificate.
 *
 * @category constructors
 * @since 0.1.0
 */
export const anonymous: Credentials = { certificate: "", privateKey: Redacted.make("") }

type Resume<A> = (effect: Effect.Effect<A, TransportError>) => void

/** One direction of the byte stream. Every byte is delivered before its end. */
class Pipe {
  private readonly chunks: Array<Uint8Array> = []
  private ended: TransportError["kind"] | undefined
  private waiter: Resume<Uint8Array> | undefined
  private readonly observers = new Set<() => unknown>()

  /** Whether its writer has ended it. What is written after its reader went away vanishes, as on its way in a network. */
  isFinished = false

  get isEnded(): boolean {
    return this.ended !== undefined
  }

  /** What ended it, once everything before that was pulled. */
  get drained(): TransportError["kind"] | undefined {
    return this.chunks.length === 0 ? this.ended : undefined
  }

  get hasBytes(): boolean {
    return this.chunks.length > 0
  }

  push(bytes: Uint8Array): void {
    if (this.ended !== undefined || bytes.length === 0) return
    this.chunks.push(bytes)
    this.changed()
  }

  /** `discard` drops what was not yet pulled, as a reader's own close does. */
  end(kind: TransportError["kind"], discard = false): void {
    if (discard) {
      this.chunks.length = 0
      this.ended = kind
    } else {
      this.isFinished = true
    }
    this.ended ??= kind
    this.changed()
  }

  observe(observer: () => unknown): () => void {
    this.observers.add(observer)
    return () => this.observers.delete(observer)
  }

  readonly pull: Effect.Effect<Uint8Array, TransportError> = Effect.callback((resume) => {
    this.waiter = resume
    this.deliver()
    return Effect.sync(() => {
      if (this.waiter === resume) this.waiter = undefined
    })
  })

  private changed(): void {
    this.deliver()
    this.tell()
  }

  private tell(): void {
    for (const observer of [...this.observers]) observer()
  }

  private deliver(): void {
    const resume = this.waiter
    if (resume === undefined) return
    const chunk = this.chunks.shift()
    if (chunk === undefined && this.ended === undefined) return
    this.waiter = undefined
    resume(chunk === undefined ? Effect.fail(new TransportError({ kind: this.ended ?? "eof" })) : Effect.succeed(chunk))
    if (chunk !== undefined && this.drained !== undefined) this.tell()
  }
}

/** One side's view of two pipes. */
class End {
  readonly incoming: Pipe
  readonly outgoing: Pipe

  constructor(incoming: Pipe, outgoing: Pipe) {
    this.incoming = incoming
    this.outgoing = outgoing
    // A socket answers the peer's end by itself, once everything before it was read.
    incoming.observe(() => {
      if (incoming.drained !== undefined && !outgoing.isEnded) outgoing.end("eof")
    })
  }

  get isBroken(): boolean {
    return this.incoming.isEnded || this.outgoing.isEnded
  }

  drop(): void {
    this.outgoing.end("eof")
    this.incoming.end("closed", true)
  }
}

const transportOf = (
  end: End,
  options: {
    readonly remoteAddress: string
    readonly split: (bytes: Uint8Array) => Iterable<Uint8Array>
    readonly destroy: Effect.Effect<void>
  }
): Transport => ({
  remoteAddress: options.remoteAddress,
  pull: end.incoming.pull,
  ended: Effect.callback((resume) => {
    const look = () => {
      const kind = end.incoming.drained
      if (kind === undefined) return
      stop()
      resume(Effect.succeed(new TransportError({ kind })))
    }
    const stop = end.incoming.observe(look)
    look()
    return Effect.sync(stop)
  }),
  write: (bytes) =>
    Effect.suspend(() => {
      if (end.outgoing.isFinished) return Effect.fail(new TransportError({ kind: "closed" }))
      for (const chunk of options.split(bytes)) end.outgoing.push(chunk)
      return Effect.void
    }),
  // Whatever was written is in the other end's hands, even if that has finished meanwhile.
  flush: Effect.void,
  finish: Effect.sync(() => end.outgoing.end("eof")),
  // What was said is already in the other end's hands, so there is nothing to wait for.
  close: Effect.sync(() => end.drop()),
  destroy: options.destroy
})

/** What one end brings to the rendezvous that stands for the TLS handshake. */
interface Handshake {
  readonly proof: TubId | undefined
  readonly established: (theirProof: TubId | undefined) => void
}

const proofIn = ({ certificate }: Credentials): TubId | undefined =>
  Schema.is(TubId)(certificate) ? certificate : undefined

/**
 * A connected pair. Closing the Scope destroys both ends.
 *
 * `split` cuts every write into the chunks that the other end will pull, for example byte by byte.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makePair = (options?: {
  readonly split?: (bytes: Uint8Array) => Iterable<Uint8Array>
}): Effect.Effect<{ readonly client: PlainTransport; readonly server: PlainTransport }, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const split = options?.split ?? ((bytes: Uint8Array) => [bytes])
      const handshakes = new Map<Side, Handshake>()
      const plain = { up: new Pipe(), down: new Pipe() }
      const secure = { up: new Pipe(), down: new Pipe() }

      const make = (side: Side): PlainTransport => {
        const other = side === "client" ? "server" : "client"
        const endOf = (pipes: { readonly up: Pipe; readonly down: Pipe }) =>
          side === "client" ? new End(pipes.down, pipes.up) : new End(pipes.up, pipes.down)
        const below = endOf(plain)
        const above = endOf(secure)
        const drop = () => {
          below.drop()
          above.drop()
        }
        const shared = { remoteAddress: `memory:${other}`, split, destroy: Effect.sync(drop) }

        const startTls: PlainTransport["startTls"] = ({ credentials, early }) =>
          Effect.callback((resume) => {
            const settle = (result: Effect.Effect<SecureTransport, TransportError>) => {
              stop()
              handshakes.delete(side)
              resume(result)
            }
            const established = (proven: TubId | undefined) =>
              settle(Effect.succeed({ ...transportOf(above, shared), proven }))
            const failOnPlaintext = () => {
              if (early.length === 0 && !below.incoming.hasBytes && !below.isBroken) return false
              settle(Effect.fail(new TransportError({ kind: "tls" })))
              drop()
              return true
            }
            const stop = below.incoming.observe(failOnPlaintext)
            if (failOnPlaintext()) return
            const theirs = handshakes.get(other)
            if (theirs === undefined) {
              handshakes.set(side, { proof: proofIn(credentials), established })
            } else {
              theirs.established(proofIn(credentials))
              established(theirs.proof)
            }
            return Effect.sync(() => {
              stop()
              handshakes.delete(side)
              drop()
            })
          })

        return { ...transportOf(below, shared), startTls }
      }
      return { client: make("client"), server: make("server") }
    }),
    ({ client, server }) => Effect.andThen(client.destroy, server.destroy)
  )
