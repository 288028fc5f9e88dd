/**
 * Our end of a connection, with the troubles that `MemoryTransport` does not know: it can break, a peer that does not
 * read keeps what we write from leaving, and a gentle close waits for the peer's end as it does over TCP.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type { PlainTransport, Transport } from "../../src/Transport.ts"
import { TransportError } from "../../src/TransportError.ts"
import { textOf } from "../Noise.ts"
import type { Heard } from "../Peer.ts"

/** `leaving` is how many of our writes reach the peer before it stops reading. */
export const make = Effect.fnUntraced(function* (inner: PlainTransport, leaving: number) {
  const broken = yield* Deferred.make<never, TransportError>()
  const breaks = Deferred.await(broken)
  const unsent: Heard = { clear: "", secret: "" }
  let left = leaving
  let isStuck = false
  let isClosing = false
  let isDropped = false

  // What has come before the connection broke is read first.
  const unlessBroken = <A>(effect: Effect.Effect<A, TransportError>) => Effect.raceFirst(effect, breaks)
  const stuckOr = (effect: Effect.Effect<void, TransportError>) =>
    unlessBroken(Effect.suspend(() => (isStuck ? Effect.never : effect)))

  const over = <T extends Transport>(transport: T, as: keyof Heard): T => ({
    ...transport,
    pull: Effect.suspend(() =>
      isClosing ? Effect.fail(new TransportError({ kind: "closed" })) : unlessBroken(transport.pull)
    ),
    ended: Effect.raceFirst(transport.ended, Effect.flip(breaks)),
    write: (bytes) =>
      Effect.suspend(() => {
        if (Deferred.isDoneUnsafe(broken)) return breaks
        if (left-- > 0) return transport.write(bytes)
        isStuck = true
        unsent[as] += textOf(bytes)
        return Effect.void
      }),
    flush: stuckOr(transport.flush),
    finish: Effect.ignore(stuckOr(transport.finish)),
    close: Effect.suspend(() => {
      isClosing = true
      return Effect.ignore(Effect.andThen(stuckOr(transport.finish), Effect.forever(unlessBroken(transport.pull))))
    }),
    destroy: Effect.suspend(() => {
      isDropped = true
      return transport.destroy
    })
  })

  const transport: PlainTransport = {
    ...over(inner, "clear"),
    // A handshake fails with `tls`, whatever it was that broke.
    startTls: (options) =>
      Effect.raceFirst(
        Effect.map(inner.startTls(options), (secure) => over(secure, "secret")),
        Effect.mapError(breaks, (cause) => new TransportError({ kind: "tls", cause }))
      )
  }
  return {
    transport,
    /** What we have written and the peer has not read. */
    unsent,
    breakOff: Effect.asVoid(Deferred.fail(broken, new TransportError({ kind: "reset" }))),
    isDropped: () => isDropped
  }
})
