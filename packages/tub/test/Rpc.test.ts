import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Stream from "effect/Stream"
import { call, pass, start, TooLong } from "./Calls.ts"
import { high, low, middle } from "./Network.ts"
import { within } from "./Sockets.ts"

for (const [name, serialization] of [
  ["ndjson", RpcSerialization.layerNdjson],
  ["SchemaBinary", RpcSerialization.layerSchemaBinary()]
] as const) {
  describe(`effect/rpc over Tubs, in ${name}`, () => {
    it.effect("answers calls", () =>
      within((network) =>
        Effect.gen(function* () {
          yield* start(network, { serialization })
          const { Echo } = yield* call(network, { serialization })
          assert.strictEqual(yield* Echo({ text: "hello" }), "hello")
        })
      )
    )

    it.effect("fails calls with the errors of their handlers", () =>
      within((network) =>
        Effect.gen(function* () {
          yield* start(network, { serialization })
          const { Shorten } = yield* call(network, { serialization })
          assert.deepStrictEqual(yield* Effect.flip(Shorten({ text: "much too long" })), new TooLong({ limit: 10 }))
        })
      )
    )

    it.effect("streams", () =>
      within((network) =>
        Effect.gen(function* () {
          yield* start(network, { serialization })
          const { Count } = yield* call(network, { serialization })
          const numbers = yield* Stream.runCollect(Count({ to: 100 }))
          assert.deepStrictEqual(
            numbers,
            Array.from({ length: 100 }, (_, i) => i + 1)
          )
        })
      )
    )

    it.effect("carries a megabyte both ways, however it is cut on the way", () =>
      within((network) =>
        Effect.gen(function* () {
          yield* start(network, { serialization })
          yield* network.change("client", "server", { chunk: 5000 })
          const { Echo } = yield* call(network, { serialization })
          const text = "0123456789abcdef".repeat(65_536)
          assert.isTrue((yield* Echo({ text })) === text)
        })
      )
    )
  })
}

describe("effect/rpc over Tubs", () => {
  it.effect("interrupts a handler when its caller is interrupted", () =>
    within((network) =>
      Effect.gen(function* () {
        const { watched } = yield* start(network)
        const { Wait } = yield* call(network)
        const waiting = yield* Effect.forkChild(Wait())
        assert.strictEqual(yield* Queue.take(watched.waits), "begun")
        yield* Fiber.interrupt(waiting)
        assert.strictEqual(yield* Queue.take(watched.waits), "interrupted")
      })
    )
  )

  it.effect("interrupts the handlers of a client that is gone", () =>
    within((network) =>
      Effect.gen(function* () {
        const { watched } = yield* start(network)
        const { Wait } = yield* call(network)
        yield* Effect.forkChild(Effect.exit(Wait()))
        assert.strictEqual(yield* Queue.take(watched.waits), "begun")
        yield* network.reset("client", "server")
        assert.strictEqual(yield* Queue.take(watched.waits), "interrupted")
      })
    )
  )

  it.effect("streams no faster than its reader reads", () =>
    within((network) =>
      Effect.gen(function* () {
        const { watched } = yield* start(network)
        const { Count } = yield* call(network)
        const [asked, read] = [yield* Queue.unbounded<void>(), yield* Queue.unbounded<number>()]
        const reading = Stream.runForEach(Count({ to: 100_000 }), (number) =>
          Effect.andThen(Queue.take(asked), Queue.offer(read, number))
        )
        yield* Effect.forkChild(reading)
        for (const number of [1, 1000]) {
          yield* Queue.offerAll(
            asked,
            Array.from({ length: number }, () => undefined)
          )
          yield* Queue.takeN(read, number)
          yield* pass(1)
          // What the client keeps for its reader, 16 numbers, and what is under way.
          assert.isBelow(watched.counted - number, 25)
        }
      })
    )
  )

  for (const [self, there] of [
    [low, high],
    [high, low]
  ] as const) {
    it.effect(`tells each handler who calls it, and never of another (the server is ${there.tubId.slice(0, 4)})`, () =>
      within((network) =>
        Effect.gen(function* () {
          yield* start(network, { self: there })
          const [one, other] = [yield* call(network, { self, there }), yield* call(network, { self: middle, there })]
          const peersOf = (client: typeof one) =>
            Stream.runCollect(Stream.take(client.WhoAmIStill(), 20)).pipe(Effect.forkChild)
          const streams = [yield* peersOf(one), yield* peersOf(other), yield* peersOf(one), yield* peersOf(other)]
          for (let second = 0; second < 30; second++) {
            yield* pass(1)
            assert.deepStrictEqual(yield* Effect.all([one.WhoAmI(), other.WhoAmI()], { concurrency: 2 }), [
              self.tubId,
              middle.tubId
            ])
          }
          const heard = yield* Effect.forEach(streams, Fiber.join)
          const expected = [self, middle, self, middle].map(({ tubId }) => Array.from({ length: 20 }, () => tubId))
          assert.deepStrictEqual(heard, expected)
        })
      )
    )
  }
})
