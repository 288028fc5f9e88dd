import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { tub } from "../Invoked.ts"

describe("tub demo", () => {
  it.effect("shows two Tubs meeting, a redirect on the way, and a Tub that is not there, on 80 columns", () =>
    Effect.gen(function* () {
      const said = yield* tub("demo")
      assert.strictEqual(said.code, 0)
      assert.deepStrictEqual(said.err, [])
      const text = said.out.join("\n")
      for (const title of [
        "1. Alice dials Bob.",
        "2. Bob dials Alice.",
        "3. Alice has an old address",
        "4. Alice asks Bob's port for a Tub"
      ]) {
        assert.include(text, title)
      }
      for (const number of [1, 2, 3]) assert.include(text, `✔ one link, number ${number} for both`)
      assert.match(text, /GET \/id\/.*▶│\n.*◀─+ 303 {2}"Bob is at tcp:127\.0\.0\.1:\d+" ─│\n\n.* Bob\n.*GET \/id\//)
      assert.include(text, "404 Not Found: unknown TubID aaaaaa…")
      assert.include(text, "reason: PeerRefused")
      for (const line of text.split("\n")) assert.isAtMost(line.length, 80, line)
      assert.notInclude(text, "\u001b")
    })
  )

  it.effect("tells a script the same: each link from both sides, the redirect, and the failure", () =>
    Effect.gen(function* () {
      const said = yield* tub("demo", "--json")
      assert.strictEqual(said.code, 0)
      assert.deepStrictEqual(
        said.events.map(({ event, reason, redirects, role, seqnum, side }) => [
          ...[event, side, role ?? reason, seqnum, redirects]
        ]),
        [
          ["negotiated", "client", "NonMaster", 1, 0],
          ["negotiated", "server", "Master", 1, undefined],
          ["negotiated", "client", "Master", 2, 0],
          ["negotiated", "server", "NonMaster", 2, undefined],
          ["redirected", undefined, undefined, undefined, undefined],
          ["negotiated", "client", "NonMaster", 3, 1],
          ["negotiated", "server", "Master", 3, undefined],
          ["failed", "client", "PeerRefused", undefined, undefined]
        ]
      )
    })
  )
})
