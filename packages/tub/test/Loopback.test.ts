import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import { reasons, target } from "./Dialling.ts"
import { low, network, port, tub } from "./Network.ts"
import { assertAlive } from "./scenarios/Process.ts"

/** A Tub, and Listeners for it that keep their links until `enough`. */
const alone = Effect.gen(function* () {
  const net = network({})
  const context = yield* tub(low, net)
  const enough = yield* Deferred.make<void>()
  const listen = Effect.fnUntraced(function* (...[first, ...more]: ReadonlyArray<string>) {
    const { endpoint } = yield* port
    const links = yield* Queue.unbounded<NegotiatedConnection>()
    const serving = yield* Listener.serve(endpoint, {
      ...(first === undefined ? {} : { protocols: [first, ...more] }),
      connected: (connection) => Effect.andThen(Queue.offer(links, connection), Deferred.await(enough)),
      failed: () => Effect.void
    }).pipe(Effect.provide(context), Effect.forkScoped({ startImmediately: true }))
    return { links, serving }
  })
  return { ...Context.get(context, Connector), net, listen, enough }
})

describe("A Tub that connects to itself", () => {
  it.effect("has a link on which both ends speak, and asks no handler for the way", () =>
    Effect.gen(function* () {
      const { connect, listen, net } = yield* alone
      const { links } = yield* listen()
      const link = yield* connect(target(low, "tcp:elsewhere:1"))
      const answered = yield* Queue.take(links)
      assert.deepStrictEqual([link.peer, answered.peer], [low.tubId, low.tubId])
      assert.deepStrictEqual([link.remoteAddress, answered.remoteAddress], ["loopback", "loopback"])
      yield* assertAlive(link, answered)
      assert.deepStrictEqual(net.tried, [])
    })
  )

  it.effect("shares that link as any other", () =>
    Effect.gen(function* () {
      const { connect, listen } = yield* alone
      const { links } = yield* listen()
      const link = yield* connect(target(low))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* connect(target(low)), link)
      yield* Queue.take(links)
      assert.strictEqual(yield* Queue.size(links), 0)
    })
  )

  for (const closing of ["client", "server"] as const) {
    it.effect(`hears at the other end when the ${closing}'s is closed`, () =>
      Effect.gen(function* () {
        const { connect, listen } = yield* alone
        const { links } = yield* listen()
        const link = yield* connect(target(low))
        const ends = [link, yield* Queue.take(links)]
        const [one, other] = closing === "client" ? ends : ends.toReversed()
        assert.isDefined(one)
        assert.isDefined(other)
        yield* one.close
        assert.deepStrictEqual([(yield* one.ended)._tag, (yield* other.ended)._tag], ["Closed", "ClosedByPeer"])
      })
    )
  }

  it.effect("hears it when the Listener's handler ends", () =>
    Effect.gen(function* () {
      const { connect, enough, listen } = yield* alone
      yield* listen()
      const link = yield* connect(target(low))
      yield* Deferred.succeed(enough, undefined)
      assert.strictEqual((yield* link.ended)._tag, "ClosedByPeer")
    })
  )

  it.effect("hears it when the Listener stops", () =>
    Effect.gen(function* () {
      const { connect, listen } = yield* alone
      const { links, serving } = yield* listen()
      const link = yield* connect(target(low))
      const answered = yield* Queue.take(links)
      yield* Fiber.interrupt(serving)
      assert.deepStrictEqual([(yield* link.ended)._tag, (yield* answered.ended)._tag], ["ClosedByPeer", "Closed"])
    })
  )

  it.effect("waits with writing until the other end reads, and loses nothing", () =>
    Effect.gen(function* () {
      const { connect, listen } = yield* alone
      const { links } = yield* listen()
      const link = yield* connect(target(low))
      const chunk = new Uint8Array(10_000).fill(7)
      const sending = yield* Effect.gen(function* () {
        const { write } = yield* link.socket.writer
        for (let count = 0; count < 100; count++) yield* write(chunk)
      }).pipe(Effect.scoped, Effect.forkChild)
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(sending.pollUnsafe())

      const { pull } = yield* (yield* Queue.take(links)).socket.reader
      let size = 0
      while (size < 1_000_000) for (const bytes of yield* pull) size += bytes.length
      assert.strictEqual(size, 1_000_000)
      yield* Fiber.join(sending)
    })
  )

  it.effect("reaches the Listener that speaks what the link is for (N29, N30)", () =>
    Effect.gen(function* () {
      const { connect, dial, listen } = yield* alone
      const banana = yield* listen()
      const rpc = yield* listen("rpc/2", "rpc/1")
      const { connection, hint } = yield* dial(target(low), { link: { name: "calls", protocols: ["rpc/1"] } })
      assert.strictEqual(hint.text, "loopback")
      assert.deepStrictEqual([connection.name, connection.parameters.applicationProtocol], ["calls", "rpc/1"])
      assert.strictEqual((yield* Queue.take(rpc.links)).name, "calls")
      const link = yield* connect(target(low))
      assert.strictEqual(link.parameters.applicationProtocol, "banana")
      assert.isUndefined((yield* Queue.take(banana.links)).name)
      assert.isFalse(yield* connection.hasEnded)
    })
  )

  it.effect("is told so when none of its Listeners runs, and reaches the next one", () =>
    Effect.gen(function* () {
      const { connect, listen, net } = yield* alone
      const stopped = yield* listen()
      yield* Fiber.interrupt(stopped.serving)
      const error = yield* Effect.flip(connect(target(low, "tcp:elsewhere:1")))
      assert.deepStrictEqual(reasons(error.attempts), [["loopback", "NobodyListens", 0]])
      assert.include(error.message, "none of its Listeners is running")
      assert.isFalse(error.isPermanent)
      assert.deepStrictEqual(net.tried, [])
      yield* listen()
      yield* connect(target(low))
    })
  )
})
