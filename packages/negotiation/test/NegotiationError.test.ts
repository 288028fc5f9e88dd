import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { NegotiationError, Reason } from "../src/NegotiationError.ts"
import { everyReason } from "./Reasons.ts"
import { high } from "./Sides.ts"

const reasons = (text: string): ReadonlyArray<Reason> => Object.values(everyReason(text))

describe("NegotiationError", () => {
  it("says in which phase it happened and why", () => {
    for (const reason of reasons("x")) {
      const error = new NegotiationError({ phase: "Deciding", side: "client", peer: high.tubId, reason })
      assert.strictEqual(error.message, `Deciding: ${reason.message}`)
      assert.isAbove(reason.message.length, 10, reason._tag)
    }
  })

  it("has a reason of its own for every class, and no two say the same", () => {
    const messages = reasons("x").map(({ message }) => message)
    assert.strictEqual(new Set(messages).size, messages.length)
    assert.strictEqual(messages.length, Reason.members.length)
  })

  for (const text of ["\u001b[2J\u0007", "a\r\nb\nc", "\u0000\u007f\u009b\u2028\u202e"]) {
    it(`says in one line, without control characters, what the peer sent as ${JSON.stringify(text)}`, () => {
      for (const { _tag, message } of reasons(text).filter(({ _tag }) => _tag !== "TransportFailed")) {
        assert.notMatch(message, /[\p{C}\u2028\u2029]/u, _tag)
      }
    })
  }

  it("keeps the peer's own words in its fields, for a program to match on", () => {
    const { PeerRefused, UnknownTubId } = everyReason("a\u0007b")
    assert.strictEqual(PeerRefused.text, "a\u0007b")
    assert.strictEqual(UnknownTubId.asked, "a\u0007b")
  })

  it.effect("lets a program recover from one reason", () =>
    Effect.gen(function* () {
      const fail = (reason: Reason) => Effect.fail(new NegotiationError({ phase: "Plaintext", side: "client", reason }))
      const handled = (reason: Reason) =>
        fail(reason).pipe(
          Effect.catchReason("NegotiationError", "UnknownTubId", ({ asked }) => Effect.succeed(`no ${asked}`)),
          Effect.catch((error) => Effect.succeed(error.message))
        )
      assert.strictEqual(yield* handled(everyReason("x").UnknownTubId), "no x")
      assert.include(yield* handled(everyReason("x").PeerRefused), "the peer refused: x")
    })
  )

  it("survives JSON, so that it can be logged and sent on", () => {
    const codec = Schema.toCodecJson(NegotiationError)
    for (const reason of reasons("x").filter(({ _tag }) => _tag !== "TransportFailed")) {
      const error = new NegotiationError({ phase: "Encrypted", side: "server", reason })
      const json: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(codec)(error)))
      assert.strictEqual(Schema.decodeUnknownSync(codec)(json).message, error.message)
    }
  })
})
