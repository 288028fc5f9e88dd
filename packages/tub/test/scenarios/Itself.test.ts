import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import type { TubIdentity } from "../../src/TubIdentity.ts"
import { high, low, port } from "../Network.ts"
import { assertAlive, assertStands, briefly, reasonsOf, start } from "./Process.ts"

/** A Tub that listens, and knows the way to itself. */
const alone = Effect.fnUntraced(function* (identity: TubIdentity) {
  const there = yield* port
  const process = yield* start(identity, { "tcp:itself:1": there.place })
  return { ...process, ...(yield* process.listen(there)), dialItself: process.dial(identity) }
})

const sidesOf = (ends: ReadonlyArray<NegotiatedConnection>) => ends.map(({ role, side }) => [side, role])

describe("A Tub that dials itself", () => {
  for (const identity of [low, high]) {
    it.effect(`has one link, whose server decides, whatever its TubId (${identity.tubId.slice(0, 4)}, N17)`, () =>
      Effect.gen(function* () {
        const { dialItself, failures, links, net } = yield* alone(identity)
        const { connection } = yield* dialItself
        const answered = yield* Queue.take(links)
        assert.deepStrictEqual(sidesOf([connection, answered]), [
          ["client", "NonMaster"],
          ["server", "Master"]
        ])
        assert.deepStrictEqual([connection.peer, answered.peer], [identity.tubId, identity.tubId])
        assert.deepStrictEqual(connection.parameters, answered.parameters)
        // Both ends live in one memory: neither may take the other for an older connection to the same Tub.
        yield* assertStands(connection)
        yield* assertStands(answered)
        assert.deepStrictEqual(net.open, ["tcp:itself:1"])
        assert.strictEqual(yield* Queue.size(failures), 0)
        yield* assertAlive(connection, answered)
      })
    )
  }

  it.effect("twice at once has one link, and the server refuses the other attempt (N22)", () =>
    Effect.gen(function* () {
      const { dialItself, failures, links, net } = yield* alone(low)
      const dials = yield* Effect.all([Effect.exit(dialItself), Effect.exit(dialItself)], { concurrency: "unbounded" })
      const [won, ...more] = dials.filter(Exit.isSuccess)
      assert.isDefined(won)
      assert.isEmpty(more)
      const lost = yield* Effect.all(dials.filter(Exit.isFailure).map(Effect.flip))
      assert.deepStrictEqual(lost.map(reasonsOf), [["Deciding PeerRefused"]])
      assert.strictEqual(briefly(yield* Queue.take(failures)), "Deciding DuplicateConnection")
      const answered = yield* Queue.take(links)
      assert.strictEqual(yield* Queue.size(links), 0)
      assert.deepStrictEqual(net.open, ["tcp:itself:1"])
      yield* assertStands(won.value.connection)
      yield* assertAlive(won.value.connection, answered)
    })
  )

  it.effect("again replaces both ends of the link, because it knows the link (N22 row 5)", () =>
    Effect.gen(function* () {
      const { dialItself, links } = yield* alone(high)
      const { connection: first } = yield* dialItself
      const { connection: second } = yield* dialItself
      assert.strictEqual((yield* first.ended)._tag, "Replaced")
      assert.strictEqual((yield* (yield* Queue.take(links)).ended)._tag, "Replaced")
      assert.strictEqual(second.seqnum, 2)
      yield* assertAlive(second, yield* Queue.take(links))
    })
  )

  for (const end of ["client", "server"] as const) {
    it.effect(
      `may close the link at its end as ${end}: the other end hears of that, and the next dial is as good`,
      () =>
        Effect.gen(function* () {
          const { dialItself, failures, links } = yield* alone(low)
          for (const seqnum of [1, 2]) {
            yield* Effect.gen(function* () {
              const { connection } = yield* dialItself
              const answered = yield* Queue.take(links)
              assert.deepStrictEqual([connection.seqnum, answered.seqnum], [seqnum, seqnum])
              const [closing, other] = end === "client" ? [connection, answered] : [answered, connection]
              yield* closing.close
              assert.strictEqual((yield* closing.ended)._tag, "Closed")
              assert.strictEqual((yield* other.ended)._tag, "ClosedByPeer")
            }).pipe(Effect.scoped)
          }
          assert.strictEqual(yield* Queue.size(failures), 0)
        })
    )
  }
})
