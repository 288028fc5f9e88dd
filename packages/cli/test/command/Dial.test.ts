import { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import { createServer, type Server } from "node:http"
import { high, low } from "../Fixtures.ts"
import { type Said, tub } from "../Invoked.ts"
import { furlOf, nobodyAt, secret, strangerAt, tubAt } from "../Loopback.ts"

const dial = (furl: string, ...options: ReadonlyArray<string>) => tub("dial", furl, "--json", ...options)

/** A plain web server. */
const webServerAt = Effect.map(
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer((_request, response) => response.writeHead(404).end("no such page"))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ),
  (server) => {
    const address = server.address()
    return typeof address === "object" ? `tcp:127.0.0.1:${address?.port}` : ""
  }
)

/** Everything it said, for whomever. */
const everything = ({ err, out }: Said) => [...out, ...err].join("\n")

describe("tub dial", () => {
  it.effect("exits with 0 and tells what was negotiated", () =>
    Effect.gen(function* () {
      const hint = yield* tubAt(yield* high.identity)
      const said = yield* dial(furlOf(high.tubId, hint), "--identity", low.file)
      assert.strictEqual(said.code, 0)
      const [negotiated] = said.events
      assert.strictEqual(said.events.length, 1)
      assert.deepInclude(negotiated, {
        event: "negotiated",
        side: "client",
        role: "NonMaster",
        peer: high.tubId,
        banana: 3,
        vocabulary: 1,
        applicationProtocol: "banana",
        seqnum: 1,
        hint,
        redirects: 0
      })
      assert.include(said.err.join("\n"), `linked with ${high.tubId} at ${hint}`)
    })
  )

  it.effect("is somebody new without an identity, and tells people without --json", () =>
    Effect.gen(function* () {
      const peers: Array<string> = []
      const hint = yield* tubAt(yield* high.identity, ({ peer }) => Effect.sync(() => peers.push(String(peer))))
      for (const round of [1, 2]) {
        const said = yield* tub("dial", furlOf(high.tubId, hint))
        assert.strictEqual(said.code, 0)
        assert.include(said.out.join("\n"), "Banana 3, vocabulary 1, connection number 1")
        assert.deepStrictEqual(said.err, [])
        assert.strictEqual(new Set(peers).size, round)
      }
    })
  )

  it.effect("keeps the link for --hold, and says so when the peer goes before", () =>
    Effect.gen(function* () {
      const hint = yield* tubAt(yield* high.identity, () => Effect.void)
      const said = yield* dial(furlOf(high.tubId, hint), "--identity", low.file, "--hold", "1h")
      assert.strictEqual(said.code, 0)
      assert.deepStrictEqual(said.events.slice(1), [
        { event: "closed", peer: high.tubId, reason: "ClosedByPeer", message: "the peer closed the connection" }
      ])
    })
  )

  it.effect("closes the link when --hold is over", () =>
    Effect.gen(function* () {
      const links = yield* Queue.unbounded<unknown>()
      const hint = yield* tubAt(yield* high.identity, ({ peer }) =>
        Effect.andThen(Queue.offer(links, peer), Effect.never)
      )
      const dialling = yield* Effect.forkChild(dial(furlOf(high.tubId, hint), "--identity", low.file, "--hold", "1h"))
      yield* Queue.take(links)
      yield* TestClock.adjust("1 hour")
      const said = yield* Fiber.join(dialling)
      assert.strictEqual(said.code, 0)
      assert.deepStrictEqual(said.events.slice(1), [
        { event: "closed", peer: high.tubId, reason: "Closed", message: "closed on this side" }
      ])
    })
  )

  it.effect("exits with 3 where nobody listens, and says so of each hint", () =>
    Effect.gen(function* () {
      const hint = yield* nobodyAt
      const said = yield* dial(furlOf(high.tubId, hint, "tor:example.onion:80"), "--identity", low.file)
      assert.strictEqual(said.code, 3)
      assert.sameDeepMembers(
        said.events.map(({ event, hint, phase, reason, side }) => ({ event, hint, phase, reason, side })),
        [
          { event: "failed", side: "client", phase: "Connect", reason: "Unreachable", hint },
          { event: "failed", side: "client", phase: "Connect", reason: "UnknownHint", hint: "tor:example.onion:80" }
        ]
      )
      assert.include(said.err.join("\n"), "ECONNREFUSED")
    })
  )

  it.effect("exits with 4 where a web server answers", () =>
    Effect.gen(function* () {
      const hint = yield* webServerAt
      const said = yield* dial(furlOf(high.tubId, hint), "--identity", low.file)
      assert.strictEqual(said.code, 4)
      assert.deepInclude(said.events[0], { event: "failed", phase: "Plaintext", reason: "NotATub", hint })
    })
  )

  it.effect("exits with 5 where the Tub is not known", () =>
    Effect.gen(function* () {
      const hint = yield* tubAt(yield* high.identity)
      const said = yield* dial(furlOf(low.tubId, hint), "--identity", low.file)
      assert.strictEqual(said.code, 5)
      assert.deepInclude(said.events[0], { event: "failed", phase: "Plaintext", reason: "PeerRefused", hint })
      assert.include(said.err.join("\n"), `unknown TubID ${low.tubId}`)
    })
  )

  it.effect("exits with 6 where another Tub answers with the name of the one that was asked for", () =>
    Effect.gen(function* () {
      const { certificate, privateKey } = yield* low.identity
      const hint = yield* tubAt(new TubIdentity({ tubId: high.tubId, certificate, privateKey }))
      const said = yield* dial(furlOf(high.tubId, hint))
      assert.strictEqual(said.code, 6)
      assert.deepInclude(said.events[0], { event: "failed", phase: "Encrypted", reason: "TubIdMismatch", hint })
    })
  )

  it.effect("exits with 7 where nobody says anything within --timeout", () =>
    Effect.gen(function* () {
      const { arrivals, hint } = yield* strangerAt()
      const dialling = yield* Effect.forkChild(
        dial(furlOf(high.tubId, hint), "--identity", low.file, "--timeout", "300ms")
      )
      yield* Queue.take(arrivals)
      yield* TestClock.adjust("299 millis")
      assert.isUndefined(dialling.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const said = yield* Fiber.join(dialling)
      assert.strictEqual(said.code, 7)
      assert.deepInclude(said.events[0], { event: "failed", phase: "Plaintext", reason: "DeadlineExceeded", hint })
    })
  )

  it.effect("may be given longer than a negotiation takes by default", () =>
    Effect.gen(function* () {
      const { arrivals, hint } = yield* strangerAt()
      const dialling = yield* Effect.forkChild(
        dial(furlOf(high.tubId, hint), "--identity", low.file, "--timeout", "10m")
      )
      yield* Queue.take(arrivals)
      yield* TestClock.adjust("599 seconds")
      assert.isUndefined(dialling.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(dialling)).code, 7)
    })
  )

  for (const [what, furl, options, complaint] of [
    ["text that is no FURL", "nonsense", [], "a FURL begins with pb://"],
    ["a short TubId", `pb://abc@tcp:localhost:1/${secret}`, [], "a TubId is 32 characters"],
    ["a FURL without hints", furlOf(high.tubId), [], "no location hints"],
    ["a time that is none", furlOf(high.tubId, "tcp:localhost:1"), ["--timeout", "soon"], "500ms, 10s or 2m"],
    ["no time at all", furlOf(high.tubId, "tcp:localhost:1"), ["--timeout", "0s"], "expected a time above zero"],
    [
      "a FURL where a time belongs",
      furlOf(high.tubId, "x"),
      ["--hold", furlOf(high.tubId, "x")],
      "bad value for --hold"
    ],
    ["an unknown option", furlOf(high.tubId, "tcp:localhost:1"), ["--fast"], "Unrecognized flag: --fast"],
    ["two FURLs", furlOf(high.tubId, "x"), [furlOf(low.tubId, "x")], "Unexpected positional argument"],
    ["an identity that is not there", furlOf(high.tubId, "x"), ["--identity", "/nowhere.pem"], "/nowhere.pem"]
  ] as const) {
    it.effect(`exits with 2 for ${what}, prints nothing for scripts, and keeps the FURL's name to itself`, () =>
      Effect.gen(function* () {
        const said = yield* dial(furl, ...options)
        assert.strictEqual(said.code, 2)
        assert.deepStrictEqual(said.out, [])
        assert.include(everything(said), complaint)
        assert.notInclude(everything(said), secret)
      })
    )
  }

  it.effect("keeps the FURL's name to itself whatever happens", () =>
    Effect.gen(function* () {
      const hints = [yield* nobodyAt, yield* webServerAt, yield* tubAt(yield* low.identity), "tor:x.onion:1"]
      const said = yield* dial(furlOf(high.tubId, ...hints), "--identity", low.file)
      assert.strictEqual(said.code, 5)
      assert.strictEqual(said.events.length, hints.length)
      assert.notInclude(everything(said), secret)
    })
  )
})
