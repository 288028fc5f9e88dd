import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { high, low } from "./Fixtures.ts"
import { eventOf } from "./Invoked.ts"
import { start } from "./Process.ts"

const loopback = ["--listen", "tcp:0:interface=127.0.0.1"]

describe("the tub process", { concurrent: true, timeout: 20_000 }, () => {
  it.live("serves, dials, holds the link, and closes all of it in good order on SIGTERM", () =>
    Effect.gen(function* () {
      const server = yield* start("serve", "--identity", high.file, ...loopback, "--json")
      const { furl } = eventOf(yield* server.next)
      const client = yield* start("dial", String(furl), "--identity", low.file, "--hold", "1m", "--json")
      const dialled = eventOf(yield* client.next)
      const accepted = eventOf(yield* server.next)

      // The same on both sides, or its mirror image.
      for (const key of ["banana", "vocabulary", "seqnum", "applicationProtocol"]) {
        assert.strictEqual(dialled[key], accepted[key])
      }
      assert.deepInclude(dialled, { event: "negotiated", side: "client", role: "NonMaster", peer: high.tubId })
      assert.deepInclude(accepted, { event: "negotiated", side: "server", role: "Master", peer: low.tubId })
      assert.match(String(accepted["from"]), /^127\.0\.0\.1:\d+$/)

      yield* server.signal("SIGTERM")
      assert.deepStrictEqual(eventOf(yield* client.next), {
        event: "closed",
        peer: high.tubId,
        reason: "ClosedByPeer",
        message: "the peer closed the connection"
      })
      assert.deepStrictEqual(yield* Effect.all([server.ended, client.ended]), [0, 0])
      assert.deepStrictEqual(eventOf(yield* server.next), {
        event: "closed",
        peer: low.tubId,
        from: accepted["from"],
        reason: "Closed",
        message: "closed on this side"
      })

      // Nothing but events for scripts, and a sentence for people with each of them.
      for (const { err, out } of [server, client]) {
        for (const line of out) eventOf(line)
        assert.match(err.join("\n"), /linked with[^]*link with/)
      }
    })
  )

  it.live("ends with 0 on SIGINT where it serves, and with 130 where it would have gone on", () =>
    Effect.gen(function* () {
      const server = yield* start("serve", "--identity", high.file, ...loopback)
      assert.match(yield* server.next, /^listening on 127\.0\.0\.1:\d+$/)
      assert.strictEqual(yield* server.next, "connect with:")
      const [, furl = ""] = /^ {2}tub dial '(.*)'$/.exec(yield* server.next) ?? []
      const client = yield* start("dial", furl, "--identity", low.file, "--hold", "1m")
      assert.match(yield* client.next, /^linked with p34dey/)
      const [, who = ""] = /^linked with (bkwv3v.* from 127\.0\.0\.1:\d+), /.exec(yield* server.next) ?? []

      yield* client.signal("SIGINT")
      assert.strictEqual(yield* client.ended, 130)
      assert.strictEqual(yield* server.next, `link with ${who} ended: the peer closed the connection`)
      yield* server.signal("SIGINT")
      assert.strictEqual(yield* server.ended, 0)
      assert.deepStrictEqual([...server.err, ...client.err], [])
    })
  )

  it.live("finds a Tub that has moved, by way of one that knows where to", () =>
    Effect.gen(function* () {
      const there = yield* start("serve", "--identity", high.file, ...loopback, "--json")
      const [, hint = ""] = /@(.*)\/tub$/.exec(String(eventOf(yield* there.next)["furl"])) ?? []
      const redirect = ["--redirect", `${high.tubId}=${hint}`]
      const redirector = yield* start("serve", "--identity", low.file, ...loopback, ...redirect, "--json")
      const [, old = ""] = /@(.*)\/tub$/.exec(String(eventOf(yield* redirector.next)["furl"])) ?? []

      const client = yield* start("dial", `pb://${high.tubId}@${old}/tub`, "--json")
      assert.strictEqual(yield* client.ended, 0)
      const redirected = { event: "redirected", tubId: high.tubId, locations: [hint] }
      assert.deepStrictEqual(eventOf(yield* client.next), redirected)
      assert.deepInclude(eventOf(yield* client.next), { event: "negotiated", peer: high.tubId, hint, redirects: 1 })
      assert.deepInclude(eventOf(yield* redirector.next), redirected)
      assert.deepInclude(eventOf(yield* there.next), { event: "negotiated", side: "server", seqnum: 1 })
    })
  )

  it.live("exits with 2 for bad usage, and prints nothing for scripts", () =>
    Effect.gen(function* () {
      const tub = yield* start("serve", "--json")
      assert.strictEqual(yield* tub.ended, 2)
      assert.deepStrictEqual(tub.out, [])
      assert.include(tub.err[0], "Missing required flag")
    })
  )

  it.live("takes it calmly when nobody reads on", () =>
    Effect.gen(function* () {
      const tub = yield* start("demo")
      yield* tub.next
      yield* tub.stopReading
      assert.strictEqual(yield* tub.ended, 0)
      assert.deepStrictEqual(tub.err, [])
    })
  )
})
