import { assert, describe, it } from "@effect/vitest"
import * as Event from "../../src/explore/Event.ts"
import { textOf } from "../../src/explore/State.ts"
import { at, everyState, small } from "./Everything.ts"

describe("A state", () => {
  for (const setup of small) {
    it(`says all that matters: whichever way led to it, the same can follow (${setup.name})`, () => {
      const futures = new Map<string, string>()
      everyState(setup, (text, path) => {
        const future = at(setup, path)
          .enabled()
          .map((event) => `${Event.format(event)}: ${textOf(at(setup, [...path, event]))}`)
          .join("\n")
        assert.strictEqual(future, futures.get(text) ?? future)
        futures.set(text, future)
      })
    })
  }
})
