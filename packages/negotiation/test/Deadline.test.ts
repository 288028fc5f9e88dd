import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import type { LocalTub } from "../src/LocalTub.ts"
import type { Phase } from "../src/NegotiationError.ts"
import { Deadline } from "../src/NegotiationService.ts"
import type { Role, Side } from "../src/policy/Master.ts"
import * as Settings from "../src/Settings.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { PlainTransport } from "../src/Transport.ts"
import { attempt } from "./Both.ts"
import { clientHello, decision, errorBlock, errorToken, get, hello, other, outcomeOf, switching } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"
import { type Awaited, isOwn, wait } from "./Waits.ts"

const tubs: { readonly [R in Role]: LocalTub } = { Master: high, NonMaster: low }
const roles: ReadonlyArray<Role> = ["Master", "NonMaster"]

/** How the peer is told that time is up (N27). */
type Told = "408" | "nothing" | "an error block" | "an ERROR token"

interface Row {
  readonly on: Side
  readonly waitsFor: Awaited
  readonly roles: ReadonlyArray<Role>
  readonly phase: Phase
  readonly told: Told
}

/** Every wait of a negotiation. Where the role is not known yet, it is the same for both. */
const rows: ReadonlyArray<Row> = (
  [
    // who waits, for what, as what, in which phase, and how the peer is told
    ["server", "the GET", roles, "Plaintext", "408"],
    ["server", "its Tub to be found", roles, "Plaintext", "408"],
    ["server", "its 101 to leave", roles, "Plaintext", "nothing"],
    ["server", "TLS", roles, "Plaintext", "nothing"],
    ["server", "its Hello to leave", roles, "Encrypted", "an error block"],
    ["server", "the Hello", roles, "Encrypted", "an error block"],
    ["server", "the Decision", ["NonMaster"], "Deciding", "an ERROR token"],
    ["server", "its Decision to leave", ["Master"], "Deciding", "an ERROR token"],
    ["client", "its GET to leave", roles, "Plaintext", "nothing"],
    ["client", "the 101", roles, "Plaintext", "nothing"],
    ["client", "TLS", roles, "Plaintext", "nothing"],
    ["client", "its Hello to leave", roles, "Encrypted", "an error block"],
    ["client", "the Hello", roles, "Encrypted", "an error block"],
    ["client", "the Decision", ["NonMaster"], "Deciding", "an ERROR token"],
    ["client", "its Decision to leave", ["Master"], "Deciding", "an ERROR token"]
  ] as const
).map(([on, waitsFor, roles, phase, told]) => ({ on, waitsFor, roles, phase, told }))

/** How much of what it waits for has come: nothing, a byte, all but a byte. */
const amounts = ({ waitsFor }: Row): ReadonlyArray<number> => (waitsFor === "TLS" || isOwn(waitsFor) ? [0] : [0, 1, -1])

const answer408 = (text: string): string =>
  `HTTP/1.1 408 Request Timeout: ${text}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
  `Content-Length: ${text.length + 1}\r\nConnection: close\r\n\r\n${text}\n`

/** All that a side has said when its time was up. */
const everythingSaid = ({ on, phase, told, waitsFor }: Row, self: LocalTub, timeIsUp: string) => {
  const plain = on === "client" ? get(other(self).tubId) : told === "408" ? answer408(timeIsUp) : switching
  const ours = on === "client" ? clientHello(self) : hello(self)
  const decided = waitsFor === "its Decision to leave" ? decision() : ""
  return {
    clear: plain,
    secret:
      phase === "Plaintext"
        ? ""
        : ours + decided + (told === "an error block" ? errorBlock(timeIsUp) : errorToken(timeIsUp))
  }
}

/** Asserts that a negotiation that waits is there for exactly `limit`, and says in the end what it should. */
const assertEndsAt = Effect.fnUntraced(function* (
  row: Row,
  role: Role,
  given: {
    readonly limit: Duration.Duration
    readonly text: string
    readonly bytes?: number
    readonly settings?: Layer.Layer<never>
  }
) {
  const { limit, text, ...options } = given
  const { running, said } = yield* wait({ on: row.on, self: tubs[role], for: row.waitsFor, ...options })
  yield* TestClock.adjust(Duration.subtract(limit, Duration.millis(1)))
  assert.isUndefined(running.pollUnsafe(), "too soon")
  yield* TestClock.adjust("1 millis")
  assert.isDefined(running.pollUnsafe(), "too late")
  const exit = yield* Fiber.join(running)
  assert.strictEqual(outcomeOf(exit), `${row.phase} DeadlineExceeded`)
  assert.include(String(Exit.isFailure(exit) && exit.cause), `${row.phase}: not negotiated within ${text}`)
  assert.deepStrictEqual(said, everythingSaid(row, tubs[role], `not negotiated within ${text}`))
})

for (const row of rows) {
  const { on, phase, roles, told, waitsFor } = row
  describe(`The ${on} that waits for ${waitsFor} in ${phase}`, () => {
    for (const role of roles) {
      for (const bytes of amounts(row)) {
        const who = `as ${role}, ${bytes === 0 ? "none" : bytes === 1 ? "one byte" : "all but a byte"} of it here`

        it.effect(`fails at two minutes and not before, and tells the peer with ${told} (${who}, N27)`, () =>
          assertEndsAt(row, role, { limit: Duration.minutes(2), text: "2m", bytes })
        )

        it.effect(`is connected if it comes a millisecond before two minutes, and stays so (${who})`, () =>
          Effect.gen(function* () {
            const { latch, peer, running } = yield* wait({ on, self: tubs[role], for: waitsFor, bytes })
            yield* TestClock.adjust("119999 millis")
            yield* latch.open
            const exit = yield* Fiber.join(running)
            assert.strictEqual(outcomeOf(exit), `connected as ${role}`)
            assert.strictEqual(
              outcomeOf(yield* Fiber.join(peer)),
              `connected as ${role === "Master" ? "NonMaster" : "Master"}`
            )
            const ended = yield* Effect.forkChild((yield* exit).ended)
            yield* TestClock.adjust("1 hour")
            assert.isUndefined(ended.pollUnsafe())
          })
        )
      }
    }
  })
}

const configured = Settings.layerConfig.pipe(
  Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ FOOLSCAP_NEGOTIATION_DEADLINE: "7 seconds" }))),
  Layer.orDie
)

for (const [how, settings, limit, text] of [
  ["set in the program", Layer.succeed(Deadline)(Duration.seconds(5)), Duration.seconds(5), "5s"],
  ["set in the configuration", configured, Duration.seconds(7), "7s"]
] as const) {
  describe(`A deadline that is ${how}`, () => {
    for (const row of rows) {
      for (const role of row.roles) {
        it.effect(`holds for the ${row.on} that waits for ${row.waitsFor} (${role}, N27)`, () =>
          assertEndsAt(row, role, { limit, text, settings })
        )
      }
    }
  })
}

describe("Deadline", () => {
  for (const [within, limit] of [
    [30, 30],
    [300, 120]
  ] as const) {
    it.effect(`ends a dial after ${limit} seconds whose caller has ${within} left (N27)`, () =>
      Effect.gen(function* () {
        const here = yield* side(low)
        const pair = yield* MemoryTransport.makePair()
        const target = { wanted: high.tubId, host: "example.org", within: Duration.seconds(within) }
        const dialling = yield* Effect.forkChild(Effect.exit(here.dial(pair.client, target)))
        yield* TestClock.adjust(limit * 1000 - 1)
        assert.isUndefined(dialling.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(outcomeOf(yield* Fiber.join(dialling)), "Plaintext DeadlineExceeded")
      })
    )
  }

  for (const on of ["client", "server"] as const) {
    it.effect(`gives what a ${on} says at its end five seconds to leave, and no more (N26)`, () =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(low), yield* side(high)]
        const neverFlushes = (transport: PlainTransport): PlainTransport => ({
          ...transport,
          startTls: (options) =>
            Effect.map(transport.startTls(options), (secure) => ({ ...secure, flush: Effect.never }))
        })
        const failing = yield* Effect.forkChild(attempt(here, there, { [on]: neverFlushes }))
        yield* TestClock.adjust("124999 millis")
        assert.isUndefined(failing.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(outcomeOf((yield* Fiber.join(failing))[on]), "Encrypted DeadlineExceeded")
      })
    )
  }

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
