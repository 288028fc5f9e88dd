import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { serverCases } from "./Fixtures.ts"
import { expectedFor, namesIn, optionsFor } from "./RawClasses.ts"
import { classes, same } from "./RawServerClasses.ts"
import { play } from "./RawConversation.ts"

const hello =
  "banana-negotiation-range: 3 3\r\ninitial-vocab-table-range: 0 1\r\nmy-incarnation: 4444444444444444\r\nmy-tub-id: dv2u427fb2ieqluhrk3qnizxkpa4wmdu\r\n\r\n"

describe("The raw clients at our server", () => {
  it("stand in exactly one class each", () => {
    const classified = [...same, ...namesIn(classes)]
    assert.deepStrictEqual(classified.toSorted(), serverCases.map(({ name }) => name).toSorted())
  })

  for (const raw of serverCases) {
    const different = classes.find(({ cases }) => raw.name in cases)
    it.effect(`${raw.name}: ${different?.rule ?? "as Foolscap, byte for byte"}`, () =>
      Effect.gen(function* () {
        const outcome = yield* play(raw, optionsFor(raw))
        const expected = expectedFor(raw, different?.cases[raw.name], hello)
        assert.deepStrictEqual(outcome, expected)
      })
    )
  }
})
