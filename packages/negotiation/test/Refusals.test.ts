import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ConnectionTable } from "../src/ConnectionTable.ts"
import { LocalTubs } from "../src/LocalTubs.ts"
import type { LocalTub } from "../src/LocalTub.ts"
import { LookupFailed } from "../src/NegotiationError.ts"
import type { Role, Side } from "../src/policy/Master.ts"
import { connect } from "./Both.ts"
import {
  clientHello,
  converse,
  decision,
  errorBlock,
  errorToken,
  get,
  hello,
  other,
  switching,
  underTls
} from "./Peer.ts"
import { high, low, side, type SideOptions } from "./Sides.ts"
import { converseToTheEnd } from "./Stalls.ts"

/** The answer to a request that is refused for `reason`, which stands in its first line and in its body. */
const answer = (status: string, reason: string, ...headers: ReadonlyArray<string>): string =>
  [
    `HTTP/1.1 ${status}: ${reason}`,
    ...headers,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${reason.length + 1}`,
    "Connection: close",
    "",
    `${reason}\n`
  ].join("\r\n")

const badRequest = (problem: string): string => answer("400 Bad Request", `not a request for a Tub: ${problem}`)

const page =
  "HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 342\r\n" +
  "Connection: close\r\n\r\n" +
  '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>A Foolscap Tub</title></head>\n<body>\n' +
  "<h1>This port is for Foolscap, not for browsers</h1>\n" +
  "<p>A Tub listens here: programs open mutually authenticated connections to it with a FURL\n" +
  "(<code>pb://&hellip;</code>). There is nothing to see with a web browser.</p>\n</body>\n</html>\n"

const upgrade = "HTTP/1.1\r\nUpgrade: TLS/1.0\r\n\r\n"
const shouting = high.tubId.toUpperCase()
const defect = new Error("the disk with our keys burns")
const internal = "internal server error, see logs"

describe("A server answers in clear, to the byte,", () => {
  const rows: ReadonlyArray<readonly [situation: string, said: string, heard: string, options?: SideOptions]> = [
    // N8 row 1
    [
      "a TLS client that skips the GET",
      "\u0016\u0003\u0001",
      badRequest("it begins with a TLS handshake, and a Tub is asked for in clear first")
    ],
    ["a binary protocol", "\u0000\u0001", badRequest("it holds control characters")],
    ["lines that end with LF alone", "GET / HTTP/1.0\n", badRequest("a line ends without CR")],
    // N8 row 2
    [
      "a header over 4096 bytes",
      "x".repeat(4097),
      answer("431 Request Header Fields Too Large", "the peer sent more than 4096 bytes without ending its header")
    ],
    // N8 row 3
    ["text that is not UTF-8", "GET /\u00ff HTTP/1.1\r\n\r\n", badRequest("it is not UTF-8")],
    [
      "a first line that is no request",
      "EHLO example.org\r\n\r\n",
      badRequest("its first line is not METHOD PATH HTTP/1.1")
    ],
    // N8 row 4
    [
      "another method",
      `POST /id/${high.tubId} ${upgrade}`,
      answer("405 Method Not Allowed", "a Tub is asked for with GET, not POST", "Allow: GET")
    ],
    // N8 row 5
    ["a browser", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", page],
    ["a path that is not a Tub's", `GET /identity ${upgrade}`, page],
    // N8 row 6
    ["a GET for no TubId at all", `GET /id/ ${upgrade}`, answer("404 Not Found", "secure Tubs require encryption")],
    // N8 row 7
    [
      "a GET without the upgrade",
      `GET /id/${high.tubId} HTTP/1.1\r\n\r\n`,
      answer(
        "426 Upgrade Required",
        "the request lacks the header Upgrade: TLS/1.0",
        "Upgrade: TLS/1.0",
        "Connection: Upgrade"
      )
    ],
    // N8 row 10
    ["a GET for a Tub that is not here", get(low.tubId), answer("404 Not Found", `unknown TubID ${low.tubId}`)],
    ["a TubId in upper case", get(shouting), answer("404 Not Found", `unknown TubID ${shouting}`)],
    ["a TubId of 3000 characters", get("a".repeat(3000)), answer("404 Not Found", `unknown TubID ${"a".repeat(486)}`)],
    // N8, between row 9 and row 10
    [
      "a client that asks when nobody can look it up",
      get(low.tubId),
      answer("503 Service Unavailable", `cannot look up TubID ${low.tubId} now, try again later`),
      {
        tubs: Layer.succeed(LocalTubs)({ find: (tubId) => Effect.fail(new LookupFailed({ tubId, cause: defect })) })
      }
    ],
    // N8, the last two
    ["a client that never ends its GET", "GET /id/", answer("408 Request Timeout", "not negotiated within 2m")],
    [
      "a client that meets a defect of ours",
      get(high.tubId),
      answer("500 Internal Server Error", internal),
      { tubs: Layer.succeed(LocalTubs)({ find: () => Effect.die(defect) }) }
    ],
    // N10
    ["a GET with plaintext behind it: with the 101, and TLS fails on the rest", `${get(high.tubId)}x`, switching]
  ]
  for (const [situation, said, expected, options] of rows) {
    it.effect(`${situation} (N8)`, () =>
      Effect.gen(function* () {
        const { heard } = yield* converseToTheEnd(yield* side(high, options), "server", { clear: said })
        assert.strictEqual(heard.clear, expected)
        assert.strictEqual(heard.secret, "")
      })
    )
  }
})

describe("A client says nothing behind its GET to", () => {
  for (const [situation, clear] of [
    ["a Tub that refuses", answer("404 Not Found", `unknown TubID ${high.tubId}`)],
    ["a web server", "HTTP/1.1 200 OK\r\n\r\n"],
    ["a server that offers no TLS", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    ["a server that is not HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a server that sends it elsewhere", `HTTP/1.1 303 See Other\r\nLocation: tcp:example.org:1\r\n\r\n`],
    ["a server with a header over 4096 bytes", `HTTP/1.1 101 ${"x".repeat(4096)}`],
    ["a server that says more behind its 101", `${switching}x`],
    ["a server that says nothing", ""]
  ] as const) {
    it.effect(`${situation} (N9, N23)`, () =>
      Effect.gen(function* () {
        const { heard } = yield* converseToTheEnd(yield* side(low), "client", { clear })
        assert.deepStrictEqual(heard, { clear: get(high.tubId), secret: "" })
      })
    )
  }
})

const dying: SideOptions = {
  connections: Layer.succeed(ConnectionTable)({
    lastConnection: () => Effect.succeed("none 0"),
    claim: () => Effect.die(defect),
    obey: () => Effect.die(defect)
  })
}

interface UnderTls {
  readonly situation: string
  readonly self: Role
  readonly says: string
  readonly told: string
  readonly options?: SideOptions
}

const tubs: { readonly [R in Role]: LocalTub } = { Master: high, NonMaster: low }
const sides: ReadonlyArray<Side> = ["client", "server"]

for (const on of sides) {
  describe(`A ${on} tells its peer under TLS, to the byte,`, () => {
    const future = { "banana-negotiation-range": "4 5" }
    const rows: ReadonlyArray<UnderTls> = [
      {
        situation: "of a Hello it cannot accept: an error block",
        self: "Master",
        says: hello(low, future),
        told: errorBlock("You can't handle banana version 3")
      },
      {
        situation: "of a Hello it cannot accept: an error block",
        self: "NonMaster",
        says: hello(high, future),
        told: errorBlock("You can't handle banana version 3")
      },
      {
        situation: "of a defect before its Decision: an error block",
        self: "Master",
        says: hello(low),
        told: errorBlock(internal),
        options: dying
      },
      {
        situation: "of a Decision it cannot accept: an ERROR token",
        self: "NonMaster",
        says: hello(high) + decision({ "initial-vocab-table-index": "1 0000" }),
        told: errorToken("Our hash for vocab-table-index 1 (bb33) does not match your hash (0000)")
      },
      {
        situation: "of a defect behind a Decision: an ERROR token",
        self: "NonMaster",
        says: hello(high) + decision(),
        told: errorToken(internal),
        options: dying
      },
      { situation: "of a refusal: nothing", self: "Master", says: errorBlock("Duplicate connection"), told: "" },
      { situation: "of a refusal: nothing", self: "NonMaster", says: errorBlock("Duplicate connection"), told: "" },
      {
        situation: "of a refusal in place of a Decision: nothing",
        self: "NonMaster",
        says: hello(high) + errorBlock("Duplicate connection"),
        told: ""
      }
    ]
    for (const { options, says, self: role, situation, told } of rows) {
      it.effect(`${situation} (${role}, N23)`, () =>
        Effect.gen(function* () {
          const self = tubs[role]
          const script = underTls(on, self, other(self).credentials, says)
          const { heard } = yield* converse(yield* side(self, options), on, script)
          assert.deepStrictEqual(heard, {
            clear: on === "client" ? get(other(self).tubId) : switching,
            secret: (on === "client" ? clientHello(self) : hello(self)) + told
          })
        })
      )
    }

    it.effect("of a duplicate: an error block (Master, N22)", () =>
      Effect.gen(function* () {
        const [service, peer] = [yield* side(high), yield* side(low)]
        yield* on === "client" ? connect(service, peer) : connect(peer, service)
        const script = underTls(on, high, low.credentials, on === "client" ? hello(low) : clientHello(low))
        const { heard } = yield* converse(service, on, script)
        const ours = on === "client" ? clientHello(high) : hello(high)
        assert.strictEqual(heard.secret, ours + errorBlock("Duplicate connection"))
      })
    )
  })
}
