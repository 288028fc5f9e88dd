import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { timeoutCases } from "./Fixtures.ts"
import { errorBlock, httpAnswer } from "./Differences.ts"
import { late } from "./RawClasses.ts"
import { heardFromFoolscap, play } from "./RawConversation.ts"

// N27: Foolscap's 120 seconds are ours, but it closes without a word.
const words = new Map([
  ["default-server-timeout-plaintext", { tcp: httpAnswer("408 Request Timeout", late), tls: "" }],
  ["default-server-timeout-in-tls", { tcp: "", tls: errorBlock(late) }]
])

describe("A client that falls silent", () => {
  it("was recorded in two phases", () => {
    assert.deepStrictEqual(
      [...words.keys()],
      timeoutCases.map(({ name }) => name)
    )
  })

  for (const raw of timeoutCases) {
    it.effect(`${raw.name}: is waited for as long as Foolscap waits, and told so`, () =>
      Effect.gen(function* () {
        const before = yield* play(raw, { passes: "119 seconds" })
        assert.deepStrictEqual(before.ending, { tag: "Waiting" })
        assert.strictEqual(before.tcp, heardFromFoolscap(raw, "tcp"))
        assert.strictEqual(before.tls, heardFromFoolscap(raw, "tls"))
        assert.isFalse(before.hasEnded)

        const after = yield* play(raw, { passes: "120 seconds" })
        assert.deepStrictEqual(after.ending, { tag: "DeadlineExceeded" })
        assert.strictEqual(after.tcp, heardFromFoolscap(raw, "tcp") + words.get(raw.name)?.tcp)
        assert.strictEqual(after.tls, heardFromFoolscap(raw, "tls") + words.get(raw.name)?.tls)
        assert.isTrue(after.hasEnded)
      })
    )
  }
})
