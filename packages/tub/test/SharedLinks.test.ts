import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import { host, target } from "./Dialling.ts"
import { high, low, network, type Place, port, tub } from "./Network.ts"

const connector = Effect.fnUntraced(function* (places: Readonly<Record<string, Place>>, self = low) {
  const net = network(places)
  const context = yield* tub(self, net)
  return { ...Context.get(context, Connector), context, net }
})

describe("Connector.connect", () => {
  it.effect("shares one link among all who ask for it, and closes it when the last one lets go", () =>
    Effect.gen(function* () {
      const there = yield* port
      const answered = yield* host(high, there)
      const { connect, net } = yield* connector({ "tcp:a:1": there.place })
      const [one, other] = [yield* Scope.make(), yield* Scope.make()]
      const link = yield* Scope.provide(connect(target(high, "tcp:a:1")), one)
      assert.strictEqual(yield* Scope.provide(connect(target(high, "tcp:a:1")), other), link)
      assert.deepStrictEqual(net.tried, ["tcp:a:1"])
      yield* Scope.close(one, Exit.void)
      assert.isFalse(yield* link.hasEnded)
      yield* Scope.close(other, Exit.void)
      assert.strictEqual((yield* link.ended)._tag, "Closed")
      assert.strictEqual((yield* (yield* Queue.take(answered)).ended)._tag, "ClosedByPeer")
    })
  )

  it.effect("keeps the link it has dialled for as long as somebody holds it", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { connect } = yield* connector({ "tcp:a:1": there.place })
      const link = yield* connect(target(high, "tcp:a:1"))
      yield* TestClock.adjust("1 hour")
      assert.isFalse(yield* link.hasEnded)
    })
  )

  it.effect("lets callers share one attempt, of which either may be interrupted", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { connect, net } = yield* connector({ "tcp:a:1": there.place })
      const ask = Effect.forkChild(Effect.scoped(Effect.andThen(connect(target(high, "tcp:a:1")), Effect.never)))
      const [one, other] = [yield* ask, yield* ask]
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      yield* Fiber.interrupt(one)
      assert.deepStrictEqual([net.tried, net.open], [["tcp:a:1"], ["tcp:a:1"]])
      yield* Fiber.interrupt(other)
      assert.deepStrictEqual(net.open, [])
    })
  )
})
