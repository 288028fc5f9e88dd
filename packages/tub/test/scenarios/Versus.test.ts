import { Deadline } from "@effect-foolscap/negotiation/NegotiationService"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import { DialDeadline } from "../../src/Connector.ts"
import { heard } from "../Dialling.ts"
import { high, low, port } from "../Network.ts"
import { briefly, reasonsOf, start } from "./Process.ts"

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe("A Tub", () => {
  // Foolscap: Versus.testVersusHTTPServerAuthenticated
  it.effect("takes a web server for none, and says no more to it than its GET", () =>
    Effect.gen(function* () {
      const web = yield* port
      const { dial } = yield* start(low, { "tcp:web:80": web.place })
      const failing = yield* Effect.forkChild(Effect.flip(dial(high)))
      const server = yield* web.arrival
      yield* server.write(bytesOf("HTTP/1.1 404 Not Found\r\nServer: some web server\r\n\r\n<html></html>"))
      const error = yield* Fiber.join(failing)
      assert.deepStrictEqual(reasonsOf(error), ["Plaintext NotATub"])
      assert.include(error.message, "404 Not Found")
      assert.match((yield* heard(server)).text, /^GET \/id\/\S+ HTTP\/1\.1\r\n(?:\S+: .+\r\n)+\r\n$/)
    })
  )

  // Foolscap: Versus.testVersusHTTPClientAuthenticated
  it.effect("answers a web browser in HTTP, hangs up, and serves the next client", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { failures, links } = yield* (yield* start(high)).listen(there)
      const browser = yield* there.place
      yield* browser.write(bytesOf("GET /foo HTTP/1.1\r\nHost: example.org\r\n\r\n"))
      // Foolscap answers 500. Ours is what a browser understands (N8 row 5).
      assert.match((yield* heard(browser)).text, /^HTTP\/1\.1 404 Not Found\r\n[^]*not for browsers[^]*<\/html>\n$/)
      assert.strictEqual(briefly(yield* Queue.take(failures)), "Plaintext NotATubPath")
      yield* (yield* start(low, { "tcp:there:1": there.place })).dial(high)
      assert.strictEqual((yield* Queue.take(links)).peer, low.tubId)
    })
  )

  // Foolscap: Versus.testNoConnection
  it.effect("cannot be reached once it has stopped, which the dialler is told at once", () =>
    Effect.gen(function* () {
      const there = yield* port
      const places = { "tcp:there:1": there.place }
      const { stop } = yield* (yield* start(high)).listen(there)
      const { dial } = yield* start(low, places)
      yield* Effect.scoped(dial(high))
      yield* stop
      Reflect.deleteProperty(places, "tcp:there:1")
      const [took, error] = yield* Effect.timed(Effect.flip(dial(high, "tcp:there:1")))
      assert.deepStrictEqual(reasonsOf(error), ["Unreachable"])
      assert.strictEqual(Duration.toMillis(took), 0)
    })
  )

  // Foolscap: Versus.testClientTimeout
  it.effect("waits no longer than it was told to for a server that says nothing", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const { dial } = yield* start(low, { "tcp:silent:1": silent.place }).pipe(
        Effect.provideService(DialDeadline, Duration.seconds(1))
      )
      const failing = yield* Effect.forkChild(Effect.flip(dial(high)))
      yield* TestClock.adjust("999 millis")
      assert.isUndefined(failing.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(reasonsOf(yield* Fiber.join(failing)), ["Plaintext DeadlineExceeded"])
    })
  )

  // Foolscap: Versus.testServerTimeout
  it.effect("waits no longer than it was told to for a client that says nothing, and tells it so", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { failures } = yield* (yield* start(high).pipe(
        Effect.provideService(Deadline, Duration.seconds(1))
      )).listen(there)
      const client = yield* there.place
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* Queue.size(failures), 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Queue.take(failures)).message, "Plaintext: not negotiated within 1s")
      // Foolscap closes without a word (N27).
      assert.match((yield* heard(client)).text, /^HTTP\/1\.1 408 Request Timeout: not negotiated within 1s\r\n/)
    })
  )
})
