import type { TubId } from "@effect-foolscap/furl/TubId"
import { Deadline, NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { closeLimit, type PlainTransport } from "@effect-foolscap/negotiation/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector, DialDeadline } from "../src/Connector.ts"
import { Links } from "../src/Links.ts"
import * as Settings from "../src/Settings.ts"
import { Tub } from "../src/Tub.ts"
import { dialler, heard, host, reasons, target } from "./Dialling.ts"
import { high, identity, low, middle, network, port, tub } from "./Network.ts"

describe("Connector", () => {
  it.effect("reaches the Tub that was asked for, and says which hint led to it", () =>
    Effect.gen(function* () {
      const there = yield* port
      const links = yield* host(high, there)
      const { dial } = yield* dialler({ "tcp:there:1": there.place })
      const { connection, hint } = yield* dial(target(high, "tcp:there:1"))
      assert.strictEqual(hint.text, "tcp:there:1")
      const peer: TubId = connection.peer
      assert.strictEqual(peer, high.tubId)
      assert.strictEqual(connection.side, "client")
      assert.strictEqual((yield* Queue.take(links)).peer, low.tubId)
    })
  )

  for (const [role, self, other] of [
    ["Master", high, low],
    ["NonMaster", low, high]
  ] as const) {
    it.effect(`makes one link of several hints that lead to the same Tub, as ${role}, and forgets the others`, () =>
      Effect.gen(function* () {
        const there = yield* port
        const links = yield* host(other, there)
        const { dial, net } = yield* dialler({ "tcp:a:1": there.place, "tcp:b:1": there.place }, self)
        for (const round of [1, 2]) {
          yield* Effect.scoped(
            Effect.gen(function* () {
              const { connection, hint } = yield* dial(target(other, "tcp:a:1", "tcp:b:1"))
              assert.strictEqual(connection.role, role)
              assert.strictEqual(connection.seqnum, round)
              assert.deepStrictEqual(net.open, [hint.text])
              assert.strictEqual((yield* Queue.take(links)).seqnum, round)
            })
          )
          assert.deepStrictEqual(net.open, [])
          assert.strictEqual(yield* Queue.size(links), 0)
        }
      })
    )
  }

  it.effect("closes the connections that came second, which their servers notice", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const there = yield* port
      yield* host(high, there)
      const { dial, net } = yield* dialler({ "tcp:silent:1": silent.place, "tcp:there:1": there.place })
      const { hint } = yield* dial(target(high, "tcp:silent:1", "tcp:there:1"))
      assert.strictEqual(hint.text, "tcp:there:1")
      assert.deepStrictEqual(net.open, ["tcp:there:1"])
      const { end, text } = yield* heard(yield* silent.arrival)
      assert.match(text, /^GET \/id\/p34dey/)
      assert.strictEqual(end, "eof")
    })
  )

  it.effect("does not wait for a hint that never answers", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial } = yield* dialler({ "tcp:blackhole:1": Effect.never, "tcp:there:1": there.place })
      const { hint } = yield* dial(target(high, "tcp:blackhole:1", "tcp:there:1"))
      assert.strictEqual(hint.text, "tcp:there:1")
    })
  )

  it.effect("tries a hint that is listed twice once", () =>
    Effect.gen(function* () {
      const { dial, net } = yield* dialler({})
      const error = yield* Effect.flip(dial(target(high, "tcp:a:1", "tcp:b:1", "tcp:a:1")))
      assert.deepStrictEqual(net.tried, ["tcp:a:1", "tcp:b:1"])
      assert.strictEqual(error.attempts.length, 2)
    })
  )

  it.effect("fails at once where there is no hint", () =>
    Effect.gen(function* () {
      const { dial } = yield* dialler({})
      const error = yield* Effect.flip(dial(target(high)))
      assert.deepStrictEqual(error.attempts, [])
      assert.include(error.message, "no location hints")
    })
  )

  it.effect("says of every hint that failed why, and after how long", () =>
    Effect.gen(function* () {
      const [other, web] = [yield* port, yield* port]
      yield* host(middle, other)
      const { dial, net } = yield* dialler({
        "tcp:slow:1": Effect.delay(web.place, "3 seconds"),
        "tcp:other:1": Effect.delay(other.place, "1 second")
      })
      const failing = yield* Effect.forkChild(
        Effect.flip(dial(target(high, "tcp:slow:1", "tcp:other:1", "tcp:nobody:1", "tor:x.onion:1")))
      )
      yield* TestClock.adjust("3 seconds")
      const server = yield* web.arrival
      yield* TestClock.adjust("500 millis")
      yield* Effect.orDie(server.write(Buffer.from("HTTP/1.1 200 OK\r\n\r\n")))

      const error = yield* Fiber.join(failing)
      assert.deepStrictEqual(reasons(error.attempts), [
        ["tcp:nobody:1", "Unreachable", 0],
        ["tor:x.onion:1", "UnknownHint", 0],
        ["tcp:other:1", "PeerRefused", 1000],
        ["tcp:slow:1", "NotATub", 3500]
      ])
      for (const text of ["tcp:nobody:1", "tor:x.onion:1", "tcp:other:1", "tcp:slow:1", "200 OK"]) {
        assert.include(error.message, text)
      }
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("passes over hints of a kind that nobody here knows", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial } = yield* dialler({ "tcp:there:1": there.place })
      const { hint } = yield* dial(target(high, "tor:x.onion:1", "nonsense", "tcp:there:1"))
      assert.strictEqual(hint.text, "tcp:there:1")
    })
  )

  it.effect("passes over a hint where another Tub answers with the name of the one that was asked for", () =>
    Effect.gen(function* () {
      const [impostor, there] = [yield* port, yield* port]
      yield* host(identity(high.tubId, middle.tubId), impostor)
      yield* host(high, there)
      const { dial, net } = yield* dialler({ "tcp:impostor:1": impostor.place, "tcp:there:1": there.place })

      const error = yield* Effect.flip(dial(target(high, "tcp:impostor:1")))
      assert.deepStrictEqual(reasons(error.attempts), [["tcp:impostor:1", "TubIdMismatch", 0]])
      const { connection } = yield* dial(target(high, "tcp:impostor:1", "tcp:there:1"))
      assert.strictEqual(connection.peer, high.tubId)
      assert.deepStrictEqual(net.open, ["tcp:there:1"])
    })
  )

  it.effect("does not let a hint hold up the winner whose server never finishes closing", () =>
    Effect.gen(function* () {
      const [stubborn, there] = [yield* port, yield* port]
      yield* host(identity(high.tubId, middle.tubId), stubborn)
      yield* host(high, there)
      const { dial } = yield* dialler({
        "tcp:stubborn:1": Effect.map(stubborn.place, neverCloses),
        "tcp:there:1": Effect.delay(there.place, "1 second")
      })
      const dialling = yield* Effect.forkChild(dial(target(high, "tcp:stubborn:1", "tcp:there:1")))
      yield* TestClock.adjust("1 second")
      yield* Effect.addFinalizer(() => TestClock.adjust(closeLimit))
      assert.isDefined(dialling.pollUnsafe())
      assert.strictEqual((yield* Fiber.join(dialling)).hint.text, "tcp:there:1")
    })
  )

  it.effect("fails only when every server had the time to hear why it is left", () =>
    Effect.gen(function* () {
      const impostor = yield* port
      yield* host(identity(high.tubId, middle.tubId), impostor)
      const closed: Array<string> = []
      const closesSlowly = (transport: PlainTransport): PlainTransport => ({
        ...transport,
        startTls: (options) =>
          Effect.map(transport.startTls(options), (secure) => ({
            ...secure,
            close: Effect.andThen(
              Effect.sleep("1 second"),
              Effect.sync(() => closed.push("in good order"))
            )
          }))
      })
      const { dial, net } = yield* dialler({ "tcp:impostor:1": Effect.map(impostor.place, closesSlowly) })
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:impostor:1"))))
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(failing.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(reasons((yield* Fiber.join(failing)).attempts), [["tcp:impostor:1", "TubIdMismatch", 0]])
      assert.deepStrictEqual(closed, ["in good order"])
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("closes the link with the Scope of the dial, which the peer hears in good order", () =>
    Effect.gen(function* () {
      const there = yield* port
      const links = yield* host(high, there)
      const { dial, net } = yield* dialler({ "tcp:there:1": there.place })
      const link = yield* Effect.scoped(Effect.andThen(dial(target(high, "tcp:there:1")), Queue.take(links)))
      assert.deepStrictEqual(net.open, [])
      assert.strictEqual((yield* link.ended)._tag, "ClosedByPeer")
      const { pull } = yield* link.socket.reader
      assert.include((yield* Effect.flip(pull)).message, "the peer closed the connection")
    })
  )

  it.effect("leaves nothing open when it is interrupted", () =>
    Effect.gen(function* () {
      const [silent, other] = [yield* port, yield* port]
      const { dial, net } = yield* dialler({
        "tcp:blackhole:1": Effect.never,
        "tcp:silent:1": silent.place,
        "tcp:other:1": other.place
      })
      const scope = yield* Scope.make()
      const dialling = yield* Effect.forkChild(
        Scope.provide(dial(target(high, "tcp:blackhole:1", "tcp:silent:1", "tcp:other:1")), scope)
      )
      const servers = [yield* silent.arrival, yield* other.arrival]
      assert.deepStrictEqual(net.open, ["tcp:silent:1", "tcp:other:1"])
      yield* Fiber.interrupt(dialling)
      assert.deepStrictEqual(net.open, [])
      for (const server of servers) assert.strictEqual((yield* heard(server)).end, "eof")
      yield* Scope.close(scope, Exit.void)
    })
  )
})

describe("DialDeadline", () => {
  it.effect("ends a dial after two minutes and no sooner, and each hint that failed before keeps its reason", () =>
    Effect.gen(function* () {
      const [silent, refusing] = [yield* port, yield* port]
      yield* host(middle, refusing)
      const { dial, net } = yield* dialler({
        "tcp:blackhole:1": Effect.never,
        "tcp:silent:1": Effect.delay(silent.place, "1 second"),
        "tcp:refusing:1": Effect.delay(refusing.place, "119 seconds")
      })
      const failing = yield* Effect.forkChild(
        Effect.flip(dial(target(high, "tcp:blackhole:1", "tcp:silent:1", "tcp:refusing:1", "tcp:nobody:1")))
      )
      yield* TestClock.adjust("119999 millis")
      assert.isUndefined(failing.pollUnsafe())
      assert.deepStrictEqual(net.open, ["tcp:silent:1"])

      yield* TestClock.adjust("1 millis")
      assert.isDefined(failing.pollUnsafe())
      const error = yield* Fiber.join(failing)
      assert.deepStrictEqual(reasons(error.attempts), [
        ["tcp:nobody:1", "Unreachable", 0],
        ["tcp:refusing:1", "PeerRefused", 119_000],
        ["tcp:blackhole:1", "GaveUp", 120_000],
        ["tcp:silent:1", "DeadlineExceeded", 120_000]
      ])
      assert.include(error.message, "tcp:blackhole:1: no answer before the 2m for this dial were over; a firewall")
      assert.include(error.message, "tcp:silent:1: Plaintext: not negotiated within 2m")
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("does not forget why a hint failed whose server never finishes closing", () =>
    Effect.gen(function* () {
      const stubborn = yield* port
      yield* host(identity(high.tubId, middle.tubId), stubborn)
      const { dial } = yield* dialler({
        "tcp:blackhole:1": Effect.never,
        "tcp:stubborn:1": Effect.delay(Effect.map(stubborn.place, neverCloses), "119 seconds")
      })
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:blackhole:1", "tcp:stubborn:1"))))
      yield* TestClock.adjust("125 seconds")
      assert.deepStrictEqual(reasons((yield* Fiber.join(failing)).attempts), [
        ["tcp:stubborn:1", "TubIdMismatch", 119_000],
        ["tcp:blackhole:1", "GaveUp", 120_000]
      ])
    })
  )

  it.effect("is what the application sets", () =>
    Effect.gen(function* () {
      const net = network({ "tcp:blackhole:1": Effect.never })
      const context = yield* tub(low, net).pipe(Effect.provideService(DialDeadline, Duration.seconds(10)))
      const { dial } = Context.get(context, Connector)
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:blackhole:1"))))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(reasons((yield* Fiber.join(failing)).attempts), [["tcp:blackhole:1", "GaveUp", 10_000]])
    })
  )

  it.effect("leaves a negotiation its own time where that is shorter, which is told then", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const context = yield* tub(low, network({ "tcp:silent:1": silent.place })).pipe(
        Effect.provideService(Deadline, Duration.seconds(10))
      )
      const { dial } = Context.get(context, Connector)
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:silent:1"))))
      yield* TestClock.adjust("10 seconds")
      assert.include((yield* Fiber.join(failing)).message, "tcp:silent:1: Plaintext: not negotiated within 10s")
    })
  )

  const configured = Effect.fnUntraced(function* (env: Record<string, string>) {
    const { layer } = network({ "tcp:blackhole:1": Effect.never })
    const settings = Settings.layerConfig.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
    const connector = Connector.layer.pipe(Layer.provide([layer, Tub.layer(low)]), Layer.provide(settings))
    return Context.get(yield* Layer.build(connector), Connector)
  })

  for (const [env, millis] of [
    [{}, 120_000],
    [{ FOOLSCAP_DIAL_DEADLINE: "1500 millis" }, 1500]
  ] as const) {
    it.effect(`is ${millis} ms where the configuration is ${JSON.stringify(env)}`, () =>
      Effect.gen(function* () {
        const { dial } = yield* configured(env)
        const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:blackhole:1"))))
        yield* TestClock.adjust(millis - 1)
        assert.isUndefined(failing.pollUnsafe())
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(reasons((yield* Fiber.join(failing)).attempts), [["tcp:blackhole:1", "GaveUp", millis]])
      })
    )
  }

  it.effect("stays what the application sets where the configuration does not say", () =>
    Effect.gen(function* () {
      const { dial } = yield* configured({}).pipe(Effect.provideService(DialDeadline, Duration.seconds(10)))
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:blackhole:1"))))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(reasons((yield* Fiber.join(failing)).attempts), [["tcp:blackhole:1", "GaveUp", 10_000]])
    })
  )

  for (const value of ["soon", "0 seconds", "-1 minute", "Infinity"]) {
    it.effect(`cannot be "${value}", says an error that names the key`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(configured({ FOOLSCAP_DIAL_DEADLINE: value }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, "FOOLSCAP_DIAL_DEADLINE")
      })
    )
  }

  it.effect("takes back a link that comes about when nobody waits for it any more", () =>
    Effect.gen(function* () {
      const [there, elsewhere] = [yield* port, yield* port]
      yield* host(high, there)
      const net = network({ "tcp:there:1": there.place, "tcp:late:1": elsewhere.place })
      const context = yield* tub(low, net)
      const { connection } = yield* Context.get(context, Connector).dial(target(high, "tcp:there:1"))

      // A negotiation that has come too far to be interrupted.
      const closed = yield* Deferred.make<void>()
      const late = NegotiationService.of({
        lastConnection: () => Effect.succeed("none 0"),
        accept: () => Effect.never,
        dial: () =>
          Effect.acquireRelease(Effect.as(Effect.sleep("121 seconds"), connection), () =>
            Deferred.succeed(closed, undefined)
          )
      })
      const { dial } = yield* Effect.provide(
        Connector,
        Connector.layer.pipe(
          Layer.provide([
            net.layer,
            Layer.succeed(NegotiationService)(late),
            Layer.succeed(Tub)(Context.get(context, Tub)),
            Links.layer
          ])
        )
      )
      const dialling = yield* Effect.forkChild(dial(target(high, "tcp:late:1")))
      yield* TestClock.adjust("120 seconds")
      assert.deepStrictEqual(net.open, ["tcp:there:1", "tcp:late:1"])
      const giving = yield* Effect.forkChild(Fiber.interrupt(dialling))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(giving)
      assert.isTrue(Deferred.isDoneUnsafe(closed))
      assert.deepStrictEqual(net.open, ["tcp:there:1"])
    })
  )
})

/** The client's end towards a server that never finishes its side. */
const neverCloses = (transport: PlainTransport): PlainTransport => ({
  ...transport,
  close: Effect.never,
  startTls: (options) => Effect.map(transport.startTls(options), (secure) => ({ ...secure, close: Effect.never }))
})
