/**
 * A transport and the block format together: send one, receive one, hand over what follows.
 *
 * Bytes that arrive behind a block are kept and belong to whatever comes next: to TLS after PLAINTEXT, to DECIDING after
 * ENCRYPTED, to Banana after DECIDING. `rest` hands them over, once.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { HeaderTooLong, PeerClosed, TransportFailed } from "./NegotiationError.ts"
import type { Transport } from "./Transport.ts"
import type { TransportError } from "./TransportError.ts"
import * as Block from "./wire/Block.ts"

const nothing = new Uint8Array(0)

/**
 * Sends and receives blocks over one transport. One receiver at a time.
 *
 * @category models
 * @since 0.1.0
 */
export class BlockChannel<T extends Transport> {
  readonly transport: T
  private buffer: Uint8Array = nothing

  constructor(transport: T) {
    this.transport = transport
  }

  /** Sends bytes as a write of their own and waits until they have left, so that no record holds more (N14). */
  readonly send = (bytes: Uint8Array): Effect.Effect<void, TransportFailed> =>
    this.transport.write(bytes).pipe(
      Effect.andThen(this.transport.flush),
      Effect.mapError((cause) => new TransportFailed({ cause }))
    )

  /**
   * Receives one block, without its empty line.
   *
   * `impossible` is asked about whatever has come so far, so that a peer which speaks something else is found out before
   * it has sent a whole block, or without its ever sending one. It need look only at what lies behind `seen`.
   */
  receive<E = never>(
    awaiting: PeerClosed["awaiting"],
    impossible?: (beginning: Uint8Array, seen: number) => E | undefined
  ): Effect.Effect<Uint8Array, E | HeaderTooLong | PeerClosed | TransportFailed> {
    const { pull } = this.transport
    const ended = (cause: TransportError) =>
      cause.kind === "eof" ? new PeerClosed({ awaiting }) : new TransportFailed({ cause })
    // How much was looked at before: a peer that sends byte by byte must not make us start over each time.
    let seen = 0
    const step = (): Effect.Effect<Uint8Array, E | HeaderTooLong | PeerClosed | TransportFailed> => {
      const split = Block.split(this.buffer, seen)
      const beginning = split._tag === "Complete" ? split.header : this.buffer.subarray(0, Block.limit)
      const reason = impossible?.(beginning, seen)
      if (reason !== undefined) return Effect.fail(reason)
      switch (split._tag) {
        case "Complete":
          this.buffer = split.rest
          return Effect.succeed(split.header)
        case "TooLong":
          return Effect.fail(new HeaderTooLong({ limit: Block.limit }))
        case "Incomplete":
          seen = this.buffer.length
          return Effect.flatMap(Effect.mapError(pull, ended), (chunk) => {
            this.buffer = concat(this.buffer, chunk)
            return step()
          })
      }
    }
    return Effect.suspend(step)
  }

  /** Whether anything came behind the last block. */
  get hasMore(): boolean {
    return this.buffer.length > 0
  }

  /** The bytes behind the last block. The channel forgets them. */
  rest(): Uint8Array {
    const rest = this.buffer
    this.buffer = nothing
    return rest
  }
}

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  if (a.length === 0) return b
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
