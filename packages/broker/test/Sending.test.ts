import { closeLimit } from "@effect-foolscap/negotiation/Transport"
import { TransportError } from "@effect-foolscap/negotiation/TransportError"
import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { BananaLinkEnd } from "../src/BananaLinkEnd.ts"
import { highWater } from "../src/Outbox.ts"
import { both, census, facing, gate, int, settle } from "./Ends.ts"

/** Bytes that fill the link. */
const full = new Uint8Array(highWater)

/** A link whose network has just been closed. */
const stalled = Effect.gen(function* () {
  const { forget, latch, through, writes } = gate()
  const { link, peer } = yield* facing({ client: through })
  latch.closeUnsafe()
  forget()
  // Closing the link would wait for it.
  yield* Effect.addFinalizer(() => latch.open)
  return { latch, link, peer, writes }
})

/** One that is full, too: any send has to wait. */
const filled = Effect.gen(function* () {
  const met = yield* stalled
  yield* met.link.send(full)
  yield* settle
  yield* met.link.send(full)
  return met
})

describe("What is sent", () => {
  it.effect("leaves as one write when one fiber sends it in one go", () =>
    Effect.gen(function* () {
      const { latch, link, writes } = yield* stalled
      latch.openUnsafe()
      for (let value = 0; value < 100; value++) yield* link.send(value)
      yield* settle
      assert.deepStrictEqual(
        writes.map((write) => [...write]),
        [Arr.range(0, 99).flatMap(int)]
      )
    })
  )

  it.effect("leaves as one write when many fibers send it at once", () =>
    Effect.gen(function* () {
      const { latch, link, writes } = yield* stalled
      latch.openUnsafe()
      yield* Effect.forEach(Arr.range(0, 99), link.send, { concurrency: "unbounded", discard: true })
      yield* settle
      assert.deepStrictEqual(
        writes.map((write) => [...write]),
        [Arr.range(0, 99).flatMap(int)]
      )
    })
  )

  it.effect("leaves as one write, all that has come together while another write was under way", () =>
    Effect.gen(function* () {
      const { latch, link, writes } = yield* stalled
      yield* link.send(1)
      yield* settle
      for (const value of [2, 3, 4]) {
        yield* link.send(value)
        yield* settle
      }
      latch.openUnsafe()
      yield* settle
      assert.deepStrictEqual(
        writes.map((write) => [...write]),
        [[...int(1)], [2, 3, 4].flatMap(int)]
      )
    })
  )

  it.effect("needs a fiber only as long as there is something to write", () =>
    Effect.gen(function* () {
      const { alive, count } = census()
      yield* Effect.gen(function* () {
        const { latch, link } = yield* stalled
        yield* settle
        const atRest = alive()
        yield* link.send(1)
        yield* settle
        assert.strictEqual(alive(), atRest + 1)
        yield* Effect.forEach(Arr.range(0, 99), link.send, { concurrency: "unbounded", discard: true })
        assert.strictEqual(alive(), atRest + 1)
        latch.openUnsafe()
        yield* settle
        assert.strictEqual(alive(), atRest)
      }).pipe(Effect.scoped, count)
      assert.strictEqual(alive(), 0)
    })
  )

  it.effect("is refused whole if a part of it cannot be sent, and the link goes on", () =>
    Effect.gen(function* () {
      const { far, near } = yield* both()
      const error = yield* Effect.flip(near.send([1, "\ud800"]))
      assert.strictEqual(error._tag, "Violation")
      yield* near.send(["after"])
      assert.deepStrictEqual(yield* far.receive, { _tag: "Delivered", value: ["after"] })
    })
  )
})

describe("A sender", () => {
  it.effect("dies of what its value's own code throws, and nobody else does", () =>
    Effect.gen(function* () {
      const { latch, link, peer } = yield* filled
      const throwing = new Proxy([1], { get: () => assert.fail("its own") })
      const bad = yield* Effect.forkChild(Effect.exit(link.send(throwing)))
      yield* settle
      const good = yield* Effect.forkChild(link.send(7))
      yield* settle
      latch.openUnsafe()
      assert.isTrue(Exit.hasDies(yield* Fiber.join(bad)))
      yield* Fiber.join(good)
      yield* settle
      assert.deepStrictEqual(peer.heard().slice(-2), int(7))
    })
  )

  it.effect("waits while 64 KiB are under way, and as many again with the network", () =>
    Effect.gen(function* () {
      const { latch, link, peer } = yield* filled
      const sending = yield* Effect.forkChild(link.send(1))
      yield* settle
      assert.isUndefined(sending.pollUnsafe())
      latch.openUnsafe()
      yield* Fiber.join(sending)
      yield* settle
      assert.deepStrictEqual(peer.heard().slice(-2), int(1))
    })
  )

  it.effect("does not wait for one byte less", () =>
    Effect.gen(function* () {
      const { link } = yield* stalled
      yield* link.send(full)
      yield* settle
      // Three digits and a type byte come before it.
      yield* link.send(new Uint8Array(highWater - 5))
      yield* link.send(1)
    })
  )

  it.effect("waits behind those that came before", () =>
    Effect.gen(function* () {
      const { latch, link, peer } = yield* filled
      const waiting = yield* Effect.forEach([full, 1, full, 2, 3], (value) =>
        Effect.forkChild(link.send(value), { startImmediately: true })
      )
      latch.openUnsafe()
      yield* link.send(4)
      yield* Fiber.joinAll(waiting)
      yield* settle
      const heard = [...peer.heard()]
      const small = heard.filter((byte, at) => heard[at + 1] === 0x81 && byte > 0)
      assert.deepStrictEqual(small, [1, 2, 3, 4])
    })
  )

  it.effect("that goes on as soon as it may comes behind those that wait", () =>
    Effect.gen(function* () {
      const { latch, link, peer } = yield* filled
      const first = yield* Effect.forkChild(Effect.andThen(link.send(1), link.send(3)), { startImmediately: true })
      const second = yield* Effect.forkChild(link.send(2), { startImmediately: true })
      latch.openUnsafe()
      yield* Fiber.joinAll([first, second])
      yield* settle
      assert.deepStrictEqual(peer.heard().slice(-6), [...int(1), ...int(2), ...int(3)])
    })
  )

  it.effect("that is interrupted while it waits has sent nothing, and the others miss nothing", () =>
    Effect.gen(function* () {
      const { latch, link, peer } = yield* filled
      const fork = (value: number) => Effect.forkChild(link.send(value), { startImmediately: true })
      const [first, second, third] = [yield* fork(1), yield* fork(2), yield* fork(3)]
      yield* Fiber.interrupt(second)
      latch.openUnsafe()
      yield* Fiber.joinAll([first, third])
      yield* settle
      assert.deepStrictEqual(peer.heard().slice(-4), [...int(1), ...int(3)])
    })
  )

  it.effect("that waits is told of a value that cannot be sent, and holds up nobody", () =>
    Effect.gen(function* () {
      const { latch, link, peer } = yield* filled
      const refused = yield* Effect.forkChild(Effect.flip(link.send("\ud800")), { startImmediately: true })
      const next = yield* Effect.forkChild(link.send(1), { startImmediately: true })
      latch.openUnsafe()
      assert.strictEqual((yield* Fiber.join(refused))._tag, "Violation")
      yield* Fiber.join(next)
      yield* settle
      assert.deepStrictEqual(peer.heard().slice(-2), int(1))
    })
  )

  it.effect("that waits when the link ends fails with the end, as does everyone who comes later", () =>
    Effect.gen(function* () {
      const { link } = yield* filled
      const send = (value: number) => Effect.forkChild(Effect.flip(link.send(value)), { startImmediately: true })
      const before = yield* send(1)
      yield* Effect.forkChild(link.close, { startImmediately: true })
      const after = yield* send(2)
      yield* TestClock.adjust(closeLimit)
      for (const sender of [before, after, yield* send(3)]) {
        const error = yield* Fiber.join(sender)
        assert.isTrue(error._tag === "LinkEnded" && error.reason._tag === "Closed")
      }
    })
  )

  const Size = Schema.Literals([1, 1000, highWater])
  const Act = Schema.Struct({ size: Size, isGivenUp: Schema.Boolean, yields: Schema.Literals([0, 1, 3]) })

  it.effect.prop(
    "is never cut short or sent twice, whoever is interrupted and whenever",
    [Schema.Array(Act).check(Schema.isMaxLength(12))],
    ([acts]) =>
      Effect.gen(function* () {
        const { latch, through } = gate()
        const { far, near } = yield* both({ client: through })
        latch.closeUnsafe()
        const sent: Array<Fiber.Fiber<void, unknown>> = []
        for (const [index, { isGivenUp, size, yields }] of acts.entries()) {
          const fiber = yield* Effect.forkChild(near.send([index, new Uint8Array(size)]))
          yield* Effect.repeat(Effect.yieldNow, { times: yields })
          if (isGivenUp) yield* Fiber.interrupt(fiber)
          sent.push(fiber)
          if (index % 4 === 3) yield* Effect.andThen(latch.release, settle)
        }
        latch.openUnsafe()
        const exits = yield* Effect.forEach(sent, Fiber.await)
        yield* Effect.forkChild(near.close)
        const heard: Array<unknown> = []
        const error = yield* Effect.flip(
          Effect.forever(
            Effect.map(far.receive, (arrival) =>
              heard.push(arrival._tag === "Violated" ? arrival.violation.where : "a list, whole")
            )
          )
        )
        assert.deepStrictEqual(error.reason, BananaLinkEnd.ClosedByPeer())
        assert.strictEqual(heard.length, exits.filter(Exit.isSuccess).length)
      }).pipe(Effect.scoped)
  )
})

describe("A network that takes no more", () => {
  it.effect("hides nothing that the peer has said before it left, and holds up no sender", () =>
    Effect.gen(function* () {
      let isClosed = false
      const { link, peer } = yield* facing({
        client: (transport) => ({
          ...transport,
          write: (bytes) =>
            Effect.suspend(() =>
              isClosed ? Effect.fail(new TransportError({ kind: "closed" })) : transport.write(bytes)
            )
        })
      })
      isClosed = true
      yield* link.send(full)
      yield* settle
      for (let turn = 0; turn < 3; turn++) yield* Effect.andThen(link.send(full), settle)
      yield* peer.say(...int(1))
      assert.deepStrictEqual(yield* link.receive, { _tag: "Delivered", value: 1 })
      yield* peer.close
      assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.ClosedByPeer())
    })
  )
})
