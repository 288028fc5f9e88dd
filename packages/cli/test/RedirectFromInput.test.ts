import { maxLocations } from "@effect-foolscap/tub/Itinerary"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { RedirectFromInput } from "../src/RedirectFromInput.ts"
import { low } from "./Fixtures.ts"

const decode = Schema.decodeUnknownEffect(RedirectFromInput)

describe("RedirectFromInput", () => {
  for (const hints of [["tcp:example.org:4711"], ["tcp:[2001:db8::7]:4711", "tor:x.onion:80"], ["tor:a=b"]]) {
    it.effect(`takes ${hints.join(",")} for a Tub, and writes it the way it is read`, () =>
      Effect.gen(function* () {
        const text = `${low.tubId}=${hints.join(",")}`
        const redirect = yield* decode(text)
        assert.strictEqual(redirect.tubId, low.tubId)
        assert.deepStrictEqual(
          redirect.hints.map((hint) => hint.text),
          hints
        )
        assert.strictEqual(yield* Schema.encodeEffect(RedirectFromInput)(redirect), text)
      })
    )
  }

  for (const [text, complaint] of [
    ["", "expected TUBID=HINT or TUBID=HINT,HINT"],
    [low.tubId, "expected TUBID=HINT or TUBID=HINT,HINT"],
    [`${low.tubId}=`, "expected TUBID=HINT or TUBID=HINT,HINT"],
    ["=tcp:a:1", "expected TUBID=HINT or TUBID=HINT,HINT"],
    ["short=tcp:a:1", "a TubId is 32 characters"],
    [`${low.tubId.toUpperCase()}=tcp:a:1`, "a TubId is 32 characters"],
    [`${low.tubId}=tcp:a`, "the port is missing"],
    [`${low.tubId}=tcp:a:1,tcp:b:99999`, "99999 is not a port"],
    [`${low.tubId}=tcp:a:1,`, "a location hint is not empty"],
    [`${low.tubId}=tcp:a:1/name`, "no slash"]
  ] as const) {
    it.effect(`rejects "${text}", because: ${complaint}`, () =>
      Effect.gen(function* () {
        assert.include((yield* Effect.flip(decode(text))).message, complaint)
      })
    )
  }

  it.effect("takes as many hints as a client dials of a redirect, and no more (N11)", () =>
    Effect.gen(function* () {
      const many = (count: number) =>
        `${low.tubId}=${Array.from({ length: count }, (_, at) => `tcp:h${at}:1`).join(",")}`
      assert.strictEqual((yield* decode(many(maxLocations))).hints.length, maxLocations)
      assert.include((yield* Effect.flip(decode(many(maxLocations + 1)))).message, "expected at most 20 hints")
    })
  )

  it.effect("takes as many hints as an answer of 4096 bytes has room for, and no more (N6)", () =>
    Effect.gen(function* () {
      const fixed = `HTTP/1.1 303 See Other\r\nLocation: pb://${low.tubId}@/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
      const hint = (length: number) => `tor:${"x".repeat(length - 4)}`
      yield* decode(`${low.tubId}=${hint(4096 - fixed.length)}`)
      const error = yield* Effect.flip(decode(`${low.tubId}=${hint(4096 - fixed.length + 1)}`))
      assert.include(error.message, "more hints than one answer has room for")
    })
  )
})
