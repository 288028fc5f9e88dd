import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { GaveUp } from "../src/ConnectError.ts"
import { Connector, DialDeadline } from "../src/Connector.ts"
import { dialler, host, reasons, redirector, target } from "./Dialling.ts"
import { high, low, network, port, tub } from "./Network.ts"

describe("DialDeadline over redirects", () => {
  it.effect("is one for the whole dial, and not a new one at every hop", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const { dial, net } = yield* dialler({
        "tcp:a:1": Effect.delay(yield* redirector(high, "tcp:b:1"), "50 seconds"),
        "tcp:b:1": Effect.delay(yield* redirector(high, "tcp:silent:1", "tcp:blackhole:1"), "40 seconds"),
        "tcp:silent:1": silent.place,
        "tcp:blackhole:1": Effect.never
      })
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:a:1"))))
      yield* TestClock.adjust("119999 millis")
      assert.isUndefined(failing.pollUnsafe())
      assert.deepStrictEqual(net.open, ["tcp:silent:1"])

      yield* TestClock.adjust("1 millis")
      assert.isDefined(failing.pollUnsafe())
      const error = yield* Fiber.join(failing)
      assert.sameDeepMembers(reasons(error.attempts), [
        ["tcp:a:1", "Redirect", 50_000],
        ["tcp:a:1 -> tcp:b:1", "Redirect", 40_000],
        ["tcp:a:1 -> tcp:b:1 -> tcp:silent:1", "DeadlineExceeded", 30_000],
        ["tcp:a:1 -> tcp:b:1 -> tcp:blackhole:1", "GaveUp", 30_000]
      ])
      const way = "tcp:a:1 -> tcp:b:1 ->"
      assert.include(
        error.message,
        `${way} tcp:blackhole:1: no answer before the 2m for this dial were over; a firewall`
      )
      assert.include(error.message, `${way} tcp:silent:1: Plaintext: not negotiated within 2m`)
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("counts the time that is spent on hearing of a redirect", () =>
    Effect.gen(function* () {
      const { dial } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:blackhole:1"),
        "tcp:blackhole:1": Effect.never
      })
      const dialling = dial(target(high, "tcp:a:1"), { redirected: () => Effect.sleep("100 seconds") })
      const failing = yield* Effect.forkChild(Effect.flip(dialling))
      yield* TestClock.adjust("120 seconds")
      assert.isDefined(failing.pollUnsafe())
      assert.deepStrictEqual(reasons((yield* Fiber.join(failing)).attempts), [
        ["tcp:a:1", "Redirect", 0],
        ["tcp:a:1 -> tcp:blackhole:1", "GaveUp", 20_000]
      ])
    })
  )

  it.effect("ends what hears of a redirect, and does not wait for the places that it kept from being dialled", () =>
    Effect.gen(function* () {
      const { dial, net } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:b:1"),
        "tcp:b:1": Effect.never
      })
      let ended = false
      const redirected = () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => void (ended = true)))
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:a:1"), { redirected })))
      yield* TestClock.adjust("119999 millis")
      assert.isUndefined(failing.pollUnsafe())
      assert.isFalse(ended)
      yield* TestClock.adjust("1 millis")
      assert.isDefined(failing.pollUnsafe())
      assert.isTrue(ended)
      const { attempts, message } = yield* Fiber.join(failing)
      assert.deepStrictEqual(reasons(attempts), [
        ["tcp:a:1", "Redirect", 0],
        ["tcp:a:1 -> tcp:b:1", "GaveUp", 0]
      ])
      assert.include(message, "tcp:a:1 -> tcp:b:1: not tried, because the 2m for this dial were over")
      assert.deepStrictEqual(net.tried, ["tcp:a:1"])
    })
  )

  it.effect("is what a person reads, however little of it was left", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const places = {
        "tcp:a:1": Effect.delay(
          yield* redirector(high, "tcp:silent:1", "tcp:blackhole:1"),
          Duration.nanos(3_000_142_334n)
        ),
        "tcp:silent:1": Effect.delay(silent.place, Duration.nanos(1_233_111n)),
        "tcp:blackhole:1": Effect.never
      }
      const context = yield* tub(low, network(places)).pipe(Effect.provideService(DialDeadline, Duration.seconds(4)))
      const failing = yield* Effect.forkChild(
        Effect.flip(Context.get(context, Connector).dial(target(high, "tcp:a:1")))
      )
      yield* TestClock.adjust("5 seconds")
      const { attempts } = yield* Fiber.join(failing)
      const gaveUp = attempts.find(({ error }) => error._tag === "GaveUp")?.error
      assert.instanceOf(gaveUp, GaveUp)
      // What was left, in the whole milliseconds of a timer.
      assert.strictEqual(Duration.toMillis(gaveUp.after), 1000)
      assert.sameMembers(
        attempts.slice(1).map(({ message }) => message),
        [
          "tcp:a:1 -> tcp:silent:1: Plaintext: not negotiated within 4s",
          "tcp:a:1 -> tcp:blackhole:1: no answer before the 4s for this dial were over"
        ]
      )
    })
  )

  for (const [when, outcome] of [
    [119_999, "linked"],
    [120_000, "failed"]
  ] as const) {
    it.effect(`lets a redirect that comes after ${when} ms be followed in the time that is left: ${outcome}`, () =>
      Effect.gen(function* () {
        const there = yield* port
        yield* host(high, there)
        const { dial, net } = yield* dialler({
          "tcp:a:1": Effect.delay(yield* redirector(high, "tcp:there:1"), when),
          "tcp:there:1": there.place
        })
        const dialling = yield* Effect.forkChild(Effect.result(dial(target(high, "tcp:a:1"))))
        yield* TestClock.adjust("120 seconds")
        const result = yield* Fiber.join(dialling)
        assert.strictEqual(result._tag, outcome === "linked" ? "Success" : "Failure")
        if (outcome === "failed") assert.deepStrictEqual(net.open, [])
        assert.strictEqual(net.tried.includes("tcp:there:1"), outcome === "linked")
      })
    )
  }
})
