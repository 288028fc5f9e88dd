import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { ConnectionTable, HandleOldPeers, type Pair } from "../src/ConnectionTable.ts"
import { LinkEnd } from "../src/Link.ts"
import type { HandleOldPeers as Setting } from "../src/policy/Duplicate.ts"
import { connect } from "./Links.ts"
import { high, low, stranger } from "./Sides.ts"

const pair = { local: high.tubId, remote: low.tubId }
const incarnation = high.incarnation
const fresh = { incarnation: low.incarnation, lastConnection: "none 0" }
const restarted = { incarnation: "3333333333333333", lastConnection: "none 0" }
const knowing = (seqnum: number) => ({ incarnation: low.incarnation, lastConnection: `${incarnation} ${seqnum}` })

const makeTable = (handleOldPeers: Setting = "refuse") =>
  Layer.build(ConnectionTable.layerMemory).pipe(
    Effect.provideService(HandleOldPeers, handleOldPeers),
    Effect.map((context) => Context.get(context, ConnectionTable))
  )
type Table = Effect.Success<ReturnType<typeof makeTable>>

/** One more connection with the peer, in a Scope of its own, and what the table says of it. */
const offering = Effect.fnUntraced(function* (
  table: Table,
  offer: { readonly incarnation?: string; readonly lastConnection?: string },
  of: Pair = pair
) {
  const scope = yield* Scope.fork(yield* Effect.scope)
  const { link, peer } = yield* Scope.provide(connect, scope)
  const exit = yield* Effect.exit(Scope.provide(table.claim(of, { link, offer, incarnation }), scope))
  const verdict = Exit.isSuccess(exit)
    ? exit.value
    : yield* Effect.flip(exit).pipe(
        Effect.map((error) => (error._tag === "DuplicateConnection" ? error.row : error._tag))
      )
  return { link, peer, verdict, close: Scope.close(scope, Exit.void) }
})

describe("ConnectionTable.lastConnection", () => {
  it.effect("is of the link without a name alone (N30)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const { link } = yield* connect
      yield* table.obey({ ...pair, name: "a" }, { link, currentConnection: `${incarnation} 1` })
      assert.strictEqual(yield* table.lastConnection(pair), "none 0")
      assert.strictEqual(yield* table.lastConnection({ ...pair, name: "a" }), "none 0")
    })
  )

  it.effect("is never longer than a Hello has room for, whatever a Master wants remembered (N21)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const { link } = yield* connect
      for (const long of [`${"a".repeat(3800)} 1`, `a ${"1".repeat(3800)}`]) {
        yield* table.obey(pair, { link, currentConnection: long })
        assert.strictEqual(yield* table.lastConnection(pair), "none 0")
      }
    })
  )
})

describe("ConnectionTable.claim", () => {
  it.effect("numbers the connections with a peer from 1, each peer for itself (N21)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const other = { local: high.tubId, remote: stranger.tubId }
      for (const expected of [1, 2, 3]) {
        const { close, verdict } = yield* offering(table, fresh)
        assert.strictEqual(verdict, expected)
        yield* close
      }
      assert.strictEqual((yield* offering(table, fresh, other)).verdict, 1)
      assert.strictEqual((yield* offering(table, fresh, { local: stranger.tubId, remote: low.tubId })).verdict, 1)
    })
  )

  it.effect("keeps a link for each name beside the one without, and counts them together (N30)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const names = [undefined, "undefined", "a"]
      const links = yield* Effect.forEach(names, (name) => offering(table, fresh, { ...pair, name }))
      assert.deepStrictEqual(
        links.map(({ link, verdict }) => [verdict, link.hasEnded]),
        [
          [1, false],
          [2, false],
          [3, false]
        ]
      )
      for (const name of names) {
        assert.strictEqual((yield* offering(table, fresh, { ...pair, name })).verdict, "never-heard-of-us")
      }
    })
  )

  it.effect("lets exactly one of two offers in that race, and the other hears why (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const racing = Array.from({ length: 5 }, () => offering(table, fresh))
      const verdicts = (yield* Effect.all(racing, { concurrency: "unbounded" })).map(({ verdict }) => verdict)
      assert.deepStrictEqual(
        verdicts.filter((verdict) => verdict !== "never-heard-of-us"),
        [1]
      )
    })
  )

  it.effect("leaves one of several that replace one another, and every other has ended before (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const racing = ["a", "b", "c", "d"].map((run) =>
        offering(table, { incarnation: run.repeat(16), lastConnection: "none 0" })
      )
      const racers = yield* Effect.all(racing, { concurrency: "unbounded" })
      assert.sameMembers(
        racers.map(({ verdict }) => verdict),
        [1, 2, 3, 4]
      )
      for (const { link, verdict } of racers) assert.strictEqual(link.hasEnded, verdict !== 4, String(verdict))
    })
  )

  it.effect("has ended the old connection as Replaced when the new one gets its number (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const first = yield* offering(table, fresh)
      assert.isFalse(first.link.hasEnded)
      const second = yield* offering(table, knowing(1))
      assert.isTrue(first.link.hasEnded)
      assert.strictEqual(second.verdict, 2)
      assert.isFalse(second.link.hasEnded)
      assert.deepStrictEqual(yield* first.link.ended, LinkEnd.Replaced())
      assert.strictEqual((yield* Effect.flip(first.peer.pull)).kind, "eof", "and its transport is closed")
    })
  )

  it.effect("refuses without touching the connection there is, nor its number (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const first = yield* offering(table, fresh)
      for (const [offer, verdict] of [
        [fresh, "never-heard-of-us"],
        [knowing(0), "knows-an-older-one"],
        [knowing(2), "knows-a-future-one"],
        [{}, "old-peer-refused"],
        [{ ...fresh, lastConnection: "nonsense" }, "MalformedBlock"]
      ] as const) {
        assert.strictEqual((yield* offering(table, offer)).verdict, verdict)
      }
      assert.isFalse(first.link.hasEnded)
      assert.strictEqual((yield* offering(table, knowing(1))).verdict, 2)
    })
  )

  it.effect("forgets a connection when its Scope closes (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const first = yield* offering(table, fresh)
      assert.strictEqual((yield* offering(table, fresh)).verdict, "never-heard-of-us")
      yield* first.close
      assert.strictEqual((yield* offering(table, fresh)).verdict, 2)
    })
  )

  it.effect("does not count a connection that has ended, though its Scope is open", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const first = yield* offering(table, fresh)
      yield* first.link.endWith(LinkEnd.ClosedByPeer())
      assert.strictEqual((yield* offering(table, fresh)).verdict, 2)
      assert.deepStrictEqual(yield* first.link.ended, LinkEnd.ClosedByPeer(), "the first reason stands")
    })
  )

  it.effect("keeps the new connection when the Scope of the old one closes later", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const first = yield* offering(table, fresh)
      const second = yield* offering(table, restarted)
      yield* first.close
      assert.isFalse(second.link.hasEnded)
      assert.strictEqual((yield* offering(table, restarted)).verdict, "never-heard-of-us")
    })
  )

  it.effect("remembers the peer's incarnation with each connection (N21)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      yield* offering(table, fresh)
      yield* offering(table, restarted)
      // Now the first run is the one that differs.
      assert.strictEqual((yield* offering(table, fresh)).verdict, 3)
    })
  )

  it.effect("remembers none with a connection of an old peer, so that any incarnation differs (N22 row 2)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      yield* offering(table, {})
      assert.strictEqual((yield* offering(table, fresh)).verdict, 2)
      assert.strictEqual((yield* offering(table, fresh)).verdict, "never-heard-of-us", "and this one is remembered")
    })
  )

  it.effect("does not look at the last connection where there is nothing to compare it with (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const nonsense = { ...fresh, lastConnection: "nonsense" }
      const first = yield* offering(table, nonsense)
      assert.strictEqual(first.verdict, 1)
      yield* first.link.endWith(LinkEnd.ClosedByPeer())
      assert.strictEqual((yield* offering(table, nonsense)).verdict, 2)
    })
  )

  it.effect("counts the age of a connection from its own beginning, not from that of the one before (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable(Duration.seconds(60))
      yield* offering(table, {})
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* offering(table, {})).verdict, 2)
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual((yield* offering(table, {})).verdict, "old-peer-refused")
    })
  )

  it.effect("lets an old peer replace a connection that is old enough, where that is set (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable(Duration.seconds(60))
      yield* TestClock.adjust("1 hour")
      const first = yield* offering(table, {})
      yield* TestClock.adjust("59999 millis")
      assert.strictEqual((yield* offering(table, {})).verdict, "old-peer-refused")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* offering(table, {})).verdict, 2)
      assert.deepStrictEqual(yield* first.link.ended, LinkEnd.Replaced())
    })
  )
})

describe("ConnectionTable.obey", () => {
  const obeying = Effect.fnUntraced(function* (table: Table, currentConnection: string | undefined) {
    const { link } = yield* connect
    yield* table.obey(pair, { link, currentConnection })
    return link
  })

  it.effect("remembers both words of a Decision, until the next (N21)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      assert.strictEqual(yield* table.lastConnection(pair), "none 0")
      yield* obeying(table, "6666666666666666 1")
      assert.strictEqual(yield* table.lastConnection(pair), "6666666666666666 1")
      yield* obeying(table, "7777777777777777 1")
      assert.strictEqual(yield* table.lastConnection(pair), "7777777777777777 1")
      assert.strictEqual(yield* table.lastConnection({ local: high.tubId, remote: stranger.tubId }), "none 0")
    })
  )

  for (const nothing of [undefined, "", "oneword"]) {
    it.effect(`remembers nothing of ${JSON.stringify(nothing)} (N20)`, () =>
      Effect.gen(function* () {
        const table = yield* makeTable()
        yield* obeying(table, nothing)
        assert.strictEqual(yield* table.lastConnection(pair), "none 0")
      })
    )
  }

  it.effect("remembers the first two words of a Decision that says more (N21)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      yield* obeying(table, " 6666666666666666\t1 and more")
      assert.strictEqual(yield* table.lastConnection(pair), "6666666666666666 1")
    })
  )

  it.effect("still remembers the last Decision that named a connection (N20, N21)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      yield* obeying(table, "6666666666666666 1")
      yield* obeying(table, undefined)
      assert.strictEqual(yield* table.lastConnection(pair), "6666666666666666 1")
    })
  )

  it.effect("ends the connection there is, because the Master chose another (N22)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const first = yield* obeying(table, "6666666666666666 1")
      const second = yield* obeying(table, "6666666666666666 2")
      assert.deepStrictEqual(yield* first.ended, LinkEnd.Replaced())
      assert.isFalse(second.hasEnded)
    })
  )

  it.effect("does not meet a claim of the same Tub, so that a Tub can dial itself (N17)", () =>
    Effect.gen(function* () {
      const table = yield* makeTable()
      const self = { local: high.tubId, remote: high.tubId }
      const master = yield* offering(table, fresh, self)
      const { link } = yield* connect
      yield* table.obey(self, { link, currentConnection: `${incarnation} 1` })
      assert.isFalse(master.link.hasEnded)
      assert.isFalse(link.hasEnded)
    })
  )
})
