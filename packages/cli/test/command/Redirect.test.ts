import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { high, low } from "../Fixtures.ts"
import { tub } from "../Invoked.ts"
import { furlOf, nobodyAt, strangerAt, tubAt } from "../Loopback.ts"
import { loopback, serving } from "../Serving.ts"

const dial = (hint: string, ...options: ReadonlyArray<string>) =>
  tub("dial", furlOf(high.tubId, hint), "--json", ...options)

/** Something that answers whoever connects next with a redirect to `location`. */
const redirecting = ({ arrivals }: { readonly arrivals: Queue.Dequeue<PlainTransport> }, location: string) =>
  Effect.flatMap(Queue.take(arrivals), ({ write }) =>
    Effect.orDie(write(Buffer.from(`HTTP/1.1 303 See Other\r\nLocation: ${location}\r\n\r\n`)))
  )

describe("tub serve --redirect", () => {
  it.effect("sends tub dial on to where the Tub is, and both tell of it", () =>
    Effect.gen(function* () {
      const hint = yield* tubAt(yield* high.identity)
      const nobody = yield* nobodyAt
      const redirector = yield* serving(low, ...loopback, "--redirect", `${high.tubId}=${nobody},${hint}`)
      const said = yield* dial(redirector.hint)
      assert.strictEqual(said.code, 0)
      const redirected = { event: "redirected", tubId: high.tubId, locations: [nobody, hint] }
      const [first, second, ...more] = said.events
      assert.deepStrictEqual(first, redirected)
      assert.deepInclude(second, { event: "negotiated", peer: high.tubId, hint, redirects: 1 })
      assert.deepStrictEqual(more, [])
      const sent = yield* redirector.next
      assert.deepInclude(sent, redirected)
      assert.match(String("from" in sent && sent.from), /^127\.0\.0\.1:\d+$/)
      assert.strictEqual(said.err[0], `${redirector.hint}: the server says that ${high.tubId} is at ${nobody}, ${hint}`)
    })
  )

  it.effect("redirects several Tubs, and is itself all the same", () =>
    Effect.gen(function* () {
      const third = "a".repeat(32)
      const hint = yield* tubAt(yield* high.identity)
      const redirects = ["--redirect", `${third}=tor:x.onion:1`, "--redirect", `${high.tubId}=${hint}`]
      const redirector = yield* serving(low, ...loopback, ...redirects)
      assert.strictEqual((yield* dial(redirector.hint)).code, 0)
      const itself = yield* tub("dial", furlOf(low.tubId, redirector.hint), "--json")
      assert.deepInclude(itself.events[0], { event: "negotiated", peer: low.tubId, redirects: 0 })
    })
  )

  it.effect("is followed over one redirector after another", () =>
    Effect.gen(function* () {
      const hint = yield* tubAt(yield* high.identity)
      const last = yield* serving(low, ...loopback, "--redirect", `${high.tubId}=${hint}`)
      const first = yield* serving(low, ...loopback, "--redirect", `${high.tubId}=${last.hint}`)
      const said = yield* tub("dial", furlOf(high.tubId, first.hint))
      assert.strictEqual(said.code, 0)
      assert.deepStrictEqual(said.out.slice(0, 2), [
        `${first.hint}: the server says that ${high.tubId} is at ${last.hint}`,
        `${first.hint} -> ${last.hint}: the server says that ${high.tubId} is at ${hint}`
      ])
      assert.include(said.out[2], `linked with ${high.tubId} at ${hint}`)
    })
  )
})

describe("tub dial, redirected", () => {
  it.effect("exits with 3 where nobody listens behind the redirect, and says by which way it came there", () =>
    Effect.gen(function* () {
      const nobody = yield* nobodyAt
      const { hint } = yield* serving(low, ...loopback, "--redirect", `${high.tubId}=${nobody}`)
      const said = yield* dial(hint)
      assert.strictEqual(said.code, 3)
      const [redirected, failed, ...more] = said.events
      assert.deepInclude(redirected, { event: "redirected", locations: [nobody] })
      assert.deepInclude(failed, { event: "failed", phase: "Connect", reason: "Unreachable", hint: nobody })
      assert.deepStrictEqual(more, [])
      assert.include(said.err.join("\n"), `${hint} -> ${nobody}: cannot reach ${nobody}`)
    })
  )

  it.effect("exits with 8 where the redirects go in a circle", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* strangerAt(), yield* strangerAt()]
      const dialling = yield* Effect.forkChild(dial(first.hint))
      yield* redirecting(first, second.hint)
      yield* redirecting(second, `pb://${high.tubId}@${first.hint}/`)
      const said = yield* Fiber.join(dialling)
      assert.strictEqual(said.code, 8)
      const [redirected, failed, ...more] = said.events
      assert.deepInclude(redirected, { event: "redirected", locations: [second.hint] })
      assert.deepInclude(failed, { event: "failed", phase: "Plaintext", reason: "RedirectLoop", hint: second.hint })
      assert.deepStrictEqual(more, [])
      assert.include(said.err.join("\n"), `${first.hint} -> ${second.hint}: the server sends us to ${first.hint}`)
    })
  )

  it.effect("exits with 8 where there are too many redirects in a row", () =>
    Effect.gen(function* () {
      const there = yield* tubAt(yield* high.identity)
      const servers = yield* Effect.forEach(Array.from({ length: 6 }), () => strangerAt())
      const hints = [...servers.map(({ hint }) => hint), there]
      const dialling = yield* Effect.forkChild(dial(hints[0] ?? ""))
      yield* Effect.forEach(servers, (server, at) => redirecting(server, hints[at + 1] ?? ""))
      const said = yield* Fiber.join(dialling)
      assert.strictEqual(said.code, 8)
      assert.deepStrictEqual(
        said.events.map(({ event, reason }) => reason ?? event),
        [...Array.from({ length: 5 }, () => "redirected"), "TooManyRedirects"]
      )
    })
  )

  it.effect("exits with 8 where a redirect names more places than it tries, none of them the Tub", () =>
    Effect.gen(function* () {
      const server = yield* strangerAt()
      const dialling = yield* Effect.forkChild(dial(server.hint))
      const many = Array.from({ length: 30 }, (_, at) => `tor:h${at}.onion:1`)
      yield* redirecting(server, `pb://${high.tubId}@${many.join(",")}/`)
      const said = yield* Fiber.join(dialling)
      assert.strictEqual(said.code, 8)
      assert.deepInclude(said.events[0], { event: "redirected", locations: many.slice(0, 20) })
      assert.strictEqual(said.events.filter(({ reason }) => reason === "UnknownHint").length, 20)
      assert.strictEqual(said.events.filter(({ reason }) => reason === "TooManyLocations").length, 1)
    })
  )

  it.effect("exits with 8 where it is sent to another Tub than it asked for", () =>
    Effect.gen(function* () {
      const server = yield* strangerAt()
      const dialling = yield* Effect.forkChild(dial(server.hint))
      yield* redirecting(server, `pb://${low.tubId}@tcp:127.0.0.1:4711/`)
      const said = yield* Fiber.join(dialling)
      assert.strictEqual(said.code, 8)
      assert.deepInclude(said.events[0], { event: "failed", phase: "Plaintext", reason: "RedirectedElsewhere" })
    })
  )
})
