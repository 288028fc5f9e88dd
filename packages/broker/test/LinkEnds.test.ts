import { Integer } from "@effect-foolscap/banana/ConstraintSchema"
import { closeLimit } from "@effect-foolscap/negotiation/Transport"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { connect } from "../../negotiation/test/Both.ts"
import { high, low, side } from "../../negotiation/test/Sides.ts"
import * as BananaLink from "../src/BananaLink.ts"
import { BananaLinkEnd, describe as describeEnd } from "../src/BananaLinkEnd.ts"
import { KeepaliveTime } from "../src/Keepalive.ts"
import { both, census, error, facing, gate, int, negotiate, raw, settle, type Through } from "./Ends.ts"

const delivered = (value: number) => ({ _tag: "Delivered", value }) as const

/** What Foolscap says of a CLOSE where nothing is open. */
const lostSync = error("BananaError(in <RootUnslicer>): ('lost sync, got CLOSE(0) but expecting None',)")

/** A link in a Scope of its own, whose network takes a write and never says so. */
const stuck = Effect.gen(function* () {
  let isStuck = false
  const { client } = yield* negotiate({
    client: (transport) => ({
      ...transport,
      write: (bytes) => Effect.suspend(() => (isStuck ? Effect.never : transport.write(bytes)))
    })
  })
  isStuck = true
  const scope = yield* Scope.fork(yield* Effect.scope)
  const link = yield* Scope.provide(BananaLink.make(client), scope)
  yield* link.send(1)
  yield* settle
  return { client, link, scope }
})

describe("A link ends (B24)", () => {
  it.effect("as PeerError, with the text of an ERROR token, to which nothing is said", () =>
    Effect.gen(function* () {
      const { latch, through } = gate()
      const { link, peer } = yield* facing({ client: through })
      latch.closeUnsafe()
      yield* link.send(1)
      yield* settle
      yield* link.send(2)
      yield* peer.say(...int(3), ...error("no such thing"), ...int(4))
      assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.PeerError({ text: "no such thing" }))
      yield* settle
      assert.deepStrictEqual(peer.heard(), [])
      assert.deepStrictEqual(yield* link.receive, delivered(3))
      assert.strictEqual((yield* Effect.flip(link.receive)).reason._tag, "PeerError")
      assert.deepStrictEqual(yield* peer.connection.ended, LinkEnd.ClosedByPeer())
    })
  )

  it.effect("as ProtocolError when the peer breaks the protocol, which is told what Foolscap would tell it", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* facing()
      yield* link.send(1)
      yield* peer.say(...int(3), 0x00, 0x89, ...int(4))
      const end = yield* link.ended
      assert.isTrue(end._tag === "ProtocolError" && end.error.reason.includes("lost sync"))
      yield* settle
      assert.deepStrictEqual(peer.heard(), [...int(1), ...lostSync])
      assert.deepStrictEqual(yield* link.receive, delivered(3))
      assert.strictEqual((yield* Effect.flip(link.receive)).reason._tag, "ProtocolError")
      assert.deepStrictEqual(yield* peer.connection.ended, LinkEnd.ClosedByPeer())
    })
  )

  it.effect("also for a peer that breaks the protocol and does not listen, within closeLimit", () =>
    Effect.gen(function* () {
      const { latch, through } = gate()
      const { link, peer } = yield* facing({ client: through })
      latch.closeUnsafe()
      yield* peer.say(0x00, 0x89)
      const ending = yield* Effect.forkChild(Effect.flip(link.receive))
      yield* TestClock.adjust(Duration.subtract(closeLimit, Duration.millis(1)))
      assert.isFalse(yield* link.connection.hasEnded)
      yield* TestClock.adjust("1 millis")
      assert.isTrue(yield* link.connection.hasEnded)
      assert.strictEqual((yield* Fiber.join(ending)).reason._tag, "ProtocolError")
    })
  )

  it.effect("as ProtocolError with the ERROR token as its last word", () =>
    Effect.gen(function* () {
      const { latch, through } = gate()
      const { peer } = yield* facing({ client: through }).pipe(
        Effect.provideService(KeepaliveTime, Duration.millis(100))
      )
      latch.closeUnsafe()
      yield* peer.say(0x00, 0x89)
      yield* TestClock.adjust("1 second")
      latch.openUnsafe()
      yield* settle
      assert.deepStrictEqual(peer.heard(), lostSync)
    })
  )

  for (const [where, bytes, end] of [
    ["after an object", int(1), "ClosedByPeer"],
    ["before the first object", [], "ClosedByPeer"],
    ["after a PING", [0x8e], "ClosedByPeer"],
    ["in the header of a token", [0x01], "Truncated"],
    ["in the body of a token", [0x02, 0x82, 0x61], "Truncated"],
    ["behind an OPEN", [0x00, 0x88], "Truncated"],
    ["in an object", [0x00, 0x88, 0x04, 0x87, ...int(1)], "Truncated"],
    ["in an object that is refused", [0x00, 0x88, 0x03, 0x82, 0x66, 0x6f, 0x6f, ...int(1)], "Truncated"]
  ] as const) {
    it.effect(`as ${end} when the peer closes it ${where}`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* facing()
        yield* peer.say(...bytes)
        yield* peer.close
        assert.strictEqual((yield* link.ended)._tag, end)
      })
    )
  }

  it.effect("as Lost when the connection is reset, also in the middle of an object", () =>
    SimulatedNetwork.within(
      { hosts: ["a", "b"], seed: 1 },
      Effect.fn(function* (net) {
        const pair = Effect.gen(function* () {
          const port = yield* net.listen("b", 0)
          const [client, server] = yield* Effect.all([net.connect("a", port.address), port.arrival], { concurrency: 2 })
          return { client, server }
        }).pipe(Effect.orDie)
        const { link, peer } = yield* facing({ pair })
        yield* peer.say(...int(1), 0x00, 0x88)
        assert.deepStrictEqual(yield* link.receive, delivered(1))
        yield* net.reset("a", "b")
        assert.strictEqual((yield* link.ended)._tag, "Lost")
        assert.strictEqual((yield* Effect.flip(link.send(1)))._tag, "LinkEnded")
      })
    )
  )

  it.effect("as Replaced when its Master takes a newer connection", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      const first = yield* connect(here, there)
      const [client, server] = [yield* BananaLink.make(first.client), yield* BananaLink.make(first.server)]
      yield* connect(here, there)
      assert.deepStrictEqual(yield* server.ended, BananaLinkEnd.Replaced())
      assert.deepStrictEqual(yield* client.ended, BananaLinkEnd.Replaced())
    })
  )

  for (const reason of [LinkEnd.Idle({ after: Duration.seconds(1) }), LinkEnd.Replaced()]) {
    it.effect(`as ${reason._tag} when its connection does, also while nobody receives what has come`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* facing()
        for (let said = 0; said < 70; said++) yield* peer.say(...Array.from({ length: 500 }, () => int(1)).flat())
        yield* settle
        yield* link.connection.end(reason)
        assert.deepStrictEqual(yield* link.ended, reason)
        assert.deepStrictEqual(yield* link.receive, delivered(1))
      })
    )
  }

  it.effect("once: the first reason stands", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* facing()
      yield* peer.say(...error("first"))
      yield* settle
      yield* Effect.forkChild(link.close, { startImmediately: true })
      yield* peer.close
      assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.PeerError({ text: "first" }))
      const failures = yield* Effect.all([
        Effect.flip(link.receive),
        Effect.flip(link.receive),
        Effect.flip(link.send(1))
      ])
      assert.deepStrictEqual(
        failures.map(({ _tag, message }) => [_tag, message]),
        Array.from({ length: 3 }, () => [
          "LinkEnded",
          "the link has ended: the peer ended the link with an error: first"
        ])
      )
    })
  )
})

describe("The end of a link", () => {
  it.effect("is a reason that a program can recover from by its name", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* facing()
      yield* peer.say(...error("over"))
      const recovered = link.receive.pipe(
        Effect.catchReason("LinkEnded", "PeerError", ({ text }) => Effect.succeed(text))
      )
      assert.strictEqual(yield* recovered, "over")
    })
  )

  for (const [how, bytes] of [
    ["an ERROR token", error("over")],
    ["a broken protocol", [0x00, 0x89]]
  ] as const) {
    it.effect(`by ${how} is not told before its connection has ended, which nobody then finds open`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* facing()
        const found: Array<boolean> = []
        const look = Effect.map(link.connection.hasEnded, (hasEnded) => found.push(hasEnded))
        const told = [
          yield* Effect.forkChild(Effect.andThen(link.ended, look), { startImmediately: true }),
          yield* Effect.forkChild(Effect.andThen(Effect.exit(link.receive), look), { startImmediately: true })
        ]
        yield* peer.say(...bytes)
        yield* Fiber.joinAll(told)
        assert.deepStrictEqual(found, [true, true])
      })
    )
  }
})

describe("close", () => {
  it.effect("sends first what is on its way, and tells the peer goodbye behind it", () =>
    Effect.gen(function* () {
      const { far, near } = yield* both({ window: 1000 })
      for (let value = 0; value < 100; value++) yield* near.send([value, new Uint8Array(500)])
      const closing = yield* Effect.forkChild(near.close, { startImmediately: true })
      const late = yield* Effect.forkChild(Effect.flip(near.send(1)), { startImmediately: true })
      for (let value = 0; value < 100; value++) assert.strictEqual((yield* far.receive)._tag, "Delivered")
      assert.deepStrictEqual((yield* Effect.flip(far.receive)).reason, BananaLinkEnd.ClosedByPeer())
      yield* Fiber.join(closing)
      assert.strictEqual((yield* Fiber.join(late))._tag, "LinkEnded")
      assert.deepStrictEqual(yield* near.ended, BananaLinkEnd.Closed())
      assert.deepStrictEqual(yield* near.connection.ended, LinkEnd.Closed())
    })
  )

  it.effect("waits for a peer that reads nothing until closeLimit, and no longer", () =>
    Effect.gen(function* () {
      const { latch, through } = gate()
      const { link } = yield* facing({ client: through })
      latch.closeUnsafe()
      yield* link.send(1)
      const closing = yield* Effect.forkChild(link.close)
      yield* TestClock.adjust(Duration.subtract(closeLimit, Duration.millis(1)))
      assert.isUndefined(closing.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.isDefined(closing.pollUnsafe())
      assert.isTrue(yield* link.connection.hasEnded)
    })
  )

  it.effect("that is given up ends the connection nevertheless", () =>
    Effect.gen(function* () {
      const { latch, through } = gate()
      const { link } = yield* facing({ client: through })
      latch.closeUnsafe()
      yield* link.send(1)
      const closing = yield* Effect.forkChild(link.close)
      yield* settle
      yield* Fiber.interrupt(closing)
      assert.deepStrictEqual(yield* link.connection.ended, LinkEnd.Closed())
    })
  )

  it.effect("takes what a peer has to say meanwhile, so that two with much to say can close at once", () =>
    Effect.gen(function* () {
      const cut: Through = (transport) => ({
        ...transport,
        write: (bytes) =>
          Effect.forEach(
            Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, at) => bytes.slice(at * 1000, at * 1000 + 1000)),
            transport.write,
            { discard: true }
          )
      })
      const { far, near } = yield* both({ window: 1000, client: cut, server: cut })
      for (const { send } of [near, far]) {
        for (let value = 0; value < 120; value++) yield* Effect.forkChild(send(new Uint8Array(1000)))
      }
      yield* settle
      yield* Effect.all([near.close, far.close], { concurrency: "unbounded" })
      assert.deepStrictEqual([yield* near.ended, yield* far.ended], [BananaLinkEnd.Closed(), BananaLinkEnd.Closed()])
    })
  )

  it.effect("is the reason that stands, whatever the peer says while it is under way", () =>
    Effect.gen(function* () {
      const { latch, through } = gate()
      const { link, peer } = yield* facing({ client: through })
      latch.closeUnsafe()
      yield* link.send(1)
      yield* Effect.forkChild(link.close, { startImmediately: true })
      yield* peer.say(...error("too late"))
      assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.Closed())
    })
  )

  it.effect("is over at once when the Scope was closed before, even on what could not be sent", () =>
    Effect.gen(function* () {
      const { client, link, scope } = yield* stuck
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* TestClock.adjust(closeLimit)
      yield* Fiber.join(closing)
      yield* link.close
      assert.deepStrictEqual(yield* client.ended, LinkEnd.Closed())
    })
  )
})

describe("The Scope of a link", () => {
  it.effect("closes it in good order, with what is on its way", () =>
    Effect.gen(function* () {
      const { client, server } = yield* negotiate()
      const far = yield* BananaLink.make(server)
      yield* Effect.scoped(Effect.flatMap(BananaLink.make(client), ({ send }) => Effect.andThen(send(1), send(2))))
      assert.deepStrictEqual(yield* far.receive, delivered(1))
      assert.deepStrictEqual(yield* far.receive, delivered(2))
      assert.deepStrictEqual((yield* Effect.flip(far.receive)).reason, BananaLinkEnd.ClosedByPeer())
    })
  )

  it.effect("does so too when its fiber is interrupted", () =>
    Effect.gen(function* () {
      const { client, server } = yield* negotiate()
      const far = yield* BananaLink.make(server)
      const using = yield* Effect.forkChild(
        Effect.scoped(Effect.flatMap(BananaLink.make(client), ({ send }) => Effect.andThen(send(1), Effect.never))),
        { startImmediately: true }
      )
      yield* Fiber.interrupt(using)
      assert.deepStrictEqual(yield* far.receive, delivered(1))
      assert.deepStrictEqual((yield* Effect.flip(far.receive)).reason, BananaLinkEnd.ClosedByPeer())
    })
  )

  it.effect("leaves no fiber, whoever waits for what, even where a write is never answered", () =>
    Effect.gen(function* () {
      const { alive, count } = census()
      const using = yield* Effect.forkChild(
        count(
          Effect.gen(function* () {
            const { link } = yield* stuck
            yield* Effect.forkChild(link.receive)
            for (let sending = 0; sending < 5; sending++) yield* Effect.forkChild(link.send(new Uint8Array(70_000)))
            return yield* Effect.never
          }).pipe(Effect.scoped)
        )
      )
      yield* settle
      assert.isAbove(alive(), 4)
      const ending = yield* Effect.forkChild(Fiber.interrupt(using))
      yield* TestClock.adjust(closeLimit)
      yield* Fiber.join(ending)
      yield* settle
      assert.strictEqual(alive(), 0)
    })
  )

  it.effect("has no fiber to end once the link has ended", () =>
    Effect.gen(function* () {
      const { client, server } = yield* negotiate()
      const { alive, count } = census()
      const link = yield* count(BananaLink.make(client))
      yield* settle
      assert.isAbove(alive(), 0)
      yield* server.close
      yield* link.ended
      yield* settle
      assert.strictEqual(alive(), 0)
    })
  )
})

describe("A Schema of the program's own", () => {
  const bug = new Error("a filter with a mistake in it")
  const throwing = Integer().check(
    Schema.makeFilter((value) => {
      if (value === 2) throw bug
      return true
    })
  )
  const asynchronous = Integer().pipe(
    Schema.decodeTo(Integer(), {
      decode: SchemaGetter.transformEffect((value) => (value === 2 ? Effect.never : Effect.succeed(value))),
      encode: SchemaGetter.passthrough()
    })
  )
  const schemas = { "that throws": throwing, "that is not synchronous": asynchronous }
  for (const [name, schema] of Object.entries(schemas)) {
    it.effect(`${name} ends the link for both, and everybody who uses it dies of the defect`, () =>
      Effect.gen(function* () {
        const { client, server } = yield* negotiate()
        const link = yield* BananaLink.make(client, { schema })
        const peer = yield* raw(server)
        yield* peer.say(...int(1))
        yield* settle
        const waiting = yield* Effect.forkChild(link.ended)
        yield* peer.say(...int(2))
        assert.deepStrictEqual(yield* link.receive, delivered(1))
        const exits: ReadonlyArray<Exit.Exit<unknown, unknown>> = [
          yield* Effect.exit(link.receive),
          yield* Effect.exit(link.send(1)),
          yield* Effect.exit(link.ended),
          yield* Fiber.await(waiting)
        ]
        for (const exit of exits) {
          assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
          if (schema === throwing) assert.deepStrictEqual(exit, Exit.die(bug))
        }
        assert.deepStrictEqual(yield* peer.connection.ended, LinkEnd.ClosedByPeer())
      })
    )
  }

  it.effect("is not asked any more once the link has ended", () =>
    Effect.gen(function* () {
      const { client, server } = yield* negotiate()
      const link = yield* BananaLink.make(client, { schema: throwing })
      const peer = yield* raw(server)
      yield* peer.say(...int(2))
      yield* link.close
      assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.Closed())
    })
  )
})

describe("describe", () => {
  it("shows no control characters of the peer", () => {
    assert.strictEqual(
      describeEnd(BananaLinkEnd.PeerError({ text: "a\u001b[2J\r\nb" })),
      "the peer ended the link with an error: a?[2J b"
    )
  })
})
