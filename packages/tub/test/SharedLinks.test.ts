import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import { Links } from "../src/Links.ts"
import * as Listener from "../src/Listener.ts"
import { host, target } from "./Dialling.ts"
import { high, low, network, type Place, port, tub } from "./Network.ts"

const connector = Effect.fnUntraced(function* (places: Readonly<Record<string, Place>>, self = low) {
  const net = network(places)
  const context = yield* tub(self, net)
  return { ...Context.get(context, Connector), context, net }
})

/** A Scope that a test closes by hand, and what is held in it. */
const held = Effect.fnUntraced(function* <A, E, R>(acquire: Effect.Effect<A, E, R>) {
  const scope = yield* Scope.make()
  return { value: yield* Scope.provide(acquire, scope), letGo: Scope.close(scope, Exit.void) }
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

  it.effect("does not hand out a link that has ended, but dials anew", () =>
    Effect.gen(function* () {
      const there = yield* port
      const answered = yield* host(high, there)
      const { connect } = yield* connector({ "tcp:a:1": there.place })
      const first = yield* connect(target(high, "tcp:a:1"))
      yield* (yield* Queue.take(answered)).close
      assert.strictEqual((yield* first.ended)._tag, "ClosedByPeer")
      const second = yield* connect(target(high, "tcp:a:1"))
      assert.deepStrictEqual([first.seqnum, second.seqnum], [1, 2])
      assert.isFalse(yield* second.hasEnded)
    })
  )

  it.effect("does not hand out a link of the other Tub that has ended, though the Listener's handler runs on", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* port, yield* port]
      const { connect, context } = yield* connector({ "tcp:high:1": there.place })
      yield* Listener.serve(here.endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
        Effect.provide(context),
        Effect.forkScoped
      )
      yield* host(high, there)
      const theirs = yield* connector({ "tcp:low:1": here.place }, high)
      yield* Effect.scoped(theirs.connect(target(low, "tcp:low:1")))
      yield* TestClock.adjust(0)
      assert.strictEqual((yield* connect(target(high, "tcp:high:1"))).side, "client")
    })
  )

  it.effect("takes the link that the other Tub has dialled, whatever hints there are", () =>
    Effect.gen(function* () {
      const here = yield* port
      const { connect, context, net } = yield* connector({})
      yield* Listener.serve(here.endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
        Effect.provide(context),
        Effect.forkScoped
      )
      const theirs = yield* connector({ "tcp:low:1": here.place }, high)
      const dialled = yield* theirs.connect(target(low, "tcp:low:1"))
      // Its Master has it first.
      yield* TestClock.adjust(0)
      const link = yield* connect(target(high))
      assert.deepStrictEqual([link.side, link.seqnum], ["server", dialled.seqnum])
      assert.deepStrictEqual(net.tried, [])
    })
  )

  it.effect("has a link of the other Tub stay when its Listener's handler ends, until it is let go", () =>
    Effect.gen(function* () {
      const here = yield* port
      const { connect, context } = yield* connector({})
      const enough = yield* Deferred.make<void>()
      yield* Listener.serve(here.endpoint, { connected: () => Deferred.await(enough), failed: () => Effect.void }).pipe(
        Effect.provide(context),
        Effect.forkScoped
      )
      const theirs = yield* connector({ "tcp:low:1": here.place }, high)
      const dialled = yield* theirs.connect(target(low, "tcp:low:1"))
      yield* TestClock.adjust(0)
      const { letGo, value: link } = yield* held(connect(target(high)))
      yield* Deferred.succeed(enough, undefined)
      yield* TestClock.adjust("1 hour")
      assert.isFalse(yield* link.hasEnded)
      yield* letGo
      assert.strictEqual((yield* dialled.ended)._tag, "ClosedByPeer")
      assert.strictEqual((yield* link.ended)._tag, "Closed")
    })
  )

  it.effect("is answered by the link that the other Tub makes meanwhile, and gives up its own dial", () =>
    Effect.gen(function* () {
      const [here, silent] = [yield* port, yield* port]
      const { connect, context, net } = yield* connector({ "tcp:silent:1": silent.place })
      yield* Listener.serve(here.endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
        Effect.provide(context),
        Effect.forkScoped
      )
      const connecting = yield* Effect.forkChild(connect(target(high, "tcp:silent:1")))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(net.open, ["tcp:silent:1"])
      const theirs = yield* connector({ "tcp:low:1": here.place }, high)
      yield* theirs.connect(target(low, "tcp:low:1"))
      assert.strictEqual((yield* Fiber.join(connecting)).side, "server")
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect(
    "does not take a link for the one of the two Tubs that a Listener with protocols of its own has (N29)",
    () =>
      Effect.gen(function* () {
        const there = yield* port
        const context = yield* tub(low)
        const linked = yield* Deferred.make<void>()
        yield* Listener.serve(there.endpoint, {
          protocols: ["rpc/1", "banana"],
          connected: () => Effect.andThen(Deferred.succeed(linked, undefined), Effect.never),
          failed: () => Effect.void
        }).pipe(Effect.provideContext(context), Effect.forkScoped)
        const { connect } = yield* connector({ "tcp:low:1": there.place }, high)
        yield* connect(target(low, "tcp:low:1"))
        yield* Deferred.await(linked)
        const pair = { local: low.tubId, remote: high.tubId }
        assert.isUndefined(yield* Context.get(context, Links).find(pair))
      })
  )
})
