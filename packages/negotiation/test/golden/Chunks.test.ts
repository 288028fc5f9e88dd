import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Delivery } from "./Conversation.ts"
import { clientCases, type RawCase, serverCases } from "./Fixtures.ts"
import { type Perspective, perspectives } from "./Perspectives.ts"
import { play as playTranscript } from "./Playback.ts"
import { optionsFor } from "./RawClasses.ts"
import { play as playRaw } from "./RawConversation.ts"
import type { Split } from "./RawPeer.ts"

const rawCases = [...serverCases, ...clientCases]

const AnyPerspective = Schema.Literals([...perspectives.keys()])
const AnyRawCase = Schema.Literals([...rawCases.keys()])

/** Lengths of the pieces, used in turn and over again. */
const Lengths = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 }))).check(
  Schema.isBetweenLength(1, 8)
)

const cutBy = (lengths: ReadonlyArray<number>): Split => {
  let turn = 0
  return function* (bytes) {
    for (let at = 0; at < bytes.length;) {
      const length = lengths[turn++ % lengths.length] ?? 1
      yield bytes.subarray(at, at + length)
      at += length
    }
  }
}

/** Playing a transcript checks the bytes, the outcome and the tables by itself. */
const check = ({ ours, transcript }: Perspective, delivery: Delivery) =>
  Effect.scoped(playTranscript(transcript, ours, delivery))

const compare = (raw: RawCase, split: Split) =>
  Effect.gen(function* () {
    const whole = yield* playRaw(raw, optionsFor(raw))
    const cut = yield* playRaw(raw, { ...optionsFor(raw), split })
    assert.deepStrictEqual(cut, whole, raw.name)
  })

describe("Golden conversations have the same bytes and the same outcome", () => {
  it.effect("when all that the peer has said comes in one piece, Banana behind the Decision included", () =>
    Effect.forEach(perspectives, (perspective) => check(perspective, { joined: true }), { discard: true })
  )

  it.effect("when every byte of a transcript comes alone, in both directions", () =>
    Effect.forEach(perspectives, (perspective) => check(perspective, { split: cutBy([1]) }), { discard: true })
  )

  it.effect.each(rawCases)("when every byte of $name comes alone, in both directions", (raw) =>
    compare(raw, cutBy([1]))
  )

  it.effect.prop(
    "wherever the network cuts a transcript",
    [AnyPerspective, Schema.Boolean, Lengths],
    ([any, joined, lengths]) =>
      Effect.forEach(perspectives.slice(any, any + 1), (perspective) =>
        check(perspective, { joined, split: cutBy(lengths) })
      )
  )

  it.effect.prop("wherever the network cuts a raw case", [AnyRawCase, Lengths], ([any, lengths]) =>
    Effect.forEach(rawCases.slice(any, any + 1), (raw) => compare(raw, cutBy(lengths)))
  )
})
