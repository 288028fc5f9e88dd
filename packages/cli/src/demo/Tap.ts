/**
 * A transport that lets somebody listen in: what each end writes, and when TLS stands.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { PlainTransport, Transport } from "@effect-foolscap/negotiation/Transport"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/**
 * Something one end did. `at` is in milliseconds since any fixed moment, with fractions.
 */
export type Moment = { readonly at: number } & (
  | { readonly _tag: "Wrote"; readonly bytes: Uint8Array }
  | { readonly _tag: "Secured"; readonly proven: TubId | undefined }
)

/**
 * The same transport, and `record` hears of everything it does.
 */
export const tap = (transport: PlainTransport, record: (moment: Moment) => void): PlainTransport => {
  const now = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos) / 1_000_000)
  const write =
    (inner: Transport): Transport["write"] =>
    (bytes) =>
      Effect.flatMap(now, (at) => {
        record({ _tag: "Wrote", at, bytes })
        return inner.write(bytes)
      })
  return {
    ...transport,
    write: write(transport),
    startTls: (options) =>
      Effect.flatMap(transport.startTls(options), (secure) =>
        Effect.map(now, (at) => {
          record({ _tag: "Secured", at, proven: secure.proven })
          return { ...secure, write: write(secure) }
        })
      )
  }
}
