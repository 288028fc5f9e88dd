/**
 * A pair of transports in memory: no socket, no timer, no certificate, so that `TestClock` owns all of time.
 *
 * A "certificate" is the TubId itself, which lets a test choose any TubId, and any mismatch between what a Tub claims
 * and what it proves. "TLS" is a rendezvous: both ends must have started it, and a plaintext byte that is still under
 * way then fails it, as it would fail a real handshake. A write never waits.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as LoopbackTransport from "../LoopbackTransport.ts"
import type { Side } from "../policy/Master.ts"
import type { Credentials, PlainTransport, Transport } from "../Transport.ts"

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

const proofIn = ({ certificate }: Credentials): TubId | undefined =>
  Schema.is(TubId)(certificate) ? certificate : undefined

// What the loopback proves, in whose place the credentials come.
const anybody = TubId.make("a".repeat(32))

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
  Effect.map(LoopbackTransport.makePair(anybody, { window: Infinity }), (pair) => {
    const split = options?.split ?? ((bytes: Uint8Array) => [bytes])
    const proofs = new Map<Side, TubId | undefined>()
    const make = (side: Side): PlainTransport => {
      const other = side === "client" ? "server" : "client"
      const { startTls, ...plain } = pair[side]
      const over = (transport: Transport): Transport => ({
        ...transport,
        remoteAddress: `memory:${other}`,
        write: (bytes) => Effect.suspend(() => Effect.forEach(split(bytes), transport.write, { discard: true }))
      })
      return {
        ...over(plain),
        startTls: (tls) =>
          Effect.suspend(() => {
            proofs.set(side, proofIn(tls.credentials))
            return Effect.map(startTls(tls), (secure) => ({ ...over(secure), proven: proofs.get(other) }))
          })
      }
    }
    return { client: make("client"), server: make("server") }
  })
