import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { LocalTubs } from "../../src/LocalTubs.ts"
import * as MemoryTransport from "../../src/testing/MemoryTransport.ts"
import { clientHello, converse, decision, get, hello, singly, switching, underTls } from "../Peer.ts"
import { high, low, side, stranger } from "../Sides.ts"

const upgrade = "\r\nUpgrade: TLS/1.0\r\n\r\n"
const tubs = LocalTubs.layer({
  here: [high],
  elsewhere: new Map([
    [stranger.tubId, [LocationHint.tcp("192.0.2.7", 4711), LocationHint.tcp("2001:db8::7", 4711)] as const]
  ])
})

const good = underTls("server", high, low.credentials, clientHello(low))

describe("The PLAINTEXT phase of a server", () => {
  it.effect("answers a GET for one of its Tubs with exactly the 101 (N8)", () =>
    Effect.gen(function* () {
      const { heard, outcome } = yield* converse(yield* side(high), "server", good)
      assert.strictEqual(heard.clear, switching)
      assert.strictEqual(heard.secret, hello(high) + decision())
      assert.strictEqual(outcome, "connected as Master")
    })
  )

  for (const [clear, outcome, first] of [
    [
      "\u0016\u0003\u0001",
      "Plaintext MalformedRequest",
      "400 Bad Request: not a request for a Tub: it begins with a TLS"
    ],
    ["SSH-2.0-x\n", "Plaintext MalformedRequest", "400 Bad Request: not a request for a Tub: a line ends without CR"],
    ["GET / HTTP/1.1\r\nx: \u0000", "Plaintext MalformedRequest", "400 Bad Request: not a request for a Tub: it holds"],
    [
      "EHLO example.org\r\n\r\n",
      "Plaintext MalformedRequest",
      "400 Bad Request: not a request for a Tub: its first line"
    ],
    [
      `GET /id/x HTTP/1.1\r\nx: \u00ff${upgrade}`,
      "Plaintext MalformedRequest",
      "400 Bad Request: not a request for a Tub: it is not UTF-8"
    ],
    ["x".repeat(4097), "Plaintext HeaderTooLong", "431 Request Header Fields Too Large: the peer sent more than 4096"],
    [`\u0000${"x".repeat(4097)}`, "Plaintext MalformedRequest", "400 Bad Request: not a request"],
    [
      `POST /id/${high.tubId} HTTP/1.1${upgrade}`,
      "Plaintext MethodNotAllowed",
      "405 Method Not Allowed: a Tub is asked for"
    ],
    ["GET / HTTP/1.1\r\n\r\n", "Plaintext NotATubPath", "404 Not Found\r\n"],
    ["GET /id/ HTTP/1.1\r\n\r\n", "Plaintext UnencryptedTub", "404 Not Found: secure Tubs require encryption\r\n"],
    [`GET /id/${high.tubId} HTTP/1.1\r\n\r\n`, "Plaintext UpgradeMissing", "426 Upgrade Required: the request lacks"],
    [get(low.tubId), "Plaintext UnknownTubId", `404 Not Found: unknown TubID ${low.tubId}\r\n`],
    [get(`${high.tubId}/`), "Plaintext UnknownTubId", `404 Not Found: unknown TubID ${high.tubId}/\r\n`],
    [
      get(high.tubId.toUpperCase()),
      "Plaintext UnknownTubId",
      `404 Not Found: unknown TubID ${high.tubId.toUpperCase()}\r\n`
    ],
    [get("a".repeat(3900)), "Plaintext UnknownTubId", `404 Not Found: unknown TubID ${"a".repeat(486)}\r\n`]
  ] as const) {
    it.effect(
      `answers ${JSON.stringify(clear.slice(0, 40))} with ${first.slice(0, 40).trim()}, and serves the next (N8)`,
      () =>
        Effect.gen(function* () {
          const service = yield* side(high, { tubs })
          const whole = yield* converse(service, "server", { clear })
          assert.strictEqual(whole.outcome, outcome)
          assert.strictEqual(whole.heard.clear.slice(0, `HTTP/1.1 ${first}`.length), `HTTP/1.1 ${first}`)
          assert.isBelow(whole.heard.clear.length, 4096)
          const pieces = yield* converse(service, "server", { clear }, { split: singly })
          assert.strictEqual(pieces.outcome, outcome, "however the request is cut")
          assert.strictEqual(pieces.heard.clear, whole.heard.clear)
          assert.strictEqual((yield* converse(service, "server", good)).outcome, "connected as Master")
        })
    )
  }

  it.effect("sends a client elsewhere with exactly the 303, and reports it as a Redirect (N11)", () =>
    Effect.gen(function* () {
      const service = yield* side(high, { tubs })
      const { exit, heard } = yield* converse(service, "server", { clear: get(stranger.tubId) })
      assert.strictEqual(
        heard.clear,
        "HTTP/1.1 303 See Other\r\n" +
          `Location: pb://${stranger.tubId}@tcp:192.0.2.7:4711,tcp:[2001:db8::7]:4711/\r\n` +
          "Content-Length: 0\r\n" +
          "Connection: close\r\n\r\n"
      )
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.deepInclude(error, { _tag: "Redirect", side: "server", tubId: stranger.tubId })
      assert.include(String(error), "the client was sent to tcp:192.0.2.7:4711, tcp:[2001:db8::7]:4711")
      assert.strictEqual((yield* converse(service, "server", good)).outcome, "connected as Master")
    })
  )

  it.effect("hands what follows the GET to TLS, which fails on plaintext, and says nothing more (N10)", () =>
    Effect.gen(function* () {
      const service = yield* side(high)
      for (const early of ["x", hello(low), "\r\n\r\n", get(high.tubId)]) {
        const { exit, heard, outcome } = yield* converse(service, "server", { clear: get(high.tubId) + early })
        assert.strictEqual(outcome, "Plaintext TransportFailed")
        assert.include(String(Exit.isFailure(exit) && Cause.squash(exit.cause)), "TLS failed")
        assert.strictEqual(heard.clear, switching)
        assert.strictEqual(heard.secret, "")
      }
      assert.strictEqual((yield* converse(service, "server", good)).outcome, "connected as Master")
    })
  )

  it.effect("tells a client of a defect of ours that there was one, and the caller which", () =>
    Effect.gen(function* () {
      const tubs = Layer.succeed(LocalTubs)({ find: () => Effect.die(new Error("the disk with our keys burns")) })
      const { exit, heard, outcome } = yield* converse(yield* side(high, { tubs }), "server", good)
      assert.strictEqual(outcome, "defect")
      assert.include(String(Exit.isFailure(exit) && Cause.squash(exit.cause)), "the disk with our keys burns")
      assert.match(heard.clear, /^HTTP\/1\.1 500 Internal Server Error: internal server error, see logs\r\n/)
      assert.notInclude(heard.clear, "disk")
    })
  )

  it.effect("serves a client that sends its GET byte by byte (N6)", () =>
    Effect.gen(function* () {
      const { outcome } = yield* converse(yield* side(high), "server", good, { split: singly })
      assert.strictEqual(outcome, "connected as Master")
    })
  )

  it.effect("destroys a connection that fails in TLS at once", () =>
    Effect.gen(function* () {
      const service = yield* side(high)
      const pair = yield* MemoryTransport.makePair()
      const accepting = yield* Effect.forkChild(Effect.exit(service.accept(pair.server)))
      yield* pair.client.write(Buffer.from(`${get(high.tubId)}x`))
      yield* pair.client.pull
      // The scope of `accept` is this test's own, so nothing but the service can have ended it.
      assert.strictEqual((yield* Effect.flip(pair.client.pull)).kind, "eof")
      assert.isTrue(Exit.isFailure(yield* Fiber.join(accepting)))
    })
  )
})
