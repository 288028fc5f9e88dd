import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import { TestClock } from "effect/testing"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import { closeGently, closeLimit, type PlainTransport } from "../src/Transport.ts"
import { attempt, connect } from "./Both.ts"
import { high, low, side } from "./Sides.ts"

/** A transport whose peer never finishes, and what was done with it. */
const stubborn = Effect.map(MemoryTransport.makePair(), ({ client }) => {
  const done: Array<string> = []
  return {
    done,
    transport: {
      ...client,
      close: Effect.andThen(
        Effect.sync(() => void done.push("close")),
        Effect.never
      ),
      destroy: Effect.sync(() => void done.push("destroy"))
    }
  }
})

describe("closeGently", () => {
  it.effect("drops a connection whose peer does not finish after 5 seconds, not sooner (N26)", () =>
    Effect.gen(function* () {
      assert.strictEqual(Duration.toSeconds(closeLimit), 5)
      const { done, transport } = yield* stubborn
      const closing = yield* Effect.forkChild(closeGently(transport))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(closing.pollUnsafe())
      assert.deepStrictEqual(done, ["close"])
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(closing)
      assert.deepStrictEqual(done, ["close", "destroy"])
    })
  )

  it.effect("does not wait longer than the peer", () =>
    Effect.gen(function* () {
      const { client, server } = yield* MemoryTransport.makePair()
      yield* closeGently(client)
      assert.strictEqual((yield* Effect.flip(server.pull)).kind, "eof")
    })
  )

  it.effect("drops the connection at once when it is interrupted", () =>
    Effect.gen(function* () {
      const { done, transport } = yield* stubborn
      const closing = yield* Effect.forkChild(closeGently(transport))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(closing)
      assert.deepStrictEqual(done, ["close", "destroy"])
    })
  )

  it.effect("keeps its limit where nothing may interrupt it, as at the end of a Scope", () =>
    Effect.gen(function* () {
      const { done, transport } = yield* stubborn
      const closing = yield* Effect.forkChild(Effect.uninterruptible(closeGently(transport)))
      yield* TestClock.adjust("5 seconds")
      yield* Fiber.join(closing)
      assert.deepStrictEqual(done, ["close", "destroy"])
    })
  )
})

describe("A link", () => {
  /** Under TLS, the peer never finishes; a connection that was dropped has nothing to wait for. */
  const neverCloses = (transport: PlainTransport): PlainTransport => ({
    ...transport,
    startTls: (options) =>
      Effect.map(transport.startTls(options), (secure) => {
        const dropped = Latch.makeUnsafe()
        return { ...secure, close: dropped.await, destroy: Effect.andThen(secure.destroy, dropped.open) }
      })
  })

  it.effect("is closed for its owner after 5 seconds, whatever the peer does (N26)", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      const { client } = yield* Effect.all(yield* attempt(here, there, { client: neverCloses }))
      const closing = yield* Effect.forkChild(client.close)
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(closing.pollUnsafe())
      assert.strictEqual((yield* client.ended)._tag, "Closed", "its end is known at once")
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(closing)
    })
  )

  it.effect("that is replaced does not keep the new one waiting, though its peer never finishes (N22)", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      const first = yield* Effect.all(yield* attempt(here, there, { client: neverCloses, server: neverCloses }))
      const second = yield* connect(here, there) // no time has to pass
      assert.strictEqual((yield* first.server.ended)._tag, "Replaced")
      assert.strictEqual(second.server.seqnum, 2)
      yield* TestClock.adjust("5 seconds")
    })
  )
})
