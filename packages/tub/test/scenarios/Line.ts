/** What a network does to two Tubs between which it lies: it stalls, it loses, it breaks for one of them alone. */
import type { PlainTransport, Transport } from "@effect-foolscap/negotiation/Transport"
import { TransportError } from "@effect-foolscap/negotiation/TransportError"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Latch from "effect/Latch"
import type { Place } from "../Network.ts"

/** What a server is kept from. Behind the last, its client waits for a Decision. */
export type Stall = "reading the GET" | "answering the GET" | "sending its Hello" | "reading the Hello"

/** A server's connection that stalls until the latch opens. */
export const stalled =
  (latch: Latch.Latch, what: Stall) =>
  (transport: PlainTransport): PlainTransport => ({
    ...transport,
    ...(what === "reading the GET" ? { pull: latch.whenOpen(transport.pull) } : {}),
    ...(what === "answering the GET" ? { write: (bytes) => latch.whenOpen(transport.write(bytes)) } : {}),
    startTls: (options) =>
      Effect.map(transport.startTls(options), (secure) => ({
        ...secure,
        ...(what === "sending its Hello" ? { write: (bytes) => latch.whenOpen(secure.write(bytes)) } : {}),
        ...(what === "reading the Hello" ? { pull: latch.whenOpen(secure.pull) } : {})
      }))
  })

/**
 * A line for one connection. Once it is cut nothing gets through any more, and neither end hears of what the other does
 * or that it has gone. `breaks` cuts it and lets the client alone know.
 */
export const make = Effect.gen(function* () {
  const broken = yield* Deferred.make<never, TransportError>()
  let isCut = false
  const unlessCut = <E>(effect: Effect.Effect<void, E>): Effect.Effect<void, E> =>
    Effect.suspend(() => (isCut ? Effect.void : effect))

  const through = <T extends Transport>(transport: T, loses: (text: string) => boolean): T => ({
    ...transport,
    pull: Effect.raceFirst(
      Effect.flatMap(transport.pull, (bytes) => {
        isCut ||= loses(Buffer.from(bytes).toString("latin1"))
        return isCut ? Effect.never : Effect.succeed(bytes)
      }),
      Deferred.await(broken)
    ),
    ended: Effect.raceFirst(
      Effect.flatMap(transport.ended, (end) => (isCut ? Effect.never : Effect.succeed(end))),
      Effect.flip(Deferred.await(broken))
    ),
    write: (bytes: Uint8Array) => unlessCut(transport.write(bytes)),
    flush: unlessCut(transport.flush),
    finish: unlessCut(transport.finish),
    close: unlessCut(transport.close),
    destroy: unlessCut(transport.destroy)
  })

  /** The place at the other end of this line, which is cut as soon as the server says what it `loses`. */
  const to = (place: Place, loses: (text: string) => boolean = () => false): Place =>
    Effect.map(place, (transport) => ({
      ...through(transport, loses),
      startTls: (options) => Effect.map(transport.startTls(options), (secure) => through(secure, loses))
    }))

  const breaks = Effect.suspend(() => {
    isCut = true
    return Deferred.fail(broken, new TransportError({ kind: "reset" }))
  })
  return { to, breaks }
})

/** Tells the Decision from all else that a server says. */
export const isDecision = (text: string): boolean => text.startsWith("banana-decision-version: 3")
