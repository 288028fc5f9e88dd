import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector, LinkIdleTime } from "../src/Connector.ts"
import { host, target } from "./Dialling.ts"
import { high, low, network, port, tub } from "./Network.ts"

/** A Tub that keeps its links for ten seconds, and a way to take the link with another. */
const patient = Effect.gen(function* () {
  const there = yield* port
  const answered = yield* host(high, there)
  const context = yield* tub(low, network({ "tcp:a:1": there.place })).pipe(
    Effect.provideService(LinkIdleTime, Duration.seconds(10))
  )
  const { connect } = Context.get(context, Connector)
  const take = Effect.gen(function* () {
    const scope = yield* Scope.make()
    const link = yield* Scope.provide(connect(target(high, "tcp:a:1")), scope)
    return { link, letGo: Scope.close(scope, Exit.void) }
  })
  return { answered, take }
})

describe("LinkIdleTime", () => {
  it.effect("is how long a link stays that nobody holds, which then ends as Idle", () =>
    Effect.gen(function* () {
      const { answered, take } = yield* patient
      const { letGo, link } = yield* take
      yield* TestClock.adjust("1 hour")
      yield* letGo
      yield* TestClock.adjust("9999 millis")
      assert.isFalse(yield* link.hasEnded)
      yield* TestClock.adjust("1 millis")
      assert.isTrue(yield* link.hasEnded)
      const end = yield* link.ended
      assert.isTrue(end._tag === "Idle" && Duration.equals(end.after, Duration.seconds(10)))
      assert.strictEqual((yield* (yield* Queue.take(answered)).ended)._tag, "ClosedByPeer")
    })
  )

  it.effect("leaves the link to whoever takes it in time, also in the last millisecond", () =>
    Effect.gen(function* () {
      const { take } = yield* patient
      const first = yield* take
      yield* first.letGo
      yield* TestClock.adjust("9999 millis")
      const second = yield* take
      assert.strictEqual(second.link, first.link)
      yield* TestClock.adjust("1 hour")
      assert.isFalse(yield* second.link.hasEnded)
    })
  )

  it.effect("leads to a new link for whoever comes too late", () =>
    Effect.gen(function* () {
      const { take } = yield* patient
      const first = yield* take
      yield* first.letGo
      yield* TestClock.adjust("10 seconds")
      const second = yield* take
      assert.deepStrictEqual([first.link.seqnum, second.link.seqnum], [1, 2])
      assert.isFalse(yield* second.link.hasEnded)
    })
  )

  it.effect("begins anew whenever the link is let go", () =>
    Effect.gen(function* () {
      const { take } = yield* patient
      const { letGo, link } = yield* take
      yield* letGo
      yield* TestClock.adjust("5 seconds")
      const again = yield* take
      yield* TestClock.adjust("4 seconds")
      yield* again.letGo
      yield* TestClock.adjust("9999 millis")
      assert.isFalse(yield* link.hasEnded)
      yield* TestClock.adjust("1 millis")
      assert.isTrue(yield* link.hasEnded)
    })
  )
})
