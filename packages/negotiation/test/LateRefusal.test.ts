import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Socket from "effect/socket/Socket"
import { LinkEnd } from "../src/Link.ts"
import * as LinkSocket from "../src/LinkSocket.ts"
import { connect } from "./Links.ts"
import { bytes, bytesOf, nearBlocks, textOf } from "./Noise.ts"
import { decision, errorBlock } from "./Peer.ts"

const refusal = errorBlock("TubID mismatch")

/** What the owner of a link reads, up to the end, when these pieces come; the first of them early. */
const reading = Effect.fnUntraced(function* (
  [early = new Uint8Array(0), ...pieces]: ReadonlyArray<Uint8Array>,
  mayBeRefused = true
) {
  const { link, peer } = yield* connect
  for (const piece of pieces) yield* peer.write(piece)
  yield* peer.finish
  const { pull } = yield* (yield* LinkSocket.make(link, { early, mayBeRefused })).reader
  let heard = ""
  const error: Socket.SocketError = yield* Effect.flip(
    Effect.forever(
      Effect.map(pull, (chunks) => {
        for (const chunk of chunks) heard += typeof chunk === "string" ? chunk : textOf(chunk)
      })
    )
  )
  return { heard, error, end: yield* link.ended, link, peer, pull }
})

const cutAt = (text: string, at: number) => [bytesOf(text.slice(0, at)), bytesOf(text.slice(at))]
const singly = (text: string) => Array.from(text, (character) => bytesOf(character))

describe("A refusal where a Master awaits Banana", () => {
  it.effect("is reported as such, wherever it is cut (N25)", () =>
    Effect.gen(function* () {
      for (const text of [refusal, `${refusal}and more`]) {
        for (let at = 0; at <= text.length; at++) {
          const { end, error, heard } = yield* reading(cutAt(text, at))
          assert.strictEqual(heard, "")
          assert.deepStrictEqual(end, LinkEnd.RefusedByPeer({ text: "TubID mismatch" }))
          assert.strictEqual(error.reason._tag, "SocketReadError")
          assert.include(String(error.reason._tag === "SocketReadError" && error.reason.cause), "TubID mismatch")
        }
      }
      const { end } = yield* reading([new Uint8Array(0), ...singly(refusal)])
      assert.deepStrictEqual(end, LinkEnd.RefusedByPeer({ text: "TubID mismatch" }))
    })
  )

  it.effect("is not answered, and closes the link (N24, N25)", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* connect
      const { pull } = yield* (yield* LinkSocket.make(link, { early: bytesOf(refusal), mayBeRefused: true })).reader
      yield* Effect.flip(pull)
      assert.strictEqual((yield* Effect.flip(peer.pull)).kind, "eof")
      assert.include(String(yield* Effect.flip(pull)), "SocketError")
    })
  )

  it.effect("is Banana to a NonMaster, who cannot be refused so late (N25)", () =>
    Effect.gen(function* () {
      const { end, heard } = yield* reading(cutAt(refusal, 10), false)
      assert.strictEqual(heard, refusal)
      assert.deepStrictEqual(end, LinkEnd.ClosedByPeer())
    })
  )

  it.effect("is none when it comes later than the first bytes", () =>
    Effect.gen(function* () {
      const { end, heard } = yield* reading(cutAt(`\u0001${refusal}`, 1))
      assert.strictEqual(heard, `\u0001${refusal}`)
      assert.deepStrictEqual(end, LinkEnd.ClosedByPeer())
    })
  )

  for (const text of [
    "b",
    "banana",
    "banana-decision-version",
    "banana-decision-version:",
    "banana-decision-versioN: 1\r\nerror: x\r\n\r\n",
    "banana-decision-version: 1\r\nerror: never ends",
    "Banana-decision-version: 1\r\nerror: x\r\n\r\n",
    decision(),
    "banana-decision-version\r\n\r\n",
    `banana-decision-version: ${"x".repeat(4200)}`
  ]) {
    it.effect(`is not ${JSON.stringify(text.slice(0, 60))}, which is handed over whole, wherever it is cut`, () =>
      Effect.gen(function* () {
        const cuts =
          text.length < 200 ? Array.from({ length: text.length + 1 }, (_, i) => i) : [0, 24, 4095, 4096, 4097]
        for (const at of cuts) {
          const { end, heard } = yield* reading(cutAt(text, at))
          assert.strictEqual(heard, text)
          assert.deepStrictEqual(end, LinkEnd.ClosedByPeer())
        }
      })
    )
  }

  it.effect.prop(
    "is never made of other bytes: everything else arrives, in order",
    [bytes, nearBlocks, bytes],
    ([a, b, c]) =>
      Effect.scoped(
        Effect.gen(function* () {
          const { end, heard } = yield* reading([a, b, c].filter((piece, i) => i === 0 || piece.length > 0))
          if (end._tag === "RefusedByPeer") {
            assert.match(textOf(Buffer.concat([a, b, c])), /^banana-decision-version:/)
          } else {
            assert.strictEqual(heard, textOf(Buffer.concat([a, b, c])))
          }
        })
      )
  )
})
