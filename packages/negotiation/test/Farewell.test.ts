import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { LocalTubs } from "../src/LocalTubs.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { PlainTransport } from "../src/Transport.ts"
import { get, outcomeOf, play } from "./Peer.ts"
import { high, low, side, stranger } from "./Sides.ts"

const tubs = LocalTubs.layer({
  here: [high],
  elsewhere: new Map([[stranger.tubId, [LocationHint.tcp("192.0.2.7", 4711)] as const]])
})

/** What a server does with the connection of a client that says `clear`, before and when its Scope closes. */
const leaving = Effect.fnUntraced(function* (clear: string, options?: { readonly close: Effect.Effect<void> }) {
  const service = yield* side(high, { tubs })
  const pair = yield* MemoryTransport.makePair()
  const done: Array<"write" | "flush" | "close" | "destroy"> = []
  const noting =
    (what: (typeof done)[number]) =>
    <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
      Effect.suspend(() => {
        done.push(what)
        return effect
      })
  const transport: PlainTransport = {
    ...pair.server,
    write: (bytes) => noting("write")(pair.server.write(bytes)),
    flush: noting("flush")(pair.server.flush),
    close: noting("close")(options?.close ?? pair.server.close),
    destroy: noting("destroy")(pair.server.destroy)
  }
  yield* Effect.forkChild(play(pair.client, "client", { clear, afterwards: "finishes" }))
  const scope = yield* Scope.make()
  const exit = yield* Effect.exit(Scope.provide(service.accept(transport), scope))
  const before = [...done]
  const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
  if (options !== undefined) {
    yield* TestClock.adjust("4999 millis")
    assert.isUndefined(closing.pollUnsafe(), "the Scope waits")
    yield* TestClock.adjust("1 millis")
  }
  yield* Fiber.join(closing)
  return { outcome: outcomeOf(exit), before, when: done.slice(before.length) }
})

describe("A failed negotiation", () => {
  it.effect("has said its last words when it fails, and begins to close gently, lest they get lost (N26)", () =>
    Effect.gen(function* () {
      const { before, outcome, when } = yield* leaving(get(low.tubId))
      assert.strictEqual(outcome, "Plaintext UnknownTubId")
      assert.deepStrictEqual(before, ["write", "flush", "close", "destroy"])
      assert.deepStrictEqual(when, [])
    })
  )

  it.effect("closes gently after a 303, too, and adds nothing to it (N11, N26)", () =>
    Effect.gen(function* () {
      const { before, outcome, when } = yield* leaving(get(stranger.tubId))
      assert.strictEqual(outcome, "Redirect")
      assert.deepStrictEqual(before, ["write", "flush", "close", "destroy"])
      assert.deepStrictEqual(when, [])
    })
  )

  it.effect("keeps its Scope waiting for the peer's end for five seconds, and no longer (N26)", () =>
    Effect.gen(function* () {
      const { before, when } = yield* leaving(get(low.tubId), { close: Effect.never })
      assert.deepStrictEqual(before, ["write", "flush", "close"])
      assert.deepStrictEqual(when, ["destroy"])
    })
  )

  it.effect("takes five seconds in all, also where its last words do not leave (N26)", () =>
    Effect.gen(function* () {
      const service = yield* side(high, { tubs })
      const pair = yield* MemoryTransport.makePair()
      let dropped = false
      const destroy = Effect.sync(() => {
        dropped = true
      })
      const stuck: PlainTransport = { ...pair.server, flush: Effect.never, close: Effect.never, destroy }
      yield* Effect.forkChild(play(pair.client, "client", { clear: get(low.tubId), afterwards: "finishes" }))
      const scope = yield* Scope.make()
      const accepting = yield* Effect.forkChild(Effect.exit(Scope.provide(service.accept(stuck), scope)))
      yield* TestClock.adjust("4999 millis")
      assert.isFalse(dropped)
      yield* TestClock.adjust("1 millis")
      assert.isTrue(dropped)
      assert.strictEqual(outcomeOf(yield* Fiber.join(accepting)), "Plaintext UnknownTubId")
    })
  )

  it.effect("drops the connection at once where there is nothing to say (N24)", () =>
    Effect.gen(function* () {
      const { before, outcome, when } = yield* leaving("GET /id/")
      assert.strictEqual(outcome, "Plaintext PeerClosed")
      assert.deepStrictEqual(before, ["destroy"])
      assert.deepStrictEqual(when, [])
    })
  )
})
