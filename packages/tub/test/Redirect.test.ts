import * as LocalTub from "@effect-foolscap/negotiation/LocalTub"
import { LocalTubs, Whereabouts } from "@effect-foolscap/negotiation/LocalTubs"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import type { Connector } from "../src/Connector.ts"
import { Unreachable } from "../src/HintHandler.ts"
import { maxLocations } from "../src/Itinerary.ts"
import * as Listener from "../src/Listener.ts"
import { Tub } from "../src/Tub.ts"
import { dialler, heard, host, reasons, redirector, target } from "./Dialling.ts"
import { high, hints, identity, low, middle, type Place, port } from "./Network.ts"

/** Servers in a row: `tcp:0:1` redirects to `tcp:1:1` and so on, `length` times. */
const chain = (length: number) =>
  Effect.map(
    Effect.forEach(Array.from({ length }).keys(), (at) =>
      Effect.map(redirector(high, `tcp:${at + 1}:1`), (place) => [`tcp:${at}:1`, place] as const)
    ),
    (places): Record<string, Place> => Object.fromEntries(places)
  )

describe("A Connector that meets a redirect (N11)", () => {
  it.effect("goes on to where the Tub is, and says how many redirects led there", () =>
    Effect.gen(function* () {
      const there = yield* port
      const links = yield* host(high, there)
      const { dial, net } = yield* dialler({
        "tcp:old:1": yield* redirector(high, "tcp:new:1"),
        "tcp:new:1": there.place
      })
      const { connection, hint, redirects } = yield* dial(target(high, "tcp:old:1"))
      assert.strictEqual(connection.peer, high.tubId)
      assert.strictEqual(hint.text, "tcp:new:1")
      assert.strictEqual(redirects, 1)
      assert.strictEqual((yield* Queue.take(links)).peer, low.tubId)
      assert.deepStrictEqual(net.open, ["tcp:new:1"])
    })
  )

  it.effect("counts no redirects where a hint of the FURL wins", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial } = yield* dialler({ "tcp:old:1": yield* redirector(high, "tcp:gone:1"), "tcp:new:1": there.place })
      assert.strictEqual((yield* dial(target(high, "tcp:old:1", "tcp:new:1"))).redirects, 0)
    })
  )

  it.effect("says of each redirect as it follows it where it was met and where it goes", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial, net } = yield* dialler({ ...(yield* chain(2)), "tcp:2:1": there.place })
      const told: Array<unknown> = []
      const { redirects } = yield* dial(target(high, "tcp:0:1"), {
        redirected: (redirect, by) =>
          Effect.sync(() => {
            told.push([by.via, by.hint.text, redirect.hints.map(({ text }) => text), redirect.tubId])
            assert.strictEqual(net.tried.at(-1), by.hint.text)
          })
      })
      assert.deepStrictEqual(told, [
        [[], "tcp:0:1", ["tcp:1:1"], high.tubId],
        [["tcp:0:1"], "tcp:1:1", ["tcp:2:1"], high.tubId]
      ])
      assert.strictEqual(redirects, 2)
    })
  )

  it.effect("follows five in a row", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial } = yield* dialler({ ...(yield* chain(5)), "tcp:5:1": there.place })
      assert.strictEqual((yield* dial(target(high, "tcp:0:1"))).redirects, 5)
    })
  )

  it.effect("does not follow the sixth in a row, and shows the whole way", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial, net } = yield* dialler({ ...(yield* chain(6)), "tcp:6:1": there.place })
      const { attempts } = yield* Effect.flip(dial(target(high, "tcp:0:1")))
      assert.notInclude(net.tried, "tcp:6:1")
      assert.deepStrictEqual(reasons(attempts.slice(-2)), [
        ["tcp:0:1 -> tcp:1:1 -> tcp:2:1 -> tcp:3:1 -> tcp:4:1", "Redirect", 0],
        ["tcp:0:1 -> tcp:1:1 -> tcp:2:1 -> tcp:3:1 -> tcp:4:1 -> tcp:5:1", "TooManyRedirects", 0]
      ])
    })
  )

  it.effect("does not run in circles", () =>
    Effect.gen(function* () {
      const { dial, net } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:b:1"),
        "tcp:b:1": yield* redirector(high, "tcp:a:1"),
        "tcp:self:1": yield* redirector(high, "tcp:self:1")
      })
      const error = yield* Effect.flip(dial(target(high, "tcp:a:1", "tcp:self:1")))
      assert.deepStrictEqual(net.tried, ["tcp:a:1", "tcp:self:1", "tcp:b:1"])
      assert.sameDeepMembers(reasons(error.attempts), [
        ["tcp:a:1", "Redirect", 0],
        ["tcp:self:1", "RedirectLoop", 0],
        ["tcp:a:1 -> tcp:b:1", "RedirectLoop", 0]
      ])
      assert.include(
        error.message,
        "tcp:a:1 -> tcp:b:1: the server sends us to tcp:a:1, and so the redirects go in a circle"
      )
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("shows the redirect and what failed behind it, for hints of every kind", () =>
    Effect.gen(function* () {
      const web = yield* port
      const { dial } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:gone:1", "tor:x.onion:1", "tcp:web:1"),
        "tcp:web:1": web.place
      })
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:a:1"))))
      yield* Effect.orDie((yield* web.arrival).write(Buffer.from("HTTP/1.1 200 OK\r\n\r\n")))
      const error = yield* Fiber.join(failing)
      assert.deepStrictEqual(reasons(error.attempts), [
        ["tcp:a:1", "Redirect", 0],
        ["tcp:a:1 -> tcp:gone:1", "Unreachable", 0],
        ["tcp:a:1 -> tor:x.onion:1", "UnknownHint", 0],
        ["tcp:a:1 -> tcp:web:1", "NotATub", 0]
      ])
      assert.include(error.message, "tcp:a:1 -> tcp:gone:1: cannot reach tcp:gone:1: connection refused")
    })
  )

  it.effect("finds the Tub behind a redirect that also names hints of kinds that nobody here knows", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tor:x.onion:1", "tcp:gone:1", "tcp:there:1"),
        "tcp:there:1": there.place
      })
      assert.strictEqual((yield* dial(target(high, "tcp:a:1"))).hint.text, "tcp:there:1")
    })
  )

  it.effect("dials once where two redirects point at the same place at the same time", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const places = {
        "tcp:a:1": yield* redirector(high, "tcp:c:1"),
        "tcp:b:1": yield* redirector(high, "tcp:c:1")
      }
      const failing = yield* dialler(places)
      const { attempts } = yield* Effect.flip(failing.dial(target(high, "tcp:a:1", "tcp:b:1")))
      assert.deepStrictEqual(failing.net.tried, ["tcp:a:1", "tcp:b:1", "tcp:c:1"])
      assert.deepStrictEqual(reasons(attempts), [
        ["tcp:a:1", "Redirect", 0],
        ["tcp:a:1 -> tcp:c:1", "Unreachable", 0],
        ["tcp:b:1", "AlreadyDialled", 0]
      ])

      const { dial, net } = yield* dialler({ ...places, "tcp:c:1": there.place })
      assert.strictEqual((yield* dial(target(high, "tcp:a:1", "tcp:b:1"))).redirects, 1)
      assert.deepStrictEqual(net.tried, ["tcp:a:1", "tcp:b:1", "tcp:c:1"])
    })
  )

  it.effect("follows none that comes when another hint has won", () =>
    Effect.gen(function* () {
      const [slow, there] = [yield* port, yield* port]
      yield* host(high, there)
      const { dial, net } = yield* dialler({ "tcp:slow:1": slow.place, "tcp:there:1": there.place })
      const told: Array<unknown> = []
      const { hint } = yield* dial(target(high, "tcp:slow:1", "tcp:there:1"), {
        redirected: (redirect) => Effect.sync(() => told.push(redirect))
      })
      assert.strictEqual(hint.text, "tcp:there:1")
      const redirecting = yield* slow.arrival
      yield* Effect.ignore(redirecting.write(Buffer.from("HTTP/1.1 303 See Other\r\nLocation: tcp:more:1\r\n\r\n")))
      assert.strictEqual((yield* heard(redirecting)).end, "eof")
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(net.tried, ["tcp:slow:1", "tcp:there:1"])
      assert.deepStrictEqual(told, [])
      assert.deepStrictEqual(net.open, ["tcp:there:1"])
    })
  )

  it.effect("takes twenty of three hundred places, all at once, and says which it left out", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const many = Array.from({ length: 300 }, (_, at) => `tcp:h${at}:1`)
      const places: Record<string, Place> = { "tcp:a:1": yield* redirector(high, ...many) }

      const failing = yield* dialler(places)
      const { attempts } = yield* Effect.flip(failing.dial(target(high, "tcp:a:1")))
      assert.deepStrictEqual(failing.net.tried, ["tcp:a:1", ...many.slice(0, maxLocations)])
      const followed = attempts[0]?.error
      assert.instanceOf(followed, Redirect)
      assert.deepStrictEqual(
        followed.hints.map(({ text }) => text),
        many.slice(0, maxLocations)
      )
      const left = attempts.find(({ error }) => error._tag === "TooManyLocations")
      assert.isDefined(left)
      assert.include(left.message, "left out: tcp:h20:1, tcp:h21:1, tcp:h22:1 and 277 more")

      // The last of them is the Tub, and the others never answer.
      for (const text of many) places[text] = Effect.never
      places["tcp:h19:1"] = there.place
      const { dial } = yield* dialler(places)
      assert.strictEqual((yield* dial(target(high, "tcp:a:1"))).hint.text, "tcp:h19:1")
    })
  )

  it.effect("finds the Tub behind one hint when the server at another has used up all of its places", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const many = Array.from({ length: 20 }, (_, at) => `tcp:h${at}:1`)
      const { dial } = yield* dialler({
        "tcp:evil:1": yield* redirector(high, ...many),
        "tcp:honest:1": Effect.delay(yield* redirector(high, "tcp:there:1"), "1 second"),
        "tcp:there:1": there.place,
        ...Object.fromEntries(many.map((text) => [text, Effect.never]))
      })
      const dialling = yield* Effect.forkChild(dial(target(high, "tcp:evil:1", "tcp:honest:1")))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(dialling)).hint.text, "tcp:there:1")
    })
  )

  /** Five redirects lead to a server that redirects to `tcp:there:1` after a second; another hint knows a short way. */
  const shortcut = Effect.fnUntraced(function* (there: Place, handlers?: Parameters<Connector["Service"]["dial"]>[1]) {
    const last = yield* port
    const { dial, net } = yield* dialler({
      ...(yield* chain(5)),
      "tcp:5:1": last.place,
      "tcp:honest:1": Effect.delay(yield* redirector(high, "tcp:5:1"), "5 seconds"),
      "tcp:there:1": there
    })
    const dialling = yield* Effect.forkChild(Effect.result(dial(target(high, "tcp:0:1", "tcp:honest:1"), handlers)))
    const server = yield* last.arrival
    yield* TestClock.adjust("1 second")
    yield* Effect.orDie(server.write(Buffer.from("HTTP/1.1 303 See Other\r\nLocation: tcp:there:1\r\n\r\n")))
    yield* heard(server)
    assert.notInclude(net.tried, "tcp:there:1")
    yield* TestClock.adjust("4 seconds")
    assert.strictEqual(net.tried.filter((text) => text === "tcp:5:1").length, 1)
    return yield* Fiber.join(dialling)
  })

  it.effect("finds the Tub by a short way when others have come by a long one, and too far, to a place on it", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const told: Array<unknown> = []
      const result = yield* shortcut(there.place, {
        redirected: (redirect, by) =>
          Effect.sync(() => told.push([[...by.via, by.hint.text], redirect.hints.map(({ text }) => text)]))
      })
      const { hint, redirects } = yield* Effect.fromResult(result)
      assert.strictEqual(hint.text, "tcp:there:1")
      assert.strictEqual(redirects, 2)
      assert.deepStrictEqual(told.at(-1), [["tcp:honest:1", "tcp:5:1"], ["tcp:there:1"]])
    })
  )

  it.effect("says how long each server took, also of a redirect that it follows only later", () =>
    Effect.gen(function* () {
      const nobody = Effect.fail(new Unreachable({ hint: "tcp:there:1", cause: new Error("connection refused") }))
      const { attempts } = yield* Effect.flip(Effect.fromResult(yield* shortcut(nobody)))
      assert.deepStrictEqual(reasons(attempts).slice(5), [
        ["tcp:0:1 -> tcp:1:1 -> tcp:2:1 -> tcp:3:1 -> tcp:4:1 -> tcp:5:1", "TooManyRedirects", 1000],
        ["tcp:honest:1 -> tcp:5:1", "Redirect", 1000],
        ["tcp:honest:1", "AlreadyDialled", 5000],
        ["tcp:honest:1 -> tcp:5:1 -> tcp:there:1", "Unreachable", 0]
      ])
    })
  )

  it.effect("dials once what is spelled in several ways", () =>
    Effect.gen(function* () {
      const { dial, net } = yield* dialler({ "tcp:a:1": yield* redirector(high, "a:1", "tcp:A:1", "tcp:a:01") })
      assert.deepStrictEqual(reasons((yield* Effect.flip(dial(target(high, "tcp:a:1", "tcp:A:01")))).attempts), [
        ["tcp:a:1", "RedirectLoop", 0]
      ])
      assert.deepStrictEqual(net.tried, ["tcp:a:1"])
    })
  )

  it.effect("ends with a defect of what hears of redirects, and leaves nothing open", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const { dial, net } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:b:1"),
        "tcp:silent:1": silent.place
      })
      const oops = new Error("oops")
      const exit = yield* Effect.exit(
        dial(target(high, "tcp:a:1", "tcp:silent:1"), { redirected: () => Effect.die(oops) })
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.squash(exit.cause) === oops)
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("leaves nothing open when it is interrupted behind a redirect", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const { dial, net } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:silent:1", "tcp:blackhole:1"),
        "tcp:silent:1": silent.place,
        "tcp:blackhole:1": Effect.never
      })
      const dialling = yield* Effect.forkChild(dial(target(high, "tcp:a:1")))
      const server = yield* silent.arrival
      assert.deepStrictEqual(net.open, ["tcp:silent:1"])
      yield* Fiber.interrupt(dialling)
      assert.deepStrictEqual(net.open, [])
      assert.strictEqual((yield* heard(server)).end, "eof")
    })
  )
})

describe("A redirect", () => {
  /** A Tub that says of itself, and proves, that it is `middle`, whomever it is asked for. */
  const wrongTub = Effect.gen(function* () {
    const there = yield* port
    const tub = yield* LocalTub.make(middle)
    const anybody = Layer.succeed(LocalTubs)({ find: () => Effect.succeed(Whereabouts.Here({ tub })) })
    yield* Listener.serve(there.endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
      Effect.provide(Layer.provide(Tub.layerNegotiation, anybody)),
      Effect.forkScoped
    )
    return there.place
  })

  it.effect("changes nothing about who has to be there in the end (N16)", () =>
    Effect.gen(function* () {
      const impostor = yield* port
      yield* host(identity(high.tubId, middle.tubId), impostor)
      const { dial, net } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:impostor:1", "tcp:wrong:1"),
        "tcp:impostor:1": impostor.place,
        "tcp:wrong:1": yield* wrongTub
      })
      const { attempts } = yield* Effect.flip(dial(target(high, "tcp:a:1")))
      assert.sameDeepMembers(reasons(attempts), [
        ["tcp:a:1", "Redirect", 0],
        ["tcp:a:1 -> tcp:impostor:1", "TubIdMismatch", 0],
        ["tcp:a:1 -> tcp:wrong:1", "WrongTub", 0]
      ])
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("cannot lead to another Tub, on whichever hop it tries", () =>
    Effect.gen(function* () {
      const [second, other] = [yield* port, yield* port]
      yield* host(middle, other)
      const { dial, net } = yield* dialler({
        "tcp:a:1": yield* redirector(high, "tcp:b:1"),
        "tcp:b:1": second.place,
        "tcp:other:1": other.place
      })
      const failing = yield* Effect.forkChild(Effect.flip(dial(target(high, "tcp:a:1"))))
      const location = `Location: pb://${middle.tubId}@tcp:other:1/`
      yield* Effect.orDie((yield* second.arrival).write(Buffer.from(`HTTP/1.1 303 See Other\r\n${location}\r\n\r\n`)))
      assert.deepStrictEqual(reasons((yield* Fiber.join(failing)).attempts), [
        ["tcp:a:1", "Redirect", 0],
        ["tcp:a:1 -> tcp:b:1", "RedirectedElsewhere", 0]
      ])
      assert.notInclude(net.tried, "tcp:other:1")
    })
  )

  it.effect("is never the answer to whoever asks for the Tub itself", () =>
    Effect.gen(function* () {
      const there = yield* port
      const [elsewhere] = hints("tcp:elsewhere:1")
      assert.isDefined(elsewhere)
      yield* Listener.serve(there.endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
        Effect.provide(Tub.layer(high, { elsewhere: new Map([[high.tubId, [elsewhere]]]) })),
        Effect.forkScoped
      )
      const { dial } = yield* dialler({ "tcp:there:1": there.place })
      assert.strictEqual((yield* dial(target(high, "tcp:there:1"))).redirects, 0)
    })
  )
})
