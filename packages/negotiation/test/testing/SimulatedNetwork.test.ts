import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as SimulatedNetwork from "../../src/testing/SimulatedNetwork.ts"
import { bytesOf, format, listenTo, meet, network, textOf, within } from "./Wires.ts"

const Millis = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2000 }))
const Chunk = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 }))

describe("connect", () => {
  it.effect("takes one round trip, and the server hears of it half a round trip later", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const port = yield* net.listen("b", 4711)
      const arriving = yield* Effect.forkChild(Effect.andThen(port.arrival, Clock.currentTimeMillis))
      const connecting = yield* Effect.forkChild(
        Effect.andThen(net.connect("a", port.address), Clock.currentTimeMillis)
      )
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Fiber.join(connecting), 20)
      assert.strictEqual(yield* Fiber.join(arriving), 30)
    })
  )

  it.effect("is refused where nobody listens, once there was time for an answer", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const connecting = yield* Effect.forkChild(Effect.flip(net.connect("a", { host: "b", port: 1 })))
      yield* TestClock.adjust("19 millis")
      assert.isUndefined(connecting.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(connecting)).message, "connect ECONNREFUSED b:1")
    })
  )

  it.effect("finds no host that does not exist", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const error = yield* Effect.flip(net.connect("a", { host: "c", port: 1 }))
      assert.strictEqual(error.message, "getaddrinfo ENOTFOUND c")
    })
  )

  it.effect("leaves nothing at the server when it is given up half way", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const port = yield* net.listen("b", 0)
      const arriving = yield* Effect.forkChild(port.arrival)
      const connecting = yield* Effect.forkChild(Effect.scoped(net.connect("a", port.address)))
      yield* TestClock.adjust("15 millis")
      yield* Fiber.interrupt(connecting)
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(arriving.pollUnsafe())
    })
  )

  it.effect("hangs through a partition, and succeeds when that heals", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const port = yield* net.listen("b", 0)
      yield* net.partition("a", "b")
      const connecting = yield* Effect.forkChild(net.connect("a", port.address))
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(connecting.pollUnsafe())
      yield* net.heal("a", "b")
      yield* TestClock.adjust("20 millis")
      yield* Fiber.join(connecting)
    })
  )
})

describe("listen", () => {
  it.effect("keeps those who come until somebody takes them", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const port = yield* net.listen("b", 0)
      const client = yield* within("1 second", net.connect("a", port.address))
      yield* within("1 second", client.write(bytesOf("early")))
      const server = yield* port.arrival
      assert.strictEqual(textOf(yield* server.pull), "early")
      assert.strictEqual(client.remoteAddress, `b:${port.address.port}`)
      assert.match(server.remoteAddress, /^a:\d+$/)
    })
  )

  it.effect("has a port once, and again when it was closed", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const scope = yield* Scope.make()
      yield* Scope.provide(net.listen("b", 4711), scope)
      assert.strictEqual((yield* Effect.flip(net.listen("b", 4711))).message, "listen EADDRINUSE b:4711")
      yield* net.listen("a", 4711)
      yield* Scope.close(scope, Exit.void)
      yield* net.listen("b", 4711)
    })
  )

  it.effect("frees its port when it stops, and keeps who came before", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const first = yield* Scope.make()
      const port = yield* Scope.provide(net.listen("b", 4711), first)
      const client = yield* within("1 second", net.connect("a", port.address))
      yield* port.stop
      yield* port.stop
      const refused = yield* Effect.forkChild(Effect.flip(net.connect("a", port.address)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(refused)).code, "ECONNREFUSED")

      const server = yield* port.arrival
      yield* server.write(bytesOf("still here"))
      assert.strictEqual(textOf(yield* within("1 second", client.pull)), "still here")

      yield* net.listen("b", 4711)
      yield* Scope.close(first, Exit.void)
      yield* within("1 second", net.connect("a", port.address))
    })
  )

  it.effect("drops who came to it when it is closed", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const scope = yield* Scope.make()
      const port = yield* Scope.provide(net.listen("b", 0), scope)
      const client = yield* within("1 second", net.connect("a", port.address))
      const heard = yield* listenTo(client)
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(heard.end, "eof")
    })
  )
})

describe("bytes", () => {
  it.effect.prop(
    "arrive whole and in order, and then the end, however long they take and however they are cut",
    { latency: Millis, jitter: Millis, chunk: Chunk, seed: Schema.Int, texts: Schema.Array(Schema.String) },
    ({ chunk, jitter, latency, seed, texts }) =>
      Effect.gen(function* () {
        const net = yield* network({ seed, way: { latency, jitter, chunk } })
        const port = yield* net.listen("b", 0)
        const connecting = Effect.all([net.connect("a", port.address), port.arrival], { concurrency: 2 })
        const [client, server] = yield* within("1 hour", connecting)
        const heard = yield* listenTo(server)
        for (const text of texts) yield* client.write(bytesOf(text))
        yield* client.finish
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(heard.text, texts.map((text) => textOf(bytesOf(text))).join(""))
        assert.strictEqual(heard.end, "eof")
      }).pipe(Effect.scoped)
  )

  it.effect("arrive in a turn of their own where there is no latency", () =>
    Effect.gen(function* () {
      const { client, server } = yield* meet(yield* network({ way: {} }))
      const heard = yield* listenTo(server)
      yield* client.write(bytesOf("x"))
      assert.strictEqual(heard.text, "")
      yield* client.finish
      yield* server.ended
      assert.strictEqual(heard.text, "x")
    })
  )

  it.effect("arrive after the latency, at the latest after the jitter", () =>
    Effect.gen(function* () {
      const net = yield* network({ way: { latency: "10 millis", jitter: "5 millis" } })
      const { client, server } = yield* meet(net)
      const heard = yield* listenTo(server)
      yield* client.write(bytesOf("x"))
      yield* TestClock.adjust("9 millis")
      assert.strictEqual(heard.text, "")
      yield* TestClock.adjust("6 millis")
      assert.strictEqual(heard.text, "x")
    })
  )

  it.effect("wait with their writer while the reader does not take them", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { client, server } = yield* meet(net)
      const writing = yield* Effect.forkChild(client.write(new Uint8Array(1_000_000)))
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(writing.pollUnsafe())
      const heard = yield* listenTo(server)
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(writing)
      assert.strictEqual(heard.text.length, 1_000_000)
    })
  )

  it.effect("that nobody had read are gone with a reset, which a drop with unread bytes is", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { client, server } = yield* meet(net)
      yield* client.write(bytesOf("never read here"))
      yield* server.write(bytesOf("never read there"))
      yield* TestClock.adjust("1 second")
      yield* server.destroy
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Effect.flip(client.pull)).kind, "reset")
    })
  )

  it.effect("for an end that is gone are answered with a reset", () =>
    Effect.gen(function* () {
      const net = yield* network()
      const { client, server } = yield* meet(net)
      yield* server.destroy
      yield* client.write(bytesOf("too late"))
      const flushed = yield* Effect.forkChild(Effect.exit(client.ended))
      yield* TestClock.adjust("10 millis")
      assert.isTrue(Exit.isSuccess(yield* Fiber.join(flushed)))
      yield* TestClock.adjust("10 millis")
      assert.strictEqual((yield* Effect.flip(client.write(bytesOf("x")))).kind, "closed")
    })
  )
})

describe("a seed", () => {
  const run = (seed: string | number) =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const way: SimulatedNetwork.Way = { latency: 5, jitter: 50, chunk: 3 }
      const net = yield* network({ seed, way, observe: (passage) => void seen.push(format(passage)) })
      const began = yield* Clock.currentTimeMillis
      const { client, server } = yield* meet(net)
      yield* client.write(bytesOf("how now, brown cow"))
      yield* server.write(bytesOf("very well, thank you"))
      yield* TestClock.adjust("1 second")
      yield* client.destroy
      yield* TestClock.adjust("1 second")
      return seen.map((line) => line.replace(/^\d+/, (at) => String(Number(at) - began)))
    }).pipe(Effect.scoped)

  it.effect.prop("replays a run exactly", [Schema.Union([Schema.Int, Schema.String])], ([seed]) =>
    Effect.gen(function* () {
      const first = yield* run(seed)
      assert.isAbove(first.length, 10)
      assert.deepStrictEqual(yield* run(seed), first)
    })
  )

  it.effect("that is another makes another run", () =>
    Effect.gen(function* () {
      assert.notDeepEqual(yield* run(1), yield* run(2))
    })
  )
})

describe("the Scope of a network", () => {
  it.effect("leaves no fiber asleep and no connection open when it closes", () =>
    Effect.gen(function* () {
      const slept: Array<string> = []
      const testClock = yield* TestClock.testClockWith(Effect.succeed)
      const clock: Clock.Clock = {
        ...testClock,
        sleep: (duration) =>
          testClock.sleep(duration).pipe(
            Effect.onExit((exit) => Effect.sync(() => void slept.push(exit._tag))),
            Effect.tap(Effect.sync(() => slept.pop()))
          )
      }
      const scope = yield* Scope.make()
      const net = yield* network().pipe(Scope.provide(scope), Effect.provideService(Clock.Clock, clock))
      const { client } = yield* Scope.provide(meet(net), scope)
      yield* client.write(bytesOf("on its way"))
      const parked = yield* Effect.forkChild(Effect.flip(client.pull))
      assert.deepStrictEqual(slept, [])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(slept, ["Failure"])
      assert.strictEqual((yield* Fiber.join(parked)).kind, "closed")
    })
  )
})

describe("SimulatedNetwork.within", () => {
  for (const [claim, end] of [
    ["succeeds", Effect.succeed("done")],
    ["fails", Effect.fail("done")],
    ["is interrupted", Effect.interrupt]
  ] as const) {
    it.effect(`closes what was left open although nobody moves the clock any more, when its user ${claim}`, () =>
      Effect.gen(function* () {
        let isClosed = false
        const exit = yield* SimulatedNetwork.within({ hosts: ["a", "b"], seed: 1 }, (net) =>
          Effect.gen(function* () {
            const { client, server } = yield* meet(net)
            for (const transport of [client, server]) {
              yield* Effect.addFinalizer(() =>
                Effect.andThen(
                  transport.close,
                  Effect.sync(() => (isClosed = true))
                )
              )
            }
            yield* client.write(bytesOf("unread"))
            return yield* end
          })
        ).pipe(Effect.exit)
        assert.isTrue(isClosed)
        assert.strictEqual(Exit.isSuccess(exit), claim === "succeeds")
      })
    )
  }
})
