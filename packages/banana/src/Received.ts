/**
 * What a decoder gives.
 *
 * @since 0.1.0
 */
import type { BananaError } from "./BananaError.ts"
import type { Value } from "./value/Value.ts"
import { Violation } from "./Violation.ts"
import type { Header } from "./wire/TokenDecoder.ts"

/**
 * What comes out of a decoder, in the order of the stream. After a `PeerError` or a `Failed` comes nothing.
 *
 * @category models
 * @since 0.1.0
 */
export type Received<A = Value> =
  | { readonly _tag: "Delivered"; readonly value: A }
  | Violated
  /** To be answered with a PONG of the same number. */
  | { readonly _tag: "Ping"; readonly number: Header }
  | { readonly _tag: "Pong"; readonly number: Header }
  /** An ERROR token: the peer gives up, and says why. */
  | { readonly _tag: "PeerError"; readonly text: string }
  /** The peer broke the protocol, which it should be told with an ERROR token. */
  | { readonly _tag: "Failed"; readonly error: BananaError }

/**
 * A top-level object was refused. The next one follows as if it had not been there.
 *
 * Its `Violation` is made when it is asked for: an error with a stack costs much more than the two bytes that a peer needs to
 * cause one.
 *
 * @category models
 * @since 0.1.0
 */
export class Violated {
  readonly _tag = "Violated"
  private readonly where: string
  private readonly reason: string

  constructor(where: string, reason: string) {
    this.where = where
    this.reason = reason
  }

  get violation(): Violation {
    return new Violation({ where: this.where, reason: this.reason })
  }
}
