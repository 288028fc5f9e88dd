import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Duration from "effect/Duration"
import { TestClock } from "effect/testing"
import { ConnectionTable, HandleOldPeers } from "../src/ConnectionTable.ts"
import { LinkEnd } from "../src/Link.ts"
import type { PlainTransport } from "../src/Transport.ts"
import { TransportError } from "../src/TransportError.ts"
import { attempt, connect } from "./Both.ts"
import { textOf } from "./Noise.ts"
import { converse, hello, outcomeOf, underTls } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"

describe("A duplicate", () => {
  for (const [client, server] of [
    [low, high],
    [high, low]
  ] as const) {
    const who = client === high ? "client" : "server"

    it.effect(`gets in alone when two attempts race (${who} is the Master, N22)`, () =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(client), yield* side(server)]
        // Nobody reads a Hello before both clients have written theirs.
        const latch = yield* Latch.make()
        let hellos = 0
        const gated = (transport: PlainTransport): PlainTransport => ({
          ...transport,
          startTls: (options) =>
            Effect.map(transport.startTls(options), (secure) => ({
              ...secure,
              write: (bytes) => {
                if (options.side === "client") hellos++
                return Effect.andThen(secure.write(bytes), hellos === 2 ? latch.open : Effect.void)
              },
              pull: latch.whenOpen(secure.pull)
            }))
        })
        const racing = attempt(here, there, { client: gated, server: gated })
        const ends = yield* Effect.all([racing, racing], { concurrency: "unbounded" })
        const outcomes = ends.map((end) => `${outcomeOf(end.client)}, ${outcomeOf(end.server)}`).sort()
        assert.deepStrictEqual(
          outcomes,
          client === high
            ? ["Deciding DuplicateConnection, Deciding PeerRefused", "connected as Master, connected as NonMaster"]
            : ["Deciding PeerRefused, Deciding DuplicateConnection", "connected as NonMaster, connected as Master"]
        )
      })
    )
  }

  it.effect("is none of two Tubs that dial each other at once: they end up with one link (N22)", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      const ends = yield* Effect.all([attempt(here, there), attempt(there, here)], { concurrency: "unbounded" })
      const connected = ends.filter((end) => Exit.isSuccess(end.client) && Exit.isSuccess(end.server))
      assert.strictEqual(connected.length, 1)
      for (const end of ends) {
        assert.strictEqual(Exit.isSuccess(end.client), Exit.isSuccess(end.server), "both sides agree")
      }
    })
  )

  it.effect("does not pass for one that knows the link if it began before there was one (N21, N22)", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      // The slow attempt has sent its GET, and hears of the 101 when the other attempt has become a link.
      const latch = yield* Latch.make()
      const slow = yield* Effect.forkChild(
        attempt(here, there, { client: (transport) => ({ ...transport, pull: latch.whenOpen(transport.pull) }) }),
        { startImmediately: true }
      )
      const link = yield* connect(here, there)
      yield* latch.open
      const { client, server } = yield* Fiber.join(slow)
      assert.deepStrictEqual(
        [outcomeOf(client), outcomeOf(server)],
        ["Deciding PeerRefused", "Deciding DuplicateConnection"]
      )
      assert.strictEqual(link.client.seqnum, 1)
    })
  )

  it.effect("that knows the link replaces it, and both owners hear of that before it is handed over (N22)", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      const first = yield* connect(here, there)
      const second = yield* connect(here, there)
      assert.deepStrictEqual([second.client.seqnum, second.server.seqnum], [2, 2])
      assert.deepStrictEqual(yield* first.server.ended, LinkEnd.Replaced())
      assert.deepStrictEqual(yield* first.client.ended, LinkEnd.Replaced())
      const error = yield* Effect.flip(Effect.flatMap(first.client.socket.reader, ({ pull }) => pull))
      assert.include(error.message, "replaced by a new connection")
      const third = yield* connect(here, there)
      assert.deepStrictEqual(yield* second.server.ended, LinkEnd.Replaced())
      assert.strictEqual(third.server.seqnum, 3)
    })
  )

  it.effect("of a restarted peer replaces the link (N22 row 2)", () =>
    Effect.gen(function* () {
      const there = yield* side(high)
      const first = yield* connect(yield* side(low), there)
      const second = yield* connect(yield* side({ ...low, incarnation: "3333333333333333" }), there)
      assert.deepStrictEqual(yield* first.server.ended, LinkEnd.Replaced())
      assert.strictEqual(second.client.seqnum, 2)
    })
  )

  it.effect("of a peer that knew us before we restarted is welcome (N22 row 4)", () =>
    Effect.gen(function* () {
      const here = yield* side(low)
      yield* connect(here, yield* side(high))
      const again = yield* side({ ...high, incarnation: "7777777777777777" })
      const second = yield* connect(here, again)
      assert.strictEqual(second.client.seqnum, 1)
      assert.strictEqual((yield* connect(here, again)).client.seqnum, 2)
    })
  )

  it.effect("that a Master dials is refused, and replaces the link where old peers may (N22 row 1)", () =>
    Effect.gen(function* () {
      const connections = Layer.provide(
        ConnectionTable.layerMemory,
        Layer.succeed(HandleOldPeers)(Duration.seconds(60))
      )
      const [here, there] = [yield* side(high, { connections }), yield* side(low)]
      const first = yield* connect(here, there)
      const refused = yield* attempt(here, there)
      assert.strictEqual(outcomeOf(refused.client), "Deciding DuplicateConnection")
      assert.strictEqual(outcomeOf(refused.server), "Deciding PeerRefused")
      yield* TestClock.adjust("1 minute")
      const second = yield* connect(here, there)
      assert.deepStrictEqual(yield* first.client.ended, LinkEnd.Replaced())
      assert.deepStrictEqual(yield* first.server.ended, LinkEnd.Replaced())
      assert.strictEqual(second.server.seqnum, 2)
    })
  )

  for (const end of ["client", "server"] as const) {
    it.effect(`is not what a Master dials when the link before was closed by its ${end} (N22)`, () =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(high), yield* side(low)]
        const first = yield* connect(here, there)
        yield* first[end].close
        // The other end hears of that on its own, a moment later.
        yield* first.client.ended
        const second = yield* connect(here, there)
        assert.deepStrictEqual([second.client.seqnum, second.server.seqnum], [2, 2])
      })
    )
  }

  for (const [what, lines, outcome] of [
    ["whose last-connection is no such thing", { "last-connection": "nonsense" }, "Deciding MalformedBlock"],
    ["that has no vocabulary in common with us", { "initial-vocab-table-range": "5 6" }, "Deciding NoOverlap"]
  ] as const) {
    it.effect(`${what} costs neither the link nor a number (N22)`, () =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(low), yield* side(high)]
        const link = yield* connect(here, there)
        const knowing = { "last-connection": `${high.incarnation} 1` }
        const script = underTls("server", high, low.credentials, hello(low, { ...knowing, ...lines }))
        assert.strictEqual((yield* converse(there, "server", script)).outcome, outcome)
        const ending = yield* Effect.forkChild(link.server.ended)
        yield* TestClock.adjust("1 hour")
        assert.isUndefined(ending.pollUnsafe())
        assert.strictEqual((yield* connect(here, there)).server.seqnum, 2)
      })
    )
  }

  const breaksAtDecision = (transport: PlainTransport): PlainTransport => ({
    ...transport,
    startTls: (options) =>
      Effect.map(transport.startTls(options), (secure) => ({
        ...secure,
        write: (bytes) =>
          textOf(bytes).startsWith("banana-decision-version: 3")
            ? Effect.andThen(secure.destroy, Effect.fail(new TransportError({ kind: "reset" })))
            : secure.write(bytes)
      }))
  })
  const stallsAtDecision = (transport: PlainTransport): PlainTransport => ({
    ...transport,
    startTls: (options) =>
      Effect.map(transport.startTls(options), (secure) => ({
        ...secure,
        write: (bytes) => (textOf(bytes).startsWith("banana-decision-version: 3") ? Effect.never : secure.write(bytes))
      }))
  })

  for (const [what, broken, outcome] of [
    ["whose Decision cannot be written", breaksAtDecision, "Deciding TransportFailed"],
    ["whose Decision is not written in time", stallsAtDecision, "Deciding DeadlineExceeded"]
  ] as const) {
    it.effect(`is not made by a connection ${what}: it is forgotten (N22)`, () =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(low), yield* side(high)]
        const failing = yield* Effect.forkChild(attempt(here, there, { server: broken }))
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(outcomeOf((yield* Fiber.join(failing)).server), outcome)
        // `none 0` again: with an entry left behind, this would be refused.
        const next = yield* connect(here, there)
        assert.deepStrictEqual([next.client.seqnum, next.server.seqnum], [2, 2])
      })
    )
  }
})
