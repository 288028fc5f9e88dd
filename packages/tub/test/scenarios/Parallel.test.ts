import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import type { TubIdentity } from "../../src/TubIdentity.ts"
import { high, low, port } from "../Network.ts"
import { type Stall, stalled } from "./Line.ts"
import { watching } from "./Phases.ts"
import { assertAlive, assertStands, briefly, reasonsOf, start } from "./Process.ts"

type Ports = "first" | "second"

/** A Tub that listens at two ports, at one of them with a stall, and one that can dial both. */
const twoPorts = Effect.fnUntraced(function* (
  client: TubIdentity,
  server: TubIdentity,
  stall: { readonly at: Ports; readonly what: Stall }
) {
  const latch = yield* Latch.make()
  const [first, second] = [yield* port, yield* port]
  const there = yield* start(server)
  const through = (at: Ports) => (at === stall.at ? stalled(latch, stall.what) : undefined)
  const atFirst = yield* there.listen(first, through("first"))
  const atSecond = yield* there.listen(second, through("second"))
  return { first, second, latch, atFirst, atSecond }
})

/** How far the server of the abandoned connection lets it come, and where that leaves the client. */
const states: ReadonlyArray<readonly [what: Stall, abandonedIn: string]> = [
  // Foolscap: Parallel.test2
  ["reading the GET", "Plaintext"],
  // Foolscap: Parallel.test3
  ["answering the GET", "Plaintext"],
  // Foolscap: Parallel.test4
  ["sending its Hello", "Encrypted"],
  // Foolscap: Parallel.test5
  ["reading the Hello", "Deciding"]
]

describe("Of two hints that are dialled at once", () => {
  for (const [role, client, server] of [
    ["NonMaster", low, high],
    ["Master", high, low]
  ] as const) {
    // Foolscap: Parallel.test1
    it.effect(`the slow one is used when the other is refused before it is negotiated (${role} dials)`, () =>
      Effect.gen(function* () {
        const { atFirst, first, latch } = yield* twoPorts(client, server, { at: "first", what: "reading the GET" })
        const { dial, net } = yield* start(client, { "tcp:first:1": first.place })
        const { abandoned, watch } = watching()
        const dialling = yield* Effect.forkChild(watch(dial(server, "tcp:first:1", "tcp:nobody:1")))
        // All that does not wait for time or for the latch has happened.
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(net.tried, ["tcp:first:1", "tcp:nobody:1"])
        assert.isUndefined(dialling.pollUnsafe())
        yield* latch.open
        const { connection, hint } = yield* Fiber.join(dialling)
        assert.strictEqual(hint.text, "tcp:first:1")
        assert.deepStrictEqual(abandoned(), [])
        yield* assertAlive(connection, yield* Queue.take(atFirst.links))
      })
    )

    for (const [what, abandonedIn] of states) {
      // A client that is Master has nothing to wait for in DECIDING.
      if (role === "Master" && abandonedIn === "Deciding") continue
      it.effect(`the one whose server is slow in ${what} is abandoned in ${abandonedIn} (${role} dials)`, () =>
        Effect.gen(function* () {
          const { atFirst, atSecond, first, latch, second } = yield* twoPorts(client, server, { at: "second", what })
          const { dial, net } = yield* start(client, {
            "tcp:first:1": Effect.delay(first.place, "1 second"),
            "tcp:second:1": second.place
          })
          const { abandoned, watch } = watching()
          const dialling = yield* Effect.forkChild(watch(dial(server)))
          yield* TestClock.adjust("1 second")
          const { connection, hint } = yield* Fiber.join(dialling)
          assert.strictEqual(hint.text, "tcp:first:1")
          assert.deepStrictEqual(abandoned(), [abandonedIn])
          assert.deepStrictEqual(net.open, ["tcp:first:1"])

          // The other server goes on, finds that the client has left or was a duplicate, and the link does not notice.
          yield* latch.open
          const failure = briefly(yield* Queue.take(atSecond.failures))
          assert.match(failure, / (?:TransportFailed|PeerClosed|DuplicateConnection)$/)
          assert.strictEqual(yield* Queue.size(atSecond.links), 0)
          yield* assertStands(connection)
          yield* assertAlive(connection, yield* Queue.take(atFirst.links))
        })
      )
    }
  }
})

describe("Of three hints that lead to the same Tub", () => {
  for (const [role, client, server] of [
    ["NonMaster", low, high],
    ["Master", high, low]
  ] as const) {
    // Foolscap: ThreeInParallel.test1
    it.effect(`one becomes the link, which the end of the two others leaves alone (${role} dials)`, () =>
      Effect.gen(function* () {
        const there = yield* port
        const { failures, links } = yield* (yield* start(server)).listen(there)
        const here = yield* start(client, {
          "tcp:a:1": there.place,
          "tcp:b:1": there.place,
          "tcp:c:1": there.place
        })
        const { connection, hint } = yield* here.dial(server)
        const answered = yield* Queue.take(links)
        assert.deepStrictEqual(here.net.open, [hint.text])
        assert.strictEqual((yield* Queue.takeN(failures, 2)).length, 2)
        assert.strictEqual(yield* Queue.size(links), 0)
        yield* assertStands(connection)
        yield* assertAlive(connection, answered)
      })
    )
  }
})

describe("Of two dials to the same Tub", () => {
  for (const [role, client, server, reason] of [
    ["NonMaster", low, high, "Deciding PeerRefused"],
    ["Master", high, low, "Deciding DuplicateConnection"]
  ] as const) {
    // In Foolscap both requests get the one connection.
    // Foolscap: SharedConnections.test1
    it.effect(
      `at once one gets the link; as they share no attempt yet, the other is its duplicate (${role} dials)`,
      () =>
        Effect.gen(function* () {
          const there = yield* port
          const { links } = yield* (yield* start(server)).listen(there)
          const { dial, net } = yield* start(client, { "tcp:there:1": there.place })
          const dials = yield* Effect.all([Effect.exit(dial(server)), Effect.exit(dial(server))], {
            concurrency: "unbounded"
          })
          const [won, ...more] = dials.filter(Exit.isSuccess)
          assert.isDefined(won)
          assert.isEmpty(more)
          const answered = yield* Queue.take(links)
          const lost = yield* Effect.all(dials.filter(Exit.isFailure).map(Effect.flip))
          assert.deepStrictEqual(lost.map(reasonsOf), [[reason]])
          assert.include(lost[0]?.message, "Duplicate connection")
          assert.deepStrictEqual(net.open, ["tcp:there:1"])
          yield* assertStands(won.value.connection)
          yield* assertAlive(won.value.connection, answered)
        })
    )
  }

  it.effect("one after the other, the second of a Master fails as a duplicate, and the link stays", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { links } = yield* (yield* start(low)).listen(there)
      const { dial } = yield* start(high, { "tcp:there:1": there.place })
      const { connection } = yield* dial(low)
      assert.deepStrictEqual(reasonsOf(yield* Effect.flip(dial(low))), ["Deciding DuplicateConnection"])
      yield* assertStands(connection)
      yield* assertAlive(connection, yield* Queue.take(links))
    })
  )

  it.effect(
    "one after the other, the second of a NonMaster replaces the link: it knows the link, and comes again",
    () =>
      Effect.gen(function* () {
        const there = yield* port
        const { links } = yield* (yield* start(high)).listen(there)
        const { dial } = yield* start(low, { "tcp:there:1": there.place })
        const { connection: first } = yield* dial(high)
        const { connection: second } = yield* dial(high)
        assert.strictEqual((yield* first.ended)._tag, "Replaced")
        assert.strictEqual((yield* (yield* Queue.take(links)).ended)._tag, "Replaced")
        yield* assertAlive(second, yield* Queue.take(links))
      })
  )
})
