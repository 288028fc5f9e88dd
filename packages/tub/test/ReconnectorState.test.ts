import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Attempt, ConnectError } from "../src/ConnectError.ts"
import { UnknownHint, Unreachable } from "../src/HintHandler.ts"
import { HintStatus } from "../src/HintStatus.ts"
import { describe as inWords, ReconnectorState } from "../src/ReconnectorState.ts"
import { dialler, host, target } from "./Dialling.ts"
import { high, port } from "./Network.ts"

const at = (time: string) => DateTime.makeUnsafe(`2026-01-01T${time}Z`)

const refused = new Attempt({
  hint: "tcp:c:1",
  after: Duration.millis(20),
  error: new Unreachable({ hint: "tcp:c:1", cause: new Error("connect ECONNREFUSED c:1") })
})
const unknown = new Attempt({ hint: "tor:x:1", after: Duration.zero, error: new UnknownHint({ hint: "tor:x:1" }) })
const failure = new ConnectError({ tubId: high.tubId, attempts: [refused, unknown] })

describe("What a person reads of a Reconnector", () => {
  it("is how far it has come at each place", () => {
    const hints = [
      HintStatus.Connecting({ via: [], hint: "tcp:a:1" }),
      HintStatus.Negotiating({ via: ["tcp:z:1"], hint: "tcp:b:1" }),
      HintStatus.Ended({ attempt: refused })
    ]
    assert.strictEqual(
      inWords(ReconnectorState.Connecting({ hints }), at("12:00:00")),
      `connecting: tcp:a:1: no answer yet; tcp:z:1 -> tcp:b:1: somebody is there, negotiating; ${refused.message}`
    )
    assert.strictEqual(inWords(ReconnectorState.Connecting({ hints: [] }), at("12:00:00")), "connecting")
  })

  it.effect("is where the Tub is, and for how long there has been a link", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { dial } = yield* dialler({ "tcp:a:1": there.place })
      const { connection: link } = yield* dial(target(high, "tcp:a:1"))
      const connected = ReconnectorState.Connected({ link, since: at("12:00:00") })
      assert.strictEqual(inWords(connected, at("13:00:05.900")), `connected to ${link.remoteAddress} for 1h 5s`)
      assert.strictEqual(
        inWords(connected, at("12:00:00.900")),
        `connected to ${link.remoteAddress} for less than a second`
      )
    })
  )

  it("is how long it waits, and why there is no link", () => {
    const until = at("12:00:00")
    assert.strictEqual(
      inWords(ReconnectorState.Waiting({ until, after: failure }), at("11:59:47.500")),
      `waiting 12s before the next attempt: ${failure.message}`
    )
    const closed = ReconnectorState.Waiting({ until, after: LinkEnd.ClosedByPeer() })
    // The last is a timer that is late.
    for (const now of ["11:59:59.500", "12:00:03"]) {
      assert.strictEqual(
        inWords(closed, at(now)),
        "waiting less than a second before the next attempt: the peer closed the connection"
      )
    }
  })

  it("is why it has given up", () => {
    const after = new ConnectError({ tubId: high.tubId, attempts: [] })
    assert.strictEqual(
      inWords(ReconnectorState.GaveUp({ after }), at("12:00:00")),
      `gave up: cannot connect to ${high.tubId}: its FURL has no location hints`
    )
  })
})
