/**
 * The port to the network: one byte stream that starts in clear and becomes TLS.
 *
 * The two phases are two types, so that a peer's identity cannot be asked for before TLS has proven it. An
 * implementation belongs to a `Scope`; when that closes, the socket and everything on it is destroyed at once, in
 * whichever phase it was. `@effect-foolscap/node` implements it over `node:net` and `node:tls`, `LoopbackTransport` within
 * a process, `@effect-foolscap/negotiation/testing` twice in memory, and one suite of tests holds for all of them.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { Side } from "./policy/Master.ts"
import type { TransportError } from "./TransportError.ts"

/**
 * What a Tub proves itself with in the TLS handshake.
 *
 * @category models
 * @since 0.1.0
 */
export interface Credentials {
  /** The self-signed certificate, PEM. Its SHA-1 is the TubId. */
  readonly certificate: string
  /** The private key that belongs to it, PEM (PKCS#8). */
  readonly privateKey: Redacted.Redacted<string>
}

/**
 * What both phases can do.
 *
 * @category models
 * @since 0.1.0
 */
export interface Transport {
  /** The other end for people and spans, as `host:port` or a name the platform gives. */
  readonly remoteAddress: string
  /**
   * The next bytes, never none. Fails with `eof` after the last ones. One reader at a time; an interrupted pull loses
   * no byte.
   */
  readonly pull: Effect.Effect<Uint8Array, TransportError>
  /**
   * Succeeds with what ended the stream, also while nobody pulls; but not before everything that came before the peer's
   * end has been pulled.
   */
  readonly ended: Effect.Effect<TransportError>
  /** Succeeds once the bytes are accepted under backpressure, which may be before they left this process. */
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, TransportError>
  /**
   * Succeeds once every byte written so far has left this process. A header block is flushed before anything that
   * follows it, so that no TLS record holds both (N14).
   */
  readonly flush: Effect.Effect<void, TransportError>
  /**
   * Finishes this side: succeeds once everything written, close_notify and FIN have left this process. The peer may
   * still be sending. Safe to call more than once, and never fails: a connection that is already gone is finished.
   */
  readonly finish: Effect.Effect<void>
  /**
   * Finishes this side and waits for as long as dropping the connection could still lose what was said: over TCP until
   * the peer has finished too, for which unread bytes are discarded. From the moment it is called, pull and write fail
   * with `closed`. A peer need not ever finish: `closeGently` sets a limit. Safe to call more than once.
   */
  readonly close: Effect.Effect<void>
  /** Drops the connection at once, without a word. Safe to call more than once. */
  readonly destroy: Effect.Effect<void>
}

/**
 * A connected transport before TLS.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlainTransport extends Transport {
  /**
   * Hands the stream to TLS and succeeds when the handshake is done on this side. The plain transport must not be used
   * afterwards. Interruption destroys the connection.
   *
   * `early` are bytes already pulled that lie behind the last plaintext block. They are given to the TLS engine as if
   * it had read them itself and never to anyone else (N10). Both sides ask for a certificate and accept any: who the
   * peer is, is for the caller to judge.
   *
   * Fails with `tls` when the handshake fails or the peer closes during it.
   */
  readonly startTls: (options: {
    readonly side: Side
    readonly credentials: Credentials
    readonly early: Uint8Array
  }) => Effect.Effect<SecureTransport, TransportError>
}

/**
 * A transport under TLS.
 *
 * @category models
 * @since 0.1.0
 */
export interface SecureTransport extends Transport {
  /**
   * The TubId of the certificate whose key the peer proved to hold, `undefined` if it showed none. Computed by the
   * transport from the certificate's DER, once, when the handshake ends.
   */
  readonly proven: TubId | undefined
}

/**
 * How long a close waits for the peer before the connection is dropped (N26): 5 seconds.
 *
 * @category constants
 * @since 0.1.0
 */
export const closeLimit: Duration.Duration = Duration.seconds(5)

/**
 * Closes in good order if the peer plays along, and drops the connection after `closeLimit` if it does not (N26).
 *
 * @category combinators
 * @since 0.1.0
 */
export const closeGently = ({ close, destroy }: Transport): Effect.Effect<void> =>
  Effect.interruptible(close).pipe(Effect.timeoutOption(closeLimit), Effect.ensuring(destroy), Effect.asVoid)
