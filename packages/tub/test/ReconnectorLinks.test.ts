import { assert, describe, it } from "@effect/vitest"
import type { SimulatedNetwork } from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import { heard } from "./Dialling.ts"
import { high, hints, low } from "./Network.ts"
import { keep, linkOf, type Process, settled, start, target, town } from "./ReconnectorTown.ts"

/** The Tub that keeps a link, listening, and the one it keeps the link with, which nobody can reach. */
const hidden = Effect.fnUntraced(function* (network: SimulatedNetwork) {
  const here = yield* start(network, "here", low)
  yield* here.listen(2)
  return { here, there: yield* start(network, "there", high) }
})

/** Dials the other way. The link lasts until the Scope closes. */
const dialBack = ({ context }: Process) =>
  Effect.forkScoped(Context.get(context, Connector).dial({ tubId: low.tubId, hints: hints("tcp:here:2") }))

describe("A Reconnector takes a link that the other Tub has dialled", () => {
  it.effect("while it waits", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { here, there } = yield* hidden(network)
        const { handled, state, states } = yield* keep(here)
        yield* TestClock.adjust("1 second")
        yield* dialBack(there)
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(settled(states), [
          [20, "waiting until 2738 after ConnectError"],
          [1090, "connected"]
        ])
        const link = yield* linkOf(state)
        assert.deepStrictEqual([link.side, link.peer], ["server", high.tubId])
        assert.deepStrictEqual(handled, [link])
      })
    )
  )

  it.effect("after it has given up, and again when that one is lost", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { here, there } = yield* hidden(network)
        const { handled, states } = yield* keep(here, { to: target() })
        for (const _ of [1, 2]) {
          yield* TestClock.adjust("10 seconds")
          yield* dialBack(there)
          yield* TestClock.adjust("10 seconds")
          yield* network.reset("here", "there")
        }
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(settled(states), [
          [0, "gave up after ConnectError"],
          [10_090, "connected"],
          [20_000, "waiting until 21000 after Lost"],
          [21_000, "gave up after ConnectError"],
          [30_090, "connected"],
          [40_000, "waiting until 41000 after Lost"],
          [41_000, "gave up after ConnectError"]
        ])
        assert.strictEqual(handled.length, 2)
      })
    )
  )

  it.effect("while its own attempt is under way, which it abandons", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { here, there } = yield* hidden(network)
        const silent = yield* network.listen("there", 3)
        const { states } = yield* keep(here, { to: target("tcp:there:3") })
        yield* TestClock.adjust("1 second")
        const arrived = yield* silent.arrival
        yield* dialBack(there)
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(settled(states), [[1090, "connected"]])
        assert.strictEqual((yield* heard(arrived)).end, "eof")
      })
    )
  )

  it.effect("before there was a Reconnector, and dials nobody", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { here, there } = yield* hidden(network)
        yield* dialBack(there)
        yield* TestClock.adjust("10 seconds")
        const { states } = yield* keep(here)
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(states, [
          [10_000, "connecting"],
          [10_000, "connected"]
        ])
      })
    )
  )

  it.effect("at once where a Tub that was started again replaces its old link", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { here, there } = yield* hidden(network)
        yield* there.listen(1)
        const { handled, states } = yield* keep(here)
        yield* TestClock.adjust("10 seconds")
        // Nobody says a word on the old link, so its end is not noticed.
        yield* network.crash("there")
        yield* dialBack(yield* start(network, "there", high))
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(settled(states), [
          [80, "connected"],
          [10_090, "waiting until 11090 after Replaced"],
          [10_090, "connected"]
        ])
        assert.deepStrictEqual(
          handled.map(({ side }) => side),
          ["client", "server"]
        )
      })
    )
  )
})

describe("Two Reconnectors for the same Tub", () => {
  it.effect("share one link, which stays open until both are stopped", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { links } = yield* (yield* start(network, "there", high)).listen(1)
        const here = yield* start(network, "here", low)
        const [one, other] = [yield* Scope.make(), yield* Scope.make()]
        const first = yield* Scope.provide(keep(here), one)
        const second = yield* Scope.provide(keep(here), other)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* linkOf(first.state), yield* linkOf(second.state))
        assert.strictEqual(yield* Queue.size(links), 1)

        const link = yield* Queue.take(links)
        yield* Scope.close(one, Exit.void)
        yield* TestClock.adjust("1 hour")
        assert.isFalse(yield* link.hasEnded)
        yield* Scope.close(other, Exit.void)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual((yield* link.ended)._tag, "ClosedByPeer")
      })
    )
  )

  it.effect("make one link together when it is lost", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { links } = yield* (yield* start(network, "there", high)).listen(1)
        const here = yield* start(network, "here", low)
        const [first, second] = [yield* keep(here), yield* keep(here)]
        yield* TestClock.adjust("10 seconds")
        yield* network.reset("here", "there")
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* linkOf(first.state), yield* linkOf(second.state))
        assert.strictEqual(yield* Queue.size(links), 2)
        assert.deepStrictEqual([first.handled.length, second.handled.length], [2, 2])
      })
    )
  )
})

describe("Two Tubs of which each keeps a link to the other", () => {
  it.effect("have one link, and one again whenever it is lost", () =>
    town(
      Effect.fnUntraced(function* (network) {
        const { here, there } = yield* hidden(network)
        yield* there.listen(1)
        const ours = yield* keep(here)
        const theirs = yield* keep(there, { to: { tubId: low.tubId, hints: hints("tcp:here:2") } })
        for (const _ of [1, 2, 3]) {
          yield* TestClock.adjust("10 seconds")
          const [near, far] = [yield* linkOf(ours.state), yield* linkOf(theirs.state)]
          assert.strictEqual(near.seqnum, far.seqnum)
          yield* TestClock.adjust("1 hour")
          assert.deepStrictEqual([yield* linkOf(ours.state), yield* linkOf(theirs.state)], [near, far])
          yield* network.reset("here", "there")
        }
      })
    )
  )
})
