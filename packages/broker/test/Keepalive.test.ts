import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { BananaLinkEnd } from "../src/BananaLinkEnd.ts"
import { window } from "../src/Inbox.ts"
import { DisconnectTime, KeepaliveTime } from "../src/Keepalive.ts"
import { both, facing, int, settle } from "./Ends.ts"

const PING = 0x8e
const PONG = 0x8f

/** Sets the times of the links that are made inside. */
const times =
  (keepalive: Duration.Input, disconnect: Duration.Input = Duration.infinity) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    effect.pipe(
      Effect.provideService(KeepaliveTime, Duration.fromInputUnsafe(keepalive)),
      Effect.provideService(DisconnectTime, Duration.fromInputUnsafe(disconnect))
    )

/** Whether a link has ended so far. */
const ending = ({ ended }: { readonly ended: Effect.Effect<BananaLinkEnd> }) =>
  Effect.map(Effect.forkChild(ended, { startImmediately: true }), (fiber) => () => fiber.pollUnsafe() !== undefined)

/** The TestClock, with `sleep` and the monotonic time in the hands of the test. */
const clockWith = (changed: (clock: Clock.Clock) => Partial<Clock.Clock>) =>
  Effect.map(TestClock.testClockWith(Effect.succeed), (clock): Clock.Clock => ({ ...clock, ...changed(clock) }))

describe("KeepaliveTime (B22)", () => {
  it.effect("is 240 seconds, after which a silent peer is sent one byte: PING", () =>
    Effect.gen(function* () {
      const { peer } = yield* facing()
      yield* TestClock.adjust("239999 millis")
      assert.deepStrictEqual(peer.heard(), [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(peer.heard(), [PING])
    })
  )

  it.effect("passes again before each further PING, for as long as the silence lasts", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* times("10 seconds")(facing())
      const hasEnded = yield* ending(link)
      for (let periods = 1; periods <= 20; periods++) {
        yield* TestClock.adjust("9999 millis")
        assert.strictEqual(peer.heard().length, periods - 1)
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(peer.heard().length, periods)
      }
      assert.isFalse(hasEnded())
    })
  )

  for (const [what, bytes] of [
    ["a PONG", [PONG]],
    ["an object", int(1)],
    ["a part of a token", [0x05]]
  ] as const) {
    it.effect(`begins anew with every byte of the peer, as with ${what}`, () =>
      Effect.gen(function* () {
        const { peer } = yield* times("10 seconds")(facing())
        yield* TestClock.adjust("14 seconds")
        assert.deepStrictEqual(peer.heard(), [PING])
        yield* peer.say(...bytes)
        yield* TestClock.adjust("9999 millis")
        assert.deepStrictEqual(peer.heard(), [PING])
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(peer.heard(), [PING, PING])
      })
    )
  }

  it.effect("is not put off by what we send", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* times("10 seconds")(facing())
      yield* TestClock.adjust("9 seconds")
      yield* link.send(1)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(peer.heard(), [...int(1), PING])
    })
  )

  for (const version of [1, 2]) {
    it.effect(`means nothing in version ${version}, which has no PING`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* times("10 seconds", "200 seconds")(facing({ version }))
        yield* TestClock.adjust("199999 millis")
        assert.deepStrictEqual(peer.heard(), [])
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.Idle({ after: Duration.seconds(200) }))
      })
    )
  }

  for (const [what, time] of [
    ["infinity", Duration.infinity],
    ["zero", Duration.zero]
  ] as const) {
    it.effect(`is switched off by ${what}`, () =>
      Effect.gen(function* () {
        const { peer } = yield* times(time)(facing())
        yield* TestClock.adjust("10 days")
        yield* settle
        assert.deepStrictEqual(peer.heard(), [])
      })
    )
  }

  it.effect("is not cut short by a timer that goes off early", () =>
    Effect.gen(function* () {
      const clock = yield* clockWith((clock) => ({
        sleep: (duration) =>
          clock.sleep(Duration.max(Duration.subtract(duration, Duration.millis(3)), Duration.millis(1)))
      }))
      const { peer } = yield* facing().pipe(times("10 seconds"), Effect.provideService(Clock.Clock, clock))
      for (let periods = 1; periods <= 3; periods++) {
        yield* TestClock.adjust("9999 millis")
        assert.strictEqual(peer.heard().length, periods - 1)
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(peer.heard().length, periods)
      }
    })
  )

  it.effect("costs no more sleeps when the peer says much", () =>
    Effect.gen(function* () {
      let sleeps = 0
      const clock = yield* clockWith((clock) => ({
        sleep: (duration) =>
          Effect.suspend(() =>
            Effect.andThen(
              Effect.sync(() => void sleeps++),
              clock.sleep(duration)
            )
          )
      }))
      const { link, peer } = yield* facing().pipe(times("10 seconds"), Effect.provideService(Clock.Clock, clock))
      yield* settle
      sleeps = 0
      for (let said = 0; said < 1000; said++) {
        yield* peer.say(...int(1))
        yield* link.receive
      }
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(sleeps, 1)
    })
  )
})

describe("DisconnectTime (B22)", () => {
  for (const [disconnect, pings] of [
    ["25 seconds", 2],
    ["11 seconds", 1]
  ] as const) {
    it.effect(`ends a link whose peer leaves ${pings} PINGs unanswered, after ${disconnect} of silence`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* times("10 seconds", disconnect)(facing())
        yield* TestClock.adjust("7 seconds")
        yield* peer.say(...int(1))
        yield* settle
        const hasEnded = yield* ending(link)
        const after = Duration.fromInputUnsafe(disconnect)
        yield* TestClock.adjust(Duration.subtract(after, Duration.millis(1)))
        assert.isFalse(hasEnded())
        assert.strictEqual(peer.heard().length, pings)
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.KeepaliveLost({ after }))
        assert.deepStrictEqual(yield* link.connection.ended, BananaLinkEnd.KeepaliveLost({ after }))
        assert.deepStrictEqual(yield* peer.connection.ended, BananaLinkEnd.ClosedByPeer())
      })
    )
  }

  for (const disconnect of ["9 seconds", "10 seconds"] as const) {
    it.effect(`of ${disconnect} ends a link as Idle, before the peer is asked after 10 seconds`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* times("10 seconds", disconnect)(facing())
        const hasEnded = yield* ending(link)
        const after = Duration.fromInputUnsafe(disconnect)
        yield* TestClock.adjust(Duration.subtract(after, Duration.millis(1)))
        assert.isFalse(hasEnded())
        yield* TestClock.adjust("1 millis")
        assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.Idle({ after }))
        assert.deepStrictEqual(peer.heard(), [])
      })
    )
  }

  it.effect("is without limit by default: a peer may be silent for ever", () =>
    Effect.gen(function* () {
      const { link } = yield* facing()
      const hasEnded = yield* ending(link)
      yield* TestClock.adjust("10 days")
      assert.isFalse(hasEnded())
    })
  )

  it.effect("does not end the link of two idle peers that answer each other, in 20 periods and more", () =>
    Effect.gen(function* () {
      const { far, near } = yield* times("10 seconds", "15 seconds")(both())
      const [nearEnded, farEnded] = [yield* ending(near), yield* ending(far)]
      yield* TestClock.adjust("205 seconds")
      assert.isFalse(nearEnded() || farEnded())
      yield* near.send(1)
      assert.deepStrictEqual(yield* far.receive, { _tag: "Delivered", value: 1 })
    })
  )

  it.effect("does not count the time in which nobody receives what the peer says", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* times("10 seconds", "25 seconds")(facing())
      const hasEnded = yield* ending(link)
      const amount = window / 2 + 1
      yield* peer.say(...Array.from({ length: amount }, () => int(1)).flat())
      yield* TestClock.adjust("10 minutes")
      assert.isFalse(hasEnded())
      assert.deepStrictEqual(peer.heard(), [])
      for (let received = 0; received < amount; received++) yield* link.receive
      yield* TestClock.adjust("24999 millis")
      assert.isFalse(hasEnded())
      yield* TestClock.adjust("1 millis")
      assert.isTrue(hasEnded())
    })
  )

  it.effect("does not count the time in which this process did not get to run", () =>
    Effect.gen(function* () {
      let stall = 0n
      const clock = yield* clockWith((clock) => ({
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe() + stall
      }))
      const { link, peer } = yield* facing().pipe(
        times(Duration.infinity, "25 seconds"),
        Effect.provideService(Clock.Clock, clock)
      )
      const hasEnded = yield* ending(link)
      yield* TestClock.adjust("10 seconds")
      yield* peer.say(...int(1))
      yield* settle
      // It wakes 15 seconds from now, and finds that it is an hour later.
      stall = 3_600_000_000_000n
      yield* TestClock.adjust("15 seconds")
      assert.isFalse(hasEnded())
      yield* TestClock.adjust("10 seconds")
      yield* TestClock.adjust("15 seconds")
      assert.isTrue(hasEnded())
    })
  )

  it.effect("is over when the link is", () =>
    Effect.gen(function* () {
      let asleep = 0
      const clock = yield* clockWith((clock) => ({
        sleep: (duration) =>
          Effect.suspend(() => {
            asleep++
            return Effect.ensuring(
              clock.sleep(duration),
              Effect.sync(() => void asleep--)
            )
          })
      }))
      const { link, peer } = yield* facing().pipe(times("10 seconds"), Effect.provideService(Clock.Clock, clock))
      yield* settle
      assert.strictEqual(asleep, 1)
      yield* Fiber.join(yield* Effect.forkChild(peer.close))
      yield* link.ended
      yield* settle
      assert.strictEqual(asleep, 0)
    })
  )
})
