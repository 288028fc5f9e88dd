import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Reason } from "../../src/NegotiationError.ts"
import { NextProtocol } from "../../src/NextProtocol.ts"
import * as Block from "../../src/wire/Block.ts"
import * as Decision from "../../src/wire/Decision.ts"
import * as Refusal from "../../src/wire/Refusal.ts"
import * as Upgrade from "../../src/wire/Upgrade.ts"
import { textOf } from "../Noise.ts"
import { everyReason } from "../Reasons.ts"

/** What a peer may try: to end our line, to add lines of its own, to fill its buffer, to confuse a terminal. */
const hostile = [
  "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
  "x\nerror: other\rx\u2028x\u0085x",
  "a".repeat(4000),
  "漢".repeat(4000),
  "\u001b[2J\u0000\u007f\ud800",
  "",
  " "
]

/** An HTTP answer, taken apart. */
const parts = (answer: Uint8Array) => {
  const text = textOf(answer)
  const end = text.indexOf("\r\n\r\n")
  const [status = "", ...headers] = text.slice(0, end).split("\r\n")
  return { status, headers, body: text.slice(end + 4) }
}

const silent: ReadonlyArray<Reason["_tag"]> = ["PeerRefused", "PeerClosed", "TransportFailed"]

describe("Refusal.text", () => {
  it("says nothing where the peer told us, or is gone (N24)", () => {
    const reasons = Object.values(everyReason("x")) as ReadonlyArray<Reason>
    assert.deepStrictEqual(
      reasons.filter((reason) => Refusal.text(reason) === undefined).map(({ _tag }) => _tag),
      silent
    )
  })

  const reasons = everyReason("0000")
  for (const [reason, expected] of [
    [reasons.UnencryptedTub, "secure Tubs require encryption"],
    [reasons.UnknownTubId, "unknown TubID 0000"],
    [reasons.LookupFailed, "cannot look up TubID p34dey6aut5fvfk7jekonycc7apozbhf now, try again later"],
    [
      reasons.OldDialect,
      "Peer is speaking foolscap-0.0.5 or earlier, which is not compatible with this version. Please upgrade the peer."
    ],
    [reasons.NoVersions, "No valid banana-negotiation sequence seen"],
    [reasons.NoOverlap, "You can't handle banana version 3"],
    [reasons.DuplicateConnection, "Duplicate connection"],
    [reasons.NoDecisionVersion, "No banana-decision-version value"],
    [reasons.UnknownDecisionVersion, "I cannot handle banana-decision-version value of 4"],
    [reasons.VocabularyOutOfRange, "I can't handle initial vocab table index 2"],
    [reasons.VocabularyMismatch, "Our hash for vocab-table-index 1 (bb33) does not match your hash (0000)"]
  ] as const) {
    it(`says ${reason._tag} in the fixed words, for programs to match on (N23)`, () => {
      assert.strictEqual(Refusal.text(reason), expected)
    })
  }

  for (const text of hostile) {
    it(`says every reason in one printable line when the peer sent ${JSON.stringify(text.slice(0, 30))} (N23)`, () => {
      for (const reason of Object.values(everyReason(text))) {
        const said = Refusal.text(reason)
        if (said !== undefined) assert.match(said, /^[ -~]{1,500}$/, reason._tag)
      }
    })
  }

  it.prop(
    "is one printable line of at most 500 characters, whatever the peer sent (N23)",
    [Schema.String],
    ([text]) => {
      for (const reason of Object.values(everyReason(text))) {
        assert.match(Refusal.text(reason) ?? "silence", /^[ -~]{1,500}$/, reason._tag)
      }
    }
  )

  it("writes runs of white space as one space, and ? for what is not printable (N23)", () => {
    assert.strictEqual(Refusal.text(everyReason("a \t\r\n b\u0007é").UnknownTubId), "unknown TubID a b??")
  })
})

describe("Refusal.http", () => {
  const expected: Readonly<Record<string, readonly [status: string, ...headers: ReadonlyArray<string>]>> = {
    MalformedRequest: ["400 Bad Request"],
    HeaderTooLong: ["431 Request Header Fields Too Large"],
    UnknownTubId: ["404 Not Found"],
    UnencryptedTub: ["404 Not Found"],
    MethodNotAllowed: ["405 Method Not Allowed", "Allow: GET"],
    UpgradeMissing: ["426 Upgrade Required", "Upgrade: TLS/1.0"],
    DeadlineExceeded: ["408 Request Timeout"]
  }

  for (const [tag, [status, ...headers]] of Object.entries(expected)) {
    it(`answers ${tag} with ${status} and the reason in the first line (N8)`, () => {
      for (const reason of Object.values(everyReason("x")).filter(({ _tag }) => _tag === tag)) {
        const said = Refusal.text(reason) ?? ""
        const answer = parts(Refusal.http(reason, said))
        assert.strictEqual(answer.status, `HTTP/1.1 ${status}: ${said}`)
        for (const header of headers) assert.include(answer.headers, header)
        assert.strictEqual(answer.body, `${said}\n`)
      }
    })
  }

  it("answers an unknown TubId with the bytes of the example (N8)", () => {
    const reason = everyReason("a".repeat(32)).UnknownTubId
    assert.strictEqual(
      textOf(Refusal.http(reason, Refusal.text(reason) ?? "")),
      "HTTP/1.1 404 Not Found: unknown TubID aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" +
        "Content-Type: text/plain; charset=utf-8\r\n" +
        "Content-Length: 47\r\n" +
        "Connection: close\r\n\r\n" +
        "unknown TubID aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
    )
  })

  it("answers a browser with a page, and does not quote its path (N8 row 5)", () => {
    const reason = everyReason("/<script>alert(1)</script>").NotATubPath
    const { body, headers, status } = parts(Refusal.http(reason, Refusal.text(reason) ?? ""))
    assert.strictEqual(status, "HTTP/1.1 404 Not Found")
    assert.include(headers, "Content-Type: text/html; charset=utf-8")
    assert.include(body, "not for browsers")
    assert.notInclude(body, "script")
  })

  it("answers a defect of ours with 500 and Foolscap's words (N8, N23)", () => {
    const { body, status } = parts(Refusal.http(undefined, Refusal.internal))
    assert.strictEqual(status, "HTTP/1.1 500 Internal Server Error: internal server error, see logs")
    assert.strictEqual(body, "internal server error, see logs\n")
  })

  const names = /^(?:Allow|Upgrade|Connection|Content-Type|Content-Length): [ -~]+$/
  for (const text of hostile) {
    it(`is whole, and ours alone, when the peer sent ${JSON.stringify(text.slice(0, 30))}`, () => {
      for (const reason of Object.values(everyReason(text))) {
        const said = Refusal.text(reason)
        if (said === undefined) continue
        const bytes = Refusal.http(reason, said)
        assert.isBelow(bytes.length, 4096, reason._tag)
        const { body, headers, status } = parts(bytes)
        assert.match(status, /^HTTP\/1\.1 [45]\d\d [ -~]+$/)
        for (const header of headers) assert.match(header, names)
        assert.strictEqual(new Set(headers.map((header) => header.split(":")[0])).size >= 3, true)
        assert.include(headers, `Content-Length: ${body.length}`)
        assert.strictEqual(headers.at(-1), "Connection: close")
      }
    })
  }

  it("is read by a client as the refusal of a Tub; only the page is not (N9)", () => {
    for (const reason of Object.values(everyReason("x"))) {
      const said = Refusal.text(reason)
      if (said === undefined) continue
      const split = Block.split(Refusal.http(reason, said))
      if (split._tag !== "Complete") return assert.fail(split._tag)
      const failure = Result.getOrThrow(Result.flip(Upgrade.readAnswer(split.header)))
      assert.strictEqual(failure._tag, reason._tag === "NotATubPath" ? "NotATub" : "PeerRefused")
      if (failure._tag === "PeerRefused") assert.strictEqual(failure.text, said)
    }
  })
})

describe("Refusal.block", () => {
  it("is read by the peer as our refusal, whatever the peer had sent (N23)", () => {
    for (const text of hostile) {
      for (const reason of Object.values(everyReason(text))) {
        const said = Refusal.text(reason)
        if (said === undefined) continue
        const block = Refusal.block(said)
        assert.isBelow(block.length, 4096)
        const split = Block.split(block)
        if (split._tag !== "Complete") return assert.fail(split._tag)
        assert.strictEqual(split.rest.length, 0, "nothing of the peer's ends our block")
        assert.deepStrictEqual(
          [...Result.getOrThrow(Block.parse(split.header))],
          [
            ["banana-decision-version", "1"],
            ["error", said]
          ]
        )
        const failure = Result.getOrThrow(Result.flip(Result.flatMap(Block.parse(split.header), Decision.read)))
        assert.strictEqual(failure._tag, "PeerRefused")
      }
    }
  })
})

describe("NextProtocol.refusal", () => {
  const refusal = Effect.map(NextProtocol, (next) => next.refusal).pipe(Effect.provide(NextProtocol.layerBanana))

  for (const [length, header] of [
    [1, "01"],
    [32, "20"],
    [71, "47"],
    [127, "7f"],
    [128, "0001"],
    [500, "7403"],
    [1000, "6807"]
  ] as const) {
    it.effect(`is an ERROR token: ${length} bytes of text begin with ${header} 8d (N23)`, () =>
      Effect.gen(function* () {
        const text = "x".repeat(length)
        const token = Buffer.from((yield* refusal)(text))
        assert.strictEqual(token.toString("hex"), `${header}8d${"78".repeat(length)}`)
      })
    )
  }

  it.effect("is at most 1000 bytes for every reason, the most that a peer reads (N23)", () =>
    Effect.gen(function* () {
      const write = yield* refusal
      for (const text of hostile) {
        for (const reason of Object.values(everyReason(text))) {
          const said = Refusal.text(reason)
          if (said === undefined) continue
          const token = write(said)
          assert.isAtMost(token.length, 1000)
          assert.strictEqual(textOf(token.subarray(token.indexOf(0x8d) + 1)), said)
        }
      }
    })
  )
})
