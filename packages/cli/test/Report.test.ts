import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Socket from "effect/socket/Socket"
import { TestConsole } from "effect/testing"
import * as Report from "../src/Report.ts"
import { high, low } from "./Fixtures.ts"

const connection: NegotiatedConnection = {
  side: "client",
  role: "NonMaster",
  local: low.tubId,
  peer: high.tubId,
  name: undefined,
  remoteAddress: "127.0.0.1:4711",
  parameters: { version: 3, vocabulary: 1, applicationProtocol: "chat/2", choices: new Map() },
  incarnations: { local: "2222222222222222", remote: "6666666666666666" },
  seqnum: 7,
  timings: { plaintext: Duration.micros(1500n), encrypted: Duration.nanos(2_000_400n), deciding: Duration.millis(3) },
  socket: Socket.make({ reader: Effect.never, writer: Effect.never }),
  ended: Effect.never,
  hasEnded: Effect.succeed(false),
  end: () => Effect.void,
  close: Effect.void
}

/** The same link, seen from the other side. */
const accepted: NegotiatedConnection = { ...connection, side: "server", role: "Master", peer: low.tubId }

const closed = Report.closed(connection, LinkEnd.ClosedByPeer())

describe("Report.negotiated", () => {
  it("holds what scripts were promised, in milliseconds", () => {
    assert.deepStrictEqual(Report.negotiated(connection, { hint: "tcp:localhost:4711", redirects: 0 }), {
      event: "negotiated",
      side: "client",
      role: "NonMaster",
      peer: high.tubId,
      banana: 3,
      vocabulary: 1,
      applicationProtocol: "chat/2",
      seqnum: 7,
      hint: "tcp:localhost:4711",
      redirects: 0,
      durationMs: 6.5,
      phases: { plaintext: 1.5, encrypted: 2, deciding: 3 }
    })
  })

  it("leaves out an anonymous peer, which has a word for people only", () => {
    const anonymous = { ...accepted, peer: undefined }
    assert.notProperty(Report.negotiated(anonymous), "peer")
    assert.notProperty(Report.closed(anonymous, LinkEnd.ClosedByPeer()), "peer")
    assert.strictEqual(Report.named(anonymous), "anonymous from 127.0.0.1:4711")
  })

  it("says on the side that was dialled from where, and on the side that dials by how many redirects", () => {
    const server = Report.negotiated(accepted)
    assert.deepInclude(server, { side: "server", from: "127.0.0.1:4711" })
    assert.notProperty(server, "hint")
    assert.notProperty(server, "redirects")
    assert.deepInclude(Report.closed(accepted, LinkEnd.ClosedByPeer()), { from: "127.0.0.1:4711" })
    assert.strictEqual(Report.named(accepted), `${low.tubId} from 127.0.0.1:4711`)
    assert.notProperty(closed, "from")
    assert.strictEqual(Report.named(connection), high.tubId)
  })
})

describe("Report.teller", () => {
  it.effect("tells a person on standard output", () =>
    Effect.gen(function* () {
      yield* Report.teller(false)(closed, "the link ended")
      assert.deepStrictEqual(yield* TestConsole.logLines, ["the link ended"])
      assert.deepStrictEqual(yield* TestConsole.errorLines, [])
    })
  )

  it.effect("tells a script on standard output, in one line, and people elsewhere", () =>
    Effect.gen(function* () {
      yield* Report.teller(true)(closed, "the link ended")
      const lines = yield* TestConsole.logLines
      assert.deepStrictEqual(lines, [
        `{"event":"closed","peer":"${high.tubId}","reason":"ClosedByPeer","message":"the peer closed the connection"}`
      ])
      assert.deepStrictEqual(yield* TestConsole.errorLines, ["the link ended"])
    })
  )

  it.effect("spells out what a terminal would obey, for both", () =>
    Effect.gen(function* () {
      const hostile = "\u001b[31m\u009b\u202e\u2028x"
      yield* Report.teller(true)({ ...closed, message: hostile }, hostile)
      const [line = ""] = yield* TestConsole.logLines
      assert.match(String(line), /^[ -~]+$/)
      assert.strictEqual(JSON.parse(String(line)).message, hostile)
      assert.deepStrictEqual(yield* TestConsole.errorLines, ["?[31m???x"])
    })
  )
})
