import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { LocalTubs } from "../src/LocalTubs.ts"
import type { LocalTub } from "../src/LocalTub.ts"
import { Deadline } from "../src/NegotiationService.ts"
import type { Side } from "../src/policy/Master.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { PlainTransport } from "../src/Transport.ts"
import {
  clientHello,
  decision,
  errorBlock,
  errorToken,
  get,
  type Heard,
  hello,
  other,
  outcomeOf,
  play,
  type Script,
  switching,
  underTls
} from "./Peer.ts"
import { high, low, side, type SideOptions } from "./Sides.ts"

const timeIsUp = "not negotiated within 2m"
const timeout = `HTTP/1.1 408 Request Timeout: ${timeIsUp}\r\n`

interface Stall {
  readonly on: Side
  readonly self: LocalTub
  readonly script: Script
  /** What stalls on our own side. */
  readonly options?: SideOptions
  readonly stalling?: (transport: PlainTransport) => PlainTransport
}

/** A negotiation that hangs, and what the peer has heard of it so far. */
const hang = Effect.fnUntraced(function* ({ on, options, script, self, stalling = (transport) => transport }: Stall) {
  const service = yield* side(self, options)
  const pair = yield* MemoryTransport.makePair()
  const heard: Heard = { clear: "", secret: "" }
  const as = on === "client" ? "server" : "client"
  yield* Effect.forkChild(play(pair[as], as, script, heard))
  const run =
    on === "client"
      ? service.dial(stalling(pair.client), { wanted: other(self).tubId, host: "example.org" })
      : service.accept(stalling(pair.server))
  return { heard, fiber: yield* Effect.forkChild(Effect.exit(Effect.scoped(run))) }
})

/** Asserts that the negotiation is still there just before two minutes, and gone at two minutes. */
const assertDeadline = Effect.fnUntraced(function* (
  stall: Stall,
  expected: { readonly phase: string; readonly clear: string | RegExp; readonly secret: string }
) {
  const { fiber, heard } = yield* hang(stall)
  yield* TestClock.adjust("119999 millis")
  assert.isUndefined(fiber.pollUnsafe(), "too soon")
  const before = { ...heard }
  yield* TestClock.adjust("1 millis")
  const exit = yield* Fiber.join(fiber)
  assert.strictEqual(outcomeOf(exit), `${expected.phase} DeadlineExceeded`)
  assert.include(String(Exit.isFailure(exit) && exit.cause), timeIsUp)
  // Whatever was said before stays, and what is added is what N27 has for this moment.
  assert.strictEqual(heard.clear.slice(0, before.clear.length), before.clear)
  if (typeof expected.clear === "string") assert.strictEqual(heard.clear, expected.clear)
  else assert.match(heard.clear, expected.clear)
  assert.strictEqual(heard.secret, expected.secret)
})

const neverFlushes = (transport: PlainTransport): PlainTransport => ({
  ...transport,
  flush: Effect.never,
  startTls: (options) => transport.startTls(options)
})

/** Under TLS, the Decision is written and does not leave, and what follows leaves only if it `recovers`. */
const keepsDecision =
  (recovers: boolean) =>
  (transport: PlainTransport): PlainTransport => ({
    ...transport,
    startTls: (options) =>
      Effect.map(transport.startTls(options), (secure) => {
        let isStuck = false
        return {
          ...secure,
          write: (bytes) => {
            const isDecision = Buffer.from(bytes).toString("latin1").startsWith("banana-decision-version: 3")
            isStuck = isDecision || (isStuck && !recovers)
            return secure.write(bytes)
          },
          flush: Effect.suspend(() => (isStuck ? Effect.never : secure.flush))
        }
      })
  })

describe("The deadline of a server", () => {
  for (const clear of ["", "G", get(high.tubId).slice(0, -1)]) {
    it.effect(`tells a client with 408 that has said ${clear.length} bytes of its GET (N8, N27)`, () =>
      assertDeadline(
        { on: "server", self: high, script: { clear } },
        { phase: "Plaintext", clear: new RegExp(`^${timeout}[^]*\r\n\r\n${timeIsUp}\n$`), secret: "" }
      )
    )
  }

  it.effect("tells a client with 408 while its Tub is looked for (N27)", () =>
    assertDeadline(
      {
        on: "server",
        self: high,
        script: { clear: get(high.tubId) },
        options: { tubs: Layer.succeed(LocalTubs)({ find: () => Effect.never }) }
      },
      { phase: "Plaintext", clear: new RegExp(`^${timeout}`), secret: "" }
    )
  )

  it.effect("says nothing behind a 101 that does not leave (N23)", () =>
    assertDeadline(
      { on: "server", self: high, script: { clear: get(high.tubId) }, stalling: neverFlushes },
      { phase: "Plaintext", clear: switching, secret: "" }
    )
  )

  it.effect("says nothing to a client that does not begin TLS (N27)", () =>
    assertDeadline(
      { on: "server", self: high, script: { clear: get(high.tubId) } },
      { phase: "Plaintext", clear: switching, secret: "" }
    )
  )
})

describe("The deadline of a client", () => {
  for (const clear of ["", "HTTP/1.1", switching.slice(0, -1)]) {
    it.effect(`says nothing to a server that has said ${clear.length} bytes of its answer (N9, N27)`, () =>
      assertDeadline(
        { on: "client", self: low, script: { clear } },
        { phase: "Plaintext", clear: get(high.tubId), secret: "" }
      )
    )
  }

  it.effect("says nothing to a server that does not begin TLS (N27)", () =>
    assertDeadline(
      { on: "client", self: low, script: { clear: switching } },
      { phase: "Plaintext", clear: get(high.tubId), secret: "" }
    )
  )

  it.effect("says nothing behind a GET that does not leave (N9)", () =>
    assertDeadline(
      { on: "client", self: low, script: { clear: "" }, stalling: neverFlushes },
      { phase: "Plaintext", clear: get(high.tubId), secret: "" }
    )
  )
})

for (const on of ["client", "server"] as const) {
  const heardClear = (self: LocalTub) => (on === "client" ? get(other(self).tubId) : switching)
  const ourHello = (self: LocalTub) => (on === "client" ? clientHello(self) : hello(self))

  describe(`The deadline of a ${on} under TLS`, () => {
    for (const self of [low, high]) {
      const role = self === high ? "Master" : "NonMaster"
      const peer = other(self)
      for (const says of ["", "b", hello(peer).slice(0, -1)]) {
        it.effect(`tells a peer in an error block that has said ${says.length} bytes of its Hello (${role}, N27)`, () =>
          assertDeadline(
            { on, self, script: underTls(on, self, peer.credentials, says) },
            { phase: "Encrypted", clear: heardClear(self), secret: ourHello(self) + errorBlock(timeIsUp) }
          )
        )
      }
    }

    for (const says of ["", "b", decision().slice(0, -1)]) {
      it.effect(`tells a Master in an ERROR token that has said ${says.length} bytes of its Decision (N27)`, () =>
        assertDeadline(
          { on, self: low, script: underTls(on, low, high.credentials, hello(high) + says) },
          { phase: "Deciding", clear: heardClear(low), secret: ourHello(low) + errorToken(timeIsUp) }
        )
      )
    }

    it.effect("tells a NonMaster in an ERROR token, once the Decision is written (N23)", () =>
      assertDeadline(
        {
          on,
          self: high,
          script: underTls(on, high, low.credentials, hello(low)),
          stalling: keepsDecision(true)
        },
        {
          phase: "Deciding",
          clear: heardClear(high),
          secret: ourHello(high) + decision() + errorToken(timeIsUp)
        }
      )
    )

    it.effect("gives what it says five seconds to leave, and no more (N26)", () =>
      Effect.gen(function* () {
        const { fiber, heard } = yield* hang({
          on,
          self: high,
          script: underTls(on, high, low.credentials, hello(low)),
          stalling: keepsDecision(false)
        })
        yield* TestClock.adjust("124999 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(outcomeOf(yield* Fiber.join(fiber)), "Deciding DeadlineExceeded")
        assert.strictEqual(heard.clear, heardClear(high))
      })
    )
  })
}

describe("Deadline", () => {
  it.effect("is the caller's to set (N27)", () =>
    Effect.gen(function* () {
      const { fiber } = yield* hang({ on: "server", self: high, script: { clear: "" } }).pipe(
        Effect.provideService(Deadline, Duration.seconds(5))
      )
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const exit = yield* Fiber.join(fiber)
      assert.strictEqual(outcomeOf(exit), "Plaintext DeadlineExceeded")
      assert.include(String(Exit.isFailure(exit) && exit.cause), "not negotiated within 5s")
    })
  )

  it.effect("runs over all phases together, and is forgotten once the link stands", () =>
    Effect.gen(function* () {
      const [there, here] = [yield* side(high), yield* side(low)]
      const pair = yield* MemoryTransport.makePair()
      const accepting = yield* Effect.forkChild(there.accept(pair.server))
      yield* TestClock.adjust("119 seconds")
      const dialling = yield* Effect.forkChild(here.dial(pair.client, { wanted: high.tubId, host: "example.org" }))
      const dialled = yield* Fiber.join(dialling)
      const accepted = yield* Fiber.join(accepting)
      assert.strictEqual(Duration.toMillis(accepted.timings.plaintext), 119_000)
      const ended = yield* Effect.forkChild(accepted.ended)
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(ended.pollUnsafe())
      yield* dialled.close
    })
  )
})
