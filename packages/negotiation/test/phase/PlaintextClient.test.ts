import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { clientHello, converse, decision, get, hello, singly, switching, underTls } from "../Peer.ts"
import { high, low, side } from "../Sides.ts"

const good = underTls("client", low, high.credentials, hello(high) + decision())

const errorOf = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined)
const seeOther = (location: string) => `HTTP/1.1 303 See Other\r\nLocation: ${location}\r\n\r\n`

describe("The PLAINTEXT phase of a client", () => {
  it.effect("says exactly the GET, and its Hello under TLS (N7)", () =>
    Effect.gen(function* () {
      const { heard, outcome } = yield* converse(yield* side(low), "client", good)
      assert.strictEqual(heard.clear, get(high.tubId))
      assert.strictEqual(heard.secret, clientHello(low))
      assert.strictEqual(outcome, "connected as NonMaster")
    })
  )

  for (const [clear, outcome, message] of [
    ["SSH-2.0-OpenSSH_9.2\r\n", "Plaintext NotATub", 'the server answered "SSH-2.0-OpenSSH_9.2": it is not a Tub'],
    ["220 mail.example.org ESMTP\n", "Plaintext NotATub", 'answered "220 mail.example.org ESMTP"'],
    ["\u0015\u0003\u0001\u0000\u0002", "Plaintext NotATub", 'answered ""'],
    ["HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<html>", "Plaintext NotATub", 'answered "HTTP/1.1 200 OK"'],
    ["HTTP/1.1 404 Not Found\r\n\r\n", "Plaintext NotATub", 'answered "HTTP/1.1 404 Not Found"'],
    ["HTTP/1.1 301 Moved Permanently\r\nLocation: tcp:a:1\r\n\r\n", "Plaintext NotATub", "it is not a Tub"],
    [
      "HTTP/1.1 500 Internal Server Error: unknown TubID x\r\n\r\n",
      "Plaintext PeerRefused",
      "the peer refused: unknown TubID x"
    ],
    [
      "HTTP/1.1 404 Not Found: unknown TubID x\r\nContent-Length: 2\r\n\r\nx\n",
      "Plaintext PeerRefused",
      "the peer refused: unknown TubID x"
    ],
    ["HTTP/1.1 101 Switching Protocols\r\n\r\n", "Plaintext TlsNotOffered", "without Upgrade: TLS/1.0"],
    [`${switching}x`, "Plaintext EarlyPlaintext", "plaintext after its 101"],
    [switching + hello(high), "Plaintext EarlyPlaintext", "plaintext after its 101"],
    [`HTTP/1.1 200 ${"x".repeat(4096)}`, "Plaintext HeaderTooLong", "more than 4096 bytes"],
    [seeOther("nonsense"), "Plaintext BadRedirect", 'redirects to "nonsense"'],
    [seeOther(`https://example.org/id/${high.tubId}`), "Plaintext BadRedirect", "names no place to dial"],
    ["HTTP/1.1 303 See Other\r\n\r\n", "Plaintext BadRedirect", "without saying where to"],
    [seeOther(`pb://${low.tubId}@tcp:a:1/`), "Plaintext RedirectedElsewhere", `another Tub than ${high.tubId}`],
    ["SSH 303 2.0\r\n\r\n", "Plaintext NotATub", "it is not a Tub"]
  ] as const) {
    it.effect(`takes ${JSON.stringify(clear.slice(0, 40))} for ${outcome}, and says nothing to it (N9)`, () =>
      Effect.gen(function* () {
        const service = yield* side(low)
        const { exit, heard, outcome: found } = yield* converse(service, "client", { clear })
        assert.strictEqual(found, outcome)
        assert.include(String(errorOf(exit)), message)
        assert.strictEqual(heard.clear, get(high.tubId))
        assert.strictEqual((yield* converse(service, "client", good)).outcome, "connected as NonMaster")
      })
    )
  }

  for (const clear of [
    "SSH-2.0-OpenSSH_9.2\r\n",
    "SSH 303 2.0\r\n\r\n",
    "HTTP/1.1 500 Internal Server Error: x\r\n\r\n",
    seeOther("tcp:a:1"),
    "\u0015\u0003\u0001\u0000\u0002"
  ]) {
    it.effect(`takes ${JSON.stringify(clear.slice(0, 40))} for the same when it comes byte by byte (N6, N9)`, () =>
      Effect.gen(function* () {
        const service = yield* side(low)
        const whole = yield* converse(service, "client", { clear })
        const pieces = yield* converse(service, "client", { clear }, { split: singly })
        assert.strictEqual(pieces.outcome, whole.outcome)
      })
    )
  }

  for (const [location, hints] of [
    [`pb://${high.tubId}@tcp:192.0.2.7:4711,tcp:192.0.2.8:4711/`, "tcp:192.0.2.7:4711, tcp:192.0.2.8:4711"],
    [`http://example.org:4711/id/${high.tubId}`, "tcp:example.org:4711"],
    ["tcp:example.org:4711", "tcp:example.org:4711"],
    [
      `pb://${high.tubId}@${Array.from({ length: 20 }, (_, i) => `tcp:host-${i}.example.org:4711`).join(",")}/`,
      Array.from({ length: 20 }, (_, i) => `tcp:host-${i}.example.org:4711`).join(", ")
    ]
  ] as const) {
    it.effect(`ends with a Redirect to ${hints.slice(0, 50)}, without waiting for the end (N11)`, () =>
      Effect.gen(function* () {
        const { exit, heard, outcome } = yield* converse(yield* side(low), "client", { clear: seeOther(location) })
        assert.strictEqual(outcome, "Redirect")
        const error = errorOf(exit)
        assert.deepInclude(error, { _tag: "Redirect", side: "client", tubId: high.tubId })
        assert.include(String(error), `the server says that ${high.tubId} is at ${hints}`)
        assert.strictEqual(heard.clear, get(high.tubId))
      })
    )
  }

  it.effect("fails in TLS when plaintext comes late, and says nothing (N10)", () =>
    Effect.gen(function* () {
      // The 101 comes alone, and one byte of clear text behind it while the client is in its handshake.
      const split = function* (bytes: Uint8Array) {
        yield bytes.subarray(0, switching.length)
        if (bytes.length > switching.length) yield bytes.subarray(switching.length)
      }
      const { heard, outcome } = yield* converse(yield* side(low), "client", { clear: `${switching}x` }, { split })
      assert.strictEqual(outcome, "Plaintext TransportFailed")
      assert.strictEqual(heard.clear, get(high.tubId))
      assert.strictEqual(heard.secret, "")
    })
  )
})
