import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import { Tub } from "../src/Tub.ts"
import { host, reasons, target } from "./Dialling.ts"
import { high, low, network, type Place, port, tub } from "./Network.ts"

const connector = Effect.fnUntraced(function* (places: Readonly<Record<string, Place>>, self = low) {
  const net = network(places)
  const context = yield* tub(self, net)
  return { ...Context.get(context, Connector), context, net }
})

describe("Those who wait for the same Tub", () => {
  it.effect("share one attempt, of which either may be interrupted", () =>
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

  it.effect("add their hints to it: the good one of the second serves the first, and none is dialled twice", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { connect, net } = yield* connector({ "tcp:blackhole:1": Effect.never, "tcp:a:1": there.place })
      const one = yield* Effect.forkChild(connect(target(high, "tcp:blackhole:1")))
      yield* TestClock.adjust("1 minute")
      const other = yield* connect(target(high, "tcp:blackhole:1", "tcp:a:1"))
      assert.strictEqual(yield* Fiber.join(one), other)
      assert.deepStrictEqual(net.tried, ["tcp:blackhole:1", "tcp:a:1"])
    })
  )

  it.effect("get the same error with every hint, each of which had the whole time of a dial", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const places = { "tcp:blackhole:1": Effect.never, "tcp:silent:1": silent.place }
      const { connect, net } = yield* connector(places)
      const one = yield* Effect.forkChild(Effect.flip(connect(target(high, "tcp:blackhole:1", "tcp:nobody:1"))))
      yield* TestClock.adjust("100 seconds")
      const other = yield* Effect.forkChild(Effect.flip(connect(target(high, "tcp:blackhole:1", "tcp:silent:1"))))
      yield* TestClock.adjust("119999 millis")
      assert.deepStrictEqual([one.pollUnsafe(), other.pollUnsafe()], [undefined, undefined])
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(one)
      assert.strictEqual(yield* Fiber.join(other), error)
      assert.deepStrictEqual(reasons(error.attempts), [
        ["tcp:nobody:1", "Unreachable", 0],
        ["tcp:blackhole:1", "GaveUp", 120_000],
        ["tcp:silent:1", "DeadlineExceeded", 120_000]
      ])
      assert.include(error.message, "tcp:silent:1: Plaintext: not negotiated within 2m")
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("begin anew after it has failed", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const places: Record<string, Place> = {}
      const { connect, net } = yield* connector(places)
      yield* Effect.flip(connect(target(high, "tcp:a:1")))
      places["tcp:a:1"] = there.place
      yield* connect(target(high, "tcp:a:1"))
      assert.deepStrictEqual(net.tried, ["tcp:a:1", "tcp:a:1"])
    })
  )

  it.effect("begin anew where the last one is just leaving", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { connect } = yield* connector({ "tcp:a:1": there.place })
      const leaving = yield* Effect.forkChild(Effect.scoped(connect(target(high, "tcp:a:1"))))
      yield* TestClock.adjust("1 second")
      leaving.interruptUnsafe()
      yield* host(high, there)
      const link = yield* connect(target(high, "tcp:a:1"))
      yield* TestClock.adjust("1 minute")
      assert.isFalse(yield* link.hasEnded)
    })
  )

  // Every segment takes 10 ms, and a connect 80: so many moments lie just before, at and just behind one.
  const Moment = Schema.Struct({
    millis: Schema.Literals([0, 9, 10, 11, 20, 30, 40, 50, 59, 60, 61, 69, 70, 71, 79, 80, 81, 90]),
    turns: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 }))
  })
  const until = ({ millis, turns }: typeof Moment.Type) =>
    Effect.andThen(TestClock.adjust(millis), Effect.repeat(Effect.yieldNow, { times: turns }))

  it.effect.prop("leave nothing behind, at whatever moments they are interrupted", [Moment, Moment], (moments) =>
    SimulatedNetwork.within(
      { hosts: ["here", "there"], seed: 1, way: { latency: "10 millis" } },
      Effect.fn(function* (net) {
        const links = new Set<NegotiatedConnection>()
        const note = (link: NegotiatedConnection) =>
          Effect.andThen(
            Effect.sync(() => links.add(link)),
            Effect.never
          )
        const listener = Listener.layer(SimulatedHost.listen(net, "there", 4711), {
          connected: note,
          failed: () => Effect.void
        })
        yield* Layer.build(Layer.provide(listener, Tub.layer(high)))
        const services = Connector.layer.pipe(
          Layer.provide(SimulatedHost.layerHintHandler(net, "here")),
          Layer.provide(Tub.layer(low))
        )
        const { connect } = Context.get(yield* Layer.build(services), Connector)
        const ask = Effect.forkScoped(Effect.scoped(Effect.flatMap(connect(target(high, "tcp:there:4711")), note)))
        const callers = [yield* ask, yield* ask]
        for (const [place, moment] of moments.entries()) {
          yield* until(moment)
          callers[place]?.interruptUnsafe()
        }
        yield* TestClock.adjust("5 seconds")
        for (const { hasEnded } of links) assert.isTrue(yield* hasEnded)
        for (const caller of callers) assert.isDefined(caller.pollUnsafe())

        links.clear()
        yield* ask
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(links.size, 2, "both ends of the next link")
        for (const { hasEnded } of links) assert.isFalse(yield* hasEnded)
      })
    )
  )
})
