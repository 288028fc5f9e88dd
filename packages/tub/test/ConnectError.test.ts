import { TubId } from "@effect-foolscap/furl/TubId"
import { NegotiationError, TransportFailed } from "@effect-foolscap/negotiation/NegotiationError"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import { TransportError } from "@effect-foolscap/negotiation/TransportError"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Attempt, ConnectError, GaveUp } from "../src/ConnectError.ts"
import { UnknownHint, Unreachable } from "../src/HintHandler.ts"
import { RedirectLoop } from "../src/NotFollowed.ts"
import { hints } from "./Network.ts"

const tubId = TubId.make("p34dey6aut5fvfk7jekonycc7apozbhf")
const [elsewhere] = hints("tcp:c:1")
assert.isDefined(elsewhere)

const attempt = (hint: string, error: Attempt["error"], ...via: ReadonlyArray<string>) =>
  new Attempt({ via, hint, after: Duration.seconds(1), error })

const error = new ConnectError({
  tubId,
  attempts: [
    attempt("tcp:a:1", new Unreachable({ hint: "tcp:a:1", cause: new Error("connect ECONNREFUSED") })),
    attempt("tor:b:1", new UnknownHint({ hint: "tor:b:1" })),
    attempt("tcp:d:1", new GaveUp({ after: Duration.minutes(2), deadline: Duration.minutes(2) })),
    attempt("tcp:e:1", new Redirect({ side: "client", tubId, hints: [elsewhere] })),
    attempt(
      "tcp:f:1",
      new NegotiationError({
        phase: "Encrypted",
        side: "client",
        reason: new TransportFailed({ cause: new TransportError({ kind: "reset" }) })
      })
    ),
    attempt("tcp:c:1", new Unreachable({ hint: "tcp:c:1", cause: new Error("no route") }), "tcp:e:1"),
    attempt("tcp:h:1", new RedirectLoop({ locations: ["tcp:e:1"] }), "tcp:e:1", "tcp:g:1")
  ]
})

describe("ConnectError", () => {
  it("says of each hint where it was, by which way, and why it failed", () => {
    assert.strictEqual(
      error.message,
      [
        `cannot connect to ${tubId}: cannot reach tcp:a:1: connect ECONNREFUSED; nothing listens there: is it running, and is the address right?`,
        "no handler here connects to tor:b:1",
        "tcp:d:1: no answer before the 2m for this dial were over; a firewall on the way?",
        `tcp:e:1: the server says that ${tubId} is at tcp:c:1`,
        "tcp:f:1: Encrypted: the connection broke",
        "tcp:e:1 -> tcp:c:1: cannot reach tcp:c:1: no route",
        "tcp:e:1 -> tcp:g:1 -> tcp:h:1: the server sends us to tcp:e:1, and so the redirects go in a circle; mend one of them"
      ].join("; ")
    )
  })

  it("says so where there was nothing to try", () => {
    assert.strictEqual(
      new ConnectError({ tubId, attempts: [] }).message,
      `cannot connect to ${tubId}: its FURL has no location hints`
    )
  })

  it("shows the beginning of a hint of thousands of characters, wherever it stands", () => {
    const long = `tcp:${"x".repeat(4000)}:1`
    const { message } = new ConnectError({
      tubId,
      attempts: [
        attempt(long, new Unreachable({ hint: long, cause: new Error(`getaddrinfo ENOTFOUND ${long}`) })),
        attempt(long, new UnknownHint({ hint: long }), long),
        attempt(long, new RedirectLoop({ locations: [long] }), long, long, long)
      ]
    })
    assert.include(message, `cannot reach tcp:${"x".repeat(96)}...: getaddrinfo ENOTFOUND tcp:xxx`)
    assert.include(message, "...; there is no such name; tcp:")
    assert.isAtMost(message.length, 2000)
    for (const [run] of message.matchAll(/x+/g)) assert.isAtMost(run.length, 300)
  })

  it.effect("can be sent to another process and keeps what it says", () =>
    Effect.gen(function* () {
      const codec = Schema.toCodecJson(ConnectError)
      const json = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
      const decoded = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(json))
      assert.strictEqual(decoded.message, error.message)
      assert.deepStrictEqual(
        decoded.attempts.map(({ after }) => Duration.toMillis(after)),
        error.attempts.map(() => 1000)
      )
      assert.deepStrictEqual(decoded.attempts.at(-1)?.via, ["tcp:e:1", "tcp:g:1"])
    })
  )
})

describe("GaveUp", () => {
  const minute = Duration.minutes(1)

  for (const [after, deadline, message] of [
    [minute, minute, "no answer before the 1m for this dial were over; a firewall on the way?"],
    [Duration.seconds(3), minute, "no answer before the 1m for this dial were over; a firewall on the way?"],
    // Whoever has so little time need not blame a firewall.
    [Duration.millis(2999), minute, "no answer before the 1m for this dial were over"],
    [
      Duration.millis(499),
      Duration.millis(500),
      "no answer before the 500ms for this dial were over; a firewall on the way?"
    ],
    [Duration.millis(1), minute, "no answer before the 1m for this dial were over"],
    [Duration.zero, minute, "not tried, because the 1m for this dial were over"]
  ] as const) {
    it(`says "${message}" where ${Duration.format(after)} were left`, () => {
      assert.strictEqual(new GaveUp({ after, deadline }).message, message)
    })
  }
})
