/** Negotiations in which one side waits: for its peer, whose words are held back, or for something of its own. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { LocalTubs, Whereabouts } from "../src/LocalTubs.ts"
import type { LocalTub } from "../src/LocalTub.ts"
import { Deadline } from "../src/NegotiationService.ts"
import type { Side } from "../src/policy/Master.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { PlainTransport, Transport } from "../src/Transport.ts"
import { textOf } from "./Noise.ts"
import { type Heard, other } from "./Peer.ts"
import { side } from "./Sides.ts"

/** What a side can wait for, in the order in which it comes. */
export type Awaited =
  | "the GET"
  | "its Tub to be found"
  | "its GET to leave"
  | "the 101"
  | "its 101 to leave"
  | "TLS"
  | "its Hello to leave"
  | "the Hello"
  | "its Decision to leave"
  | "the Decision"

/** Whether that is something of its own, which its peer cannot hurry. */
export const isOwn = (what: Awaited): boolean => what.startsWith("its ")

/** Which message that is: the first in clear, or the first or second under TLS. Two of these are not messages. */
const messages: { readonly [What in Awaited]?: readonly [layer: keyof Heard, nth: 0 | 1] } = {
  "the GET": ["clear", 0],
  "its GET to leave": ["clear", 0],
  "the 101": ["clear", 0],
  "its 101 to leave": ["clear", 0],
  "its Hello to leave": ["secret", 0],
  "the Hello": ["secret", 0],
  "its Decision to leave": ["secret", 1],
  "the Decision": ["secret", 1]
}

/** Holds one message of a transport. */
type Hold = <T extends Transport>(transport: T, nth: 0 | 1) => T

/**
 * The message, and all behind it, arrives when the latch opens; its first `bytes` arrive at once. A negative number
 * counts from its end.
 */
const arrivesLate =
  (latch: Latch.Latch, scope: Scope.Scope, bytes: number): Hold =>
  (transport, nth) => {
    let written = 0
    return {
      ...transport,
      write: (message: Uint8Array) =>
        Effect.suspend(() => {
          const through =
            written < nth ? message : written === nth ? message.subarray(0, bytes) : message.subarray(0, 0)
          written++
          const late = Effect.ignore(transport.write(message.subarray(through.length)))
          return Effect.andThen(transport.write(through), Effect.forkIn(latch.whenOpen(late), scope))
        })
    }
  }

/** The message is written, and has left when the latch opens. */
const leavesLate =
  (latch: Latch.Latch): Hold =>
  (transport, nth) => {
    let written = 0
    return {
      ...transport,
      write: (message: Uint8Array) => Effect.suspend(() => (written++, transport.write(message))),
      flush: Effect.suspend(() => (written === nth + 1 ? latch.whenOpen(transport.flush) : transport.flush))
    }
  }

const holding =
  (what: Awaited, hold: Hold) =>
  (transport: PlainTransport): PlainTransport => {
    const [layer, nth] = messages[what] ?? []
    if (nth === undefined) return transport
    if (layer === "clear") return hold(transport, nth)
    return {
      ...transport,
      startTls: (options) => Effect.map(transport.startTls(options), (secure) => hold(secure, nth))
    }
  }

/** Notes what one side says. */
const noting = (said: Heard) => {
  const note = <T extends Transport>(transport: T, layer: keyof Heard): T => ({
    ...transport,
    write: (bytes: Uint8Array) =>
      Effect.tap(transport.write(bytes), () =>
        Effect.sync(() => {
          said[layer] += textOf(bytes)
        })
      )
  })
  return (transport: PlainTransport): PlainTransport => ({
    ...note(transport, "clear"),
    startTls: (options) => Effect.map(transport.startTls(options), (secure) => note(secure, "secret"))
  })
}

/**
 * A negotiation of `self`, on the side `on`, that waits until the latch opens. Of what it waits for `bytes` have come.
 * `said` is what it has said itself. Its peer does as it should, and has a day.
 */
export const wait = Effect.fnUntraced(function* (options: {
  readonly on: Side
  readonly self: LocalTub
  readonly for: Awaited
  readonly bytes?: number
  readonly settings?: Layer.Layer<never>
}) {
  const { bytes = 0, for: what, on, self, settings = Layer.empty } = options
  const latch = yield* Latch.make()
  const pair = yield* MemoryTransport.makePair()
  const tubs = Layer.succeed(LocalTubs)({ find: () => latch.whenOpen(Effect.succeed(Whereabouts.Here({ tub: self }))) })
  const here = yield* side(self, { settings, ...(what === "its Tub to be found" ? { tubs } : {}) })
  const there = yield* side(other(self), { settings: Layer.succeed(Deadline)(Duration.days(1)) })

  const said: Heard = { clear: "", secret: "" }
  const ours = noting(said)(isOwn(what) ? holding(what, leavesLate(latch))(pair[on]) : pair[on])
  const late = holding(what, arrivesLate(latch, yield* Effect.scope, bytes))
  const theirs = (transport: PlainTransport): PlainTransport =>
    what === "TLS"
      ? { ...transport, startTls: (options) => latch.whenOpen(transport.startTls(options)) }
      : isOwn(what)
        ? transport
        : late(transport)

  const target = (tub: LocalTub) => ({ wanted: tub.tubId, host: "example.org" })
  const [running, peer] =
    on === "client"
      ? [here.dial(ours, target(there.tub)), there.accept(theirs(pair.server))]
      : [here.accept(ours), there.dial(theirs(pair.client), target(self))]
  return {
    running: yield* Effect.forkChild(Effect.exit(running)),
    peer: yield* Effect.forkChild(Effect.exit(peer)),
    latch,
    said
  }
})
