import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { DurationFromInput } from "../src/DurationFromInput.ts"

const decode = Schema.decodeUnknownEffect(DurationFromInput)

describe("DurationFromInput", () => {
  for (const [text, milliseconds] of [
    ["500ms", 500],
    ["10s", 10_000],
    ["10", 10_000],
    ["1.5s", 1500],
    ["2m", 120_000],
    ["0.5m", 30_000],
    ["1h", 3_600_000],
    ["0s", 0]
  ] as const) {
    it.effect(`reads ${text}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(Duration.toMillis(yield* decode(text)), milliseconds)
      })
    )
  }

  for (const text of ["", "s", "-1s", "1e3", "5x", "1 s", "1d", ".5s", "1.s", "Infinity", "1000000000s"]) {
    it.effect(`rejects "${text}" with examples of what to write`, () =>
      Effect.gen(function* () {
        assert.include((yield* Effect.flip(decode(text))).message, "expected a time such as 500ms, 10s or 2m")
      })
    )
  }

  it.effect("writes a time the way it is read", () =>
    Effect.gen(function* () {
      for (const text of ["500ms", "10s", "2m", "1h", "1.5"]) {
        const duration = yield* decode(text)
        const again = yield* Schema.encodeEffect(DurationFromInput)(duration)
        assert.deepStrictEqual(yield* decode(again), duration)
      }
    })
  )
})
