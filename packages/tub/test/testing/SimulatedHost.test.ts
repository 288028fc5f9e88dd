import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector } from "../../src/Connector.ts"
import { HintHandler } from "../../src/HintHandler.ts"
import * as Listener from "../../src/Listener.ts"
import { Tub } from "../../src/Tub.ts"
import * as SimulatedHost from "../../src/testing/SimulatedHost.ts"
import { high, hints, low } from "../Network.ts"

const network = SimulatedNetwork.make({ hosts: ["here", "there"], seed: 1, way: { latency: "10 millis" } })

const handlerOf = (net: SimulatedNetwork.SimulatedNetwork) =>
  Effect.map(Layer.build(SimulatedHost.layerHintHandler(net, "here")), Context.get(HintHandler))

/** A Tub that answers on `there`, and its links. */
const serving = Effect.fnUntraced(function* (net: SimulatedNetwork.SimulatedNetwork) {
  const links = yield* Queue.unbounded<NegotiatedConnection>()
  const endpoint = yield* SimulatedHost.listen(net, "there", 4711)
  yield* Listener.serve(endpoint, {
    connected: (connection) => Effect.andThen(Queue.offer(links, connection), Effect.never),
    failed: () => Effect.void
  }).pipe(Effect.provide(Tub.layer(SimulatedHost.identity(high.tubId))), Effect.forkScoped)
  return links
})

const dial = Effect.fnUntraced(function* (net: SimulatedNetwork.SimulatedNetwork) {
  const connector = Connector.layer.pipe(
    Layer.provide([Tub.layer(SimulatedHost.identity(low.tubId)), SimulatedHost.layerHintHandler(net, "here")])
  )
  const { dial } = Context.get(yield* Layer.build(connector), Connector)
  const dialling = yield* Effect.forkChild(dial({ tubId: high.tubId, hints: hints("tcp:there:4711") }))
  yield* TestClock.adjust("1 second")
  return (yield* Fiber.join(dialling)).connection
})

describe("SimulatedHost", () => {
  it.effect("lets a Connector on one host reach a Listener on another, and each proves who it is", () =>
    Effect.gen(function* () {
      const net = yield* network
      const links = yield* serving(net)
      const near = yield* dial(net)
      const far = yield* Queue.take(links)
      assert.deepStrictEqual([near.peer, far.peer], [high.tubId, low.tubId])
      assert.strictEqual(near.remoteAddress, "there:4711")
      yield* near.close.pipe(Effect.forkChild, Effect.andThen(TestClock.adjust("1 second")))
      assert.strictEqual((yield* far.ended)._tag, "ClosedByPeer")
    })
  )

  it.effect("says what a system says about a name that does not exist and a port that nobody has", () =>
    Effect.gen(function* () {
      const { connect } = yield* handlerOf(yield* network)
      const messages: Array<string> = []
      for (const hint of hints("tcp:nowhere:1", "tcp:there:1", "tor:there:1")) {
        const connecting = yield* Effect.forkChild(Effect.flip(connect(hint)))
        yield* TestClock.adjust("1 second")
        messages.push((yield* Fiber.join(connecting)).message)
      }
      assert.deepStrictEqual(messages, [
        "cannot reach tcp:nowhere:1: getaddrinfo ENOTFOUND nowhere; there is no such name",
        "cannot reach tcp:there:1: connect ECONNREFUSED there:1; nothing listens there: is it running, and is the address right?",
        "no handler here connects to tor:there:1, only to tcp hints"
      ])
    })
  )

  it.effect("does not listen twice on one port", () =>
    Effect.gen(function* () {
      const net = yield* network
      yield* SimulatedHost.listen(net, "there", 4711)
      const { message } = yield* Effect.flip(SimulatedHost.listen(net, "there", 4711))
      assert.strictEqual(message, "cannot listen on there:4711: listen EADDRINUSE there:4711")
    })
  )

  it.effect("frees its port when it stops, and keeps who came before", () =>
    Effect.gen(function* () {
      const net = yield* network
      const endpoint = yield* SimulatedHost.listen(net, "there", 4711)
      const { connect } = yield* handlerOf(net)
      const connecting = yield* Effect.forkChild(connect(LocationHint.tcp("there", 4711)))
      yield* TestClock.adjust("1 second")
      const client = yield* Fiber.join(connecting)
      yield* endpoint.stop
      yield* endpoint.stop
      yield* SimulatedHost.listen(net, "there", 4711)
      yield* Effect.forkScoped(
        endpoint.run((transport) => Effect.andThen(Effect.ignore(transport.write(Uint8Array.of(7))), Effect.never))
      )
      const pulling = yield* Effect.forkChild(client.pull)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Fiber.join(pulling), Uint8Array.of(7))
    })
  )

  it.effect("drops every connection when its endpoint closes, and interrupts run", () =>
    Effect.gen(function* () {
      const net = yield* network
      const scope = yield* Scope.make()
      const endpoint = yield* Scope.provide(SimulatedHost.listen(net, "there", 4711), scope)
      const running = yield* Effect.forkChild(endpoint.run(() => Effect.never))
      const { connect } = yield* handlerOf(net)
      const hint = LocationHint.tcp("there", 4711)
      const ending = yield* Effect.forkChild(Effect.andThen(connect(hint), ({ ended }) => ended))
      yield* TestClock.adjust("1 second")
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(ending)).kind, "eof")
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(running)))
    })
  )

  it.effect("drops a connection when its handler ends, and serves the others after one that dies", () =>
    Effect.gen(function* () {
      const net = yield* network
      const endpoint = yield* SimulatedHost.listen(net, "there", 4711)
      let handled = 0
      yield* Effect.forkScoped(endpoint.run(() => (handled++ === 0 ? Effect.die("oops") : Effect.void)))
      const { connect } = yield* handlerOf(net)
      for (const hint of hints("tcp:there:4711", "tcp:there:4711")) {
        const ending = yield* Effect.forkChild(Effect.andThen(connect(hint), ({ ended }) => ended))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(ending)).kind, "eof")
      }
      assert.strictEqual(handled, 2)
    })
  )
})
