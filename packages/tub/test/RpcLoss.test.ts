import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { RpcClientError } from "effect/rpc/RpcClientError"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { ConnectError } from "../src/ConnectError.ts"
import { call, pass, start } from "./Calls.ts"
import { high, low, middle } from "./Network.ts"
import { inScope, within } from "./Sockets.ts"

/** Why the link was lost that a call was made over: the tag of the reason, and its cause. */
const lossOf = (error: unknown) => {
  if (!(error instanceof RpcClientError) || !("cause" in error.reason)) return assert.fail(String(error))
  const { _tag, cause } = error.reason
  return { _tag, cause: cause instanceof Error ? cause : assert.fail(String(cause)) }
}

describe("A call over Tubs whose link ends", () => {
  it.effect("fails with what ended it, a stream too", () =>
    within((network) =>
      Effect.gen(function* () {
        const { watched } = yield* start(network)
        const { Wait, WhoAmIStill } = yield* call(network)
        const calls = [
          yield* Effect.forkChild(Effect.flip(Wait())),
          yield* Effect.forkChild(Effect.flip(Stream.runDrain(WhoAmIStill())))
        ]
        yield* Queue.take(watched.waits)
        yield* network.reset("client", "server")
        for (const each of calls) {
          const { _tag, cause } = lossOf(yield* Fiber.join(each))
          assert.strictEqual(_tag, "SocketReadError")
          assert.strictEqual(cause.message, "the connection broke")
        }
      })
    )
  )

  it.effect("is interrupted where its server stops in good order", () =>
    within((network) =>
      Effect.gen(function* () {
        const { stop, watched } = yield* start(network)
        const { Wait } = yield* call(network)
        const waiting = yield* Effect.forkChild(Wait())
        yield* Queue.take(watched.waits)
        yield* stop
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
      })
    )
  )

  it.effect("fails within a quarter of a minute where the server falls silent", () =>
    within((network) =>
      Effect.gen(function* () {
        const { watched } = yield* start(network)
        const { Wait } = yield* call(network)
        const waiting = yield* Effect.forkChild(Effect.flip(Wait()))
        yield* Queue.take(watched.waits)
        yield* network.partition("client", "server")
        // Two pings of 5 seconds, and `closeLimit`.
        yield* pass(14)
        assert.isUndefined(waiting.pollUnsafe())
        yield* pass(1)
        assert.strictEqual(lossOf(yield* Fiber.join(waiting)).cause.message, "ping timeout")
      })
    )
  )
})

describe("An RPC client over Tubs", () => {
  it.effect("goes on with a server that was started again, and fails calls meanwhile with what it tried", () =>
    within((network) =>
      Effect.gen(function* () {
        const first = yield* start(network)
        const { Echo } = yield* call(network)
        assert.strictEqual(yield* Echo({ text: "before" }), "before")
        yield* first.stop
        yield* pass(5)
        const { _tag, cause } = lossOf(yield* Effect.flip(Echo({ text: "meanwhile" })))
        assert.strictEqual(_tag, "SocketOpenError")
        assert.instanceOf(cause, ConnectError)
        assert.include(cause.message, "ECONNREFUSED")

        yield* start(network)
        const echoing = yield* Echo({ text: "after" }).pipe(Effect.retry(Schedule.spaced("1 second")), Effect.forkChild)
        yield* pass(5)
        assert.strictEqual(yield* Fiber.join(echoing), "after")
      })
    )
  )

  for (const [self, there, role] of [
    [low, high, "NonMaster"],
    [high, low, "Master"]
  ] as const) {
    it.effect(`goes on where the network forgot its link, whose calls the server interrupts (${role}, N22)`, () =>
      within((network) =>
        Effect.gen(function* () {
          const { watched } = yield* start(network, { self: there })
          const { Wait, WhoAmI } = yield* call(network, { self, there })
          yield* Effect.forkChild(Effect.exit(Wait()))
          assert.strictEqual(yield* Queue.take(watched.waits), "begun")
          yield* network.forget("client", "server")
          yield* pass(16)
          assert.strictEqual(yield* WhoAmI(), self.tubId)
          // The server closes the old link within `closeLimit`.
          yield* pass(5)
          assert.strictEqual(yield* Queue.take(watched.waits), "interrupted")
        })
      )
    )
  }

  it.effect("loses nothing when another one leaves, whose calls the server interrupts", () =>
    within((network) =>
      Effect.gen(function* () {
        const { watched } = yield* start(network)
        const leaving = yield* inScope(call(network))
        const staying = yield* call(network, { self: middle })
        yield* Effect.forkChild(Effect.exit(leaving.value.Wait()))
        const still = yield* Effect.forkChild(Stream.runCollect(Stream.take(staying.WhoAmIStill(), 10)))
        assert.strictEqual(yield* Queue.take(watched.waits), "begun")
        yield* leaving.close
        assert.strictEqual(yield* Queue.take(watched.waits), "interrupted")
        yield* pass(20)
        assert.strictEqual((yield* Fiber.join(still)).length, 10)
      })
    )
  )

  for (const [self, there, tag] of [
    [low, high, "SocketOpenError"],
    [high, low, "SocketReadError"]
  ] as const) {
    it.effect(`is told that its server does not admit it (${tag}, N25, N31)`, () =>
      within((network) =>
        Effect.gen(function* () {
          yield* start(network, { self: there, admit: new Set([middle.tubId]) })
          const { Echo } = yield* call(network, { self, there })
          const { _tag, cause } = lossOf(yield* Effect.flip(Echo({ text: "hello" })))
          assert.strictEqual(_tag, tag)
          assert.include(cause.message, `${self.tubId} is not admitted here`)
        })
      )
    )
  }

  it.effect("is told that its server speaks another protocol (N29)", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* start(network, { protocol: "other/1" })
        const { Echo } = yield* call(network)
        assert.include(lossOf(yield* Effect.flip(Echo({ text: "hello" }))).cause.message, "other/1")
      })
    )
  )
})
