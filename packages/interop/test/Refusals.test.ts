import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { assert, it } from "@effect/vitest"
import * as TubId from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import { describeWith } from "../src/Requirements.ts"

const nobody = TubId.TubId.make("a".repeat(32))

/** A Foolscap and a Tub of ours, which is the Master of the two unless told otherwise. */
const pair = Effect.fnUntraced(function* (
  options: FoolscapPeer.Options & { readonly role?: "Master" | "NonMaster" } = {}
) {
  const peer = yield* FoolscapPeer.start(options)
  return { peer, tub: yield* OurTub.make(yield* Identities.makeFor(options.role ?? "Master", peer.tubId)) }
})

describeWith(["python3-foolscap"], "A Tub that is asked for another TubId", () => {
  it.live("is Foolscap, and its 500 is the peer's refusal, in its own words", () =>
    Effect.gen(function* () {
      const { peer, tub } = yield* pair()
      const error = yield* tub.failureAt(peer.hint, nobody)
      assert.instanceOf(error, NegotiationError)
      assert.deepInclude(error, { phase: "Plaintext", side: "client" })
      assert.deepInclude(error.reason, { _tag: "PeerRefused", text: `unknown TubID ${nobody}` })
      const there = yield* peer.next("failed")
      assert.deepInclude(there, { side: "server", phase: "Plaintext", text: `unknown TubID ${nobody}` })
    })
  )

  it.live("is ours, and Foolscap quotes its 404 to the caller", () =>
    Effect.gen(function* () {
      const { peer, tub } = yield* pair()
      const port = yield* tub.listen
      peer.tell({ do: "dial", tubId: nobody, hints: [port.hint] })
      const error = yield* port.failed
      assert.instanceOf(error, NegotiationError)
      assert.deepInclude(error, { phase: "Plaintext", side: "server" })
      assert.deepInclude(error.reason, { _tag: "UnknownTubId", asked: nobody })
      for (const there of [yield* peer.next("failed"), yield* peer.next("unreachable")]) {
        assert.strictEqual(there.error, "BananaError")
        assert.include(
          there.text,
          `not right, got 'HTTP/1.1 404 Not Found: unknown TubID ${nobody}', expected 101 Switching Protocols`
        )
      }
    })
  )

  it.live("fails the whole dial with a list of the one hint that was tried", () =>
    Effect.gen(function* () {
      const { peer, tub } = yield* pair()
      const error = yield* Effect.flip(tub.dial({ tubId: nobody, hints: [peer.hint] }))
      assert.deepStrictEqual(
        error.attempts.map(({ hint }) => hint),
        [peer.hint]
      )
      assert.include(error.message, `${peer.hint}: Plaintext: the peer refused: unknown TubID ${nobody}`)
    })
  )
})

// On a mismatch both sides complain at once. Which of the two texts Foolscap keeps depends on whether ours arrives before
// its connection is closed (N24).
describeWith(["python3-foolscap"], "Without a common version", () => {
  const cases = [
    {
      name: "when Foolscap is too old",
      versions: [1, 2],
      reason: { what: "banana version", ours: "3 3", theirs: "1 2", unable: "ours", best: 2 },
      ours: "I can't handle banana version 2",
      theirs: "You can't handle banana version 2"
    },
    {
      name: "when Foolscap is too new",
      versions: [4, 4],
      reason: { what: "banana version", ours: "3 3", theirs: "4 4", unable: "theirs", best: 3 },
      ours: "You can't handle banana version 3",
      theirs: "I can't handle banana version 3"
    }
  ] as const

  for (const { name, ours, reason, theirs, versions } of cases) {
    it.live(`both sides say so, ${name}`, () =>
      Effect.gen(function* () {
        const { peer, tub } = yield* pair({ versions })
        const port = yield* tub.listen
        const client = yield* tub.failureAt(peer.hint, peer.tubId)
        const beforeUs = yield* peer.next("failed")
        peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
        const server = yield* port.failed
        for (const [side, error] of [
          ["client", client],
          ["server", server]
        ] as const) {
          assert.instanceOf(error, NegotiationError)
          assert.deepInclude(error, { phase: "Encrypted", side })
          assert.deepInclude(error.reason, { _tag: "NoOverlap", ...reason })
        }
        for (const there of [beforeUs, yield* peer.next("failed"), yield* peer.next("unreachable")]) {
          assert.include(
            [`RemoteNegotiationError: ${ours}`, `NegotiationError: ${theirs}`],
            `${there.error}: ${there.text}`
          )
        }
      })
    )
  }
})
