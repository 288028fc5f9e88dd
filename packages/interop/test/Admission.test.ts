import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import type { Failed } from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Application from "../src/stories/Application.ts"

/** A Foolscap, a Tub of ours with this role towards it, and another Foolscap, the only one that may come in. */
const party = Effect.fnUntraced(function* (role: "Master" | "NonMaster") {
  const [stranger, friend] = [yield* FoolscapPeer.start(), yield* FoolscapPeer.start()]
  const tub = yield* Application.start(yield* Identities.makeFor(role, stranger.tubId))
  const door = yield* Application.open(Application.anyPort, {
    admit: (peer) => Effect.succeed(peer === friend.tubId)
  }).pipe(Effect.provideContext(tub.services))
  return { stranger, friend, door, here: { tubId: tub.tubId, hints: [Application.hintOf(door)] } }
})

const isRefused = (failed: Failed, { tubId }: FoolscapPeer.FoolscapPeer) => {
  assert(failed._tag === "NegotiationError" && failed.reason._tag === "NotAdmitted")
  assert.deepStrictEqual([failed.peer, failed.reason.peer], [tubId, tubId])
}

describeWith(["python3-foolscap"], "At a door that not everybody may come in by, a Foolscap", () => {
  it.live("that may not shows that it was not admitted, if we decide", () =>
    Effect.gen(function* () {
      const { door, here, stranger } = yield* party("Master")
      stranger.tell({ do: "dial", ...here })
      const { error, text } = yield* stranger.next("unreachable")
      assert.deepStrictEqual(
        [error, text],
        ["RemoteNegotiationError", `Banana negotiation failed: ${stranger.tubId} is not admitted here`]
      )
      isRefused(yield* door.failed, stranger)
    })
  )

  it.live("that may not has a link for a moment, if it decides, which is then closed without a reason", () =>
    Effect.gen(function* () {
      const { door, here, stranger } = yield* party("NonMaster")
      stranger.tell({ do: "dial", ...here })
      yield* stranger.next("connected")
      isRefused(yield* door.failed, stranger)
      assert.strictEqual((yield* stranger.next("ended")).error, "ConnectionDone")
      assert.deepStrictEqual((yield* stranger.settled).at(-1), { event: "settled", links: [] })
      assert.isFalse(stranger.has("unreachable"))
    })
  )

  it.live("that may gets its link", () =>
    Effect.gen(function* () {
      const { door, friend, here } = yield* party("Master")
      friend.tell({ do: "dial", ...here })
      const link = yield* door.linked
      assert.strictEqual(link.peer, friend.tubId)
      yield* Ping.answered(link)
    })
  )
})
