import * as TubId from "@effect-foolscap/furl/TubId"
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import * as LocalTub from "@effect-foolscap/negotiation/LocalTub"
import { Whereabouts } from "@effect-foolscap/negotiation/LocalTubs"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import type { Role, Side } from "@effect-foolscap/negotiation/policy/Master"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import { describeWith } from "../src/Requirements.ts"

const nobody = TubId.TubId.make("a".repeat(32))

const roles = ["Master", "NonMaster"] as const

/**
 * How a Foolscap hears that we do not believe who it is. As NonMaster it waits for our Decision and reads a refusal. As
 * Master it is in Banana already, takes the refusal for a token, and has had a link for a moment (N25).
 */
const refusedThere = Effect.fnUntraced(function* (peer: FoolscapPeer.FoolscapPeer, ours: Role, text: string) {
  if (ours === "Master") {
    const there = yield* peer.next("failed")
    assert.deepInclude(there, { error: "RemoteNegotiationError", text: `Banana negotiation failed: ${text}` })
  } else {
    assert.strictEqual((yield* peer.next("connected")).role, "Master")
    assert.strictEqual((yield* peer.next("closed")).error, "ConnectionDone")
  }
})

const assertMismatch = (error: unknown, side: Side, claimed: TubId.TubId): string => {
  assert.instanceOf(error, NegotiationError)
  assert.deepInclude(error, { phase: "Encrypted", side })
  assert(error.reason._tag === "TubIdMismatch")
  assert.strictEqual(error.reason.claimed, claimed)
  assert.notStrictEqual(error.reason.proven, claimed)
  return error.reason.message
}

describeWith(["python3-foolscap"], "A Foolscap with another certificate than it should have", () => {
  for (const role of roles) {
    it.live(`does not get through with a claim it cannot prove, to us as ${role}`, () =>
      Effect.gen(function* () {
        const claimed = (yield* Identities.make()).tubId
        const peer = yield* FoolscapPeer.start({ claim: claimed })
        const tub = yield* OurTub.make(yield* Identities.makeFor(role, claimed))

        const client = yield* tub.failureAt(peer.hint, claimed)
        yield* refusedThere(peer, role, assertMismatch(client, "client", claimed))

        const port = yield* tub.listen
        peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
        const server = yield* port.failed
        yield* refusedThere(peer, role, assertMismatch(server, "server", claimed))
      })
    )

    it.live(`does not get through as somebody we did not dial, to us as ${role}`, () =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start({ any: true })
        const tub = yield* OurTub.make(yield* Identities.makeFor(role, peer.tubId))
        const error = yield* tub.failureAt(peer.hint, nobody)
        assert.instanceOf(error, NegotiationError)
        assert.deepInclude(error, { phase: "Encrypted", side: "client" })
        assert.deepInclude(error.reason, { _tag: "WrongTub", wanted: nobody, proven: peer.tubId })
        yield* refusedThere(peer, role, error.reason.message)
      })
    )
  }
})

describeWith(["python3-foolscap"], "A Listener of ours with another certificate than it should have", () => {
  // After its error Foolscap reads on (N24). If our Decision gets there before its connection is closed, it takes that
  // for a second Hello, and its caller is told what is wrong with it.
  const misread = "NegotiationError: No valid banana-negotiation sequence seen"

  for (const role of roles) {
    for (const { lie, name, told } of [
      { name: "claims what it cannot prove", lie: "claim", told: "BananaError: BananaError: ('TubID mismatch',)" },
      { name: "is not who was dialled", lie: "none", told: "BananaError: BananaError: ('connected to the wrong Tub',)" }
    ] as const) {
      it.live(`is refused by Foolscap when it ${name}, as ${role}`, () =>
        Effect.gen(function* () {
          const peer = yield* FoolscapPeer.start()
          const honest = yield* LocalTub.make(yield* Identities.makeFor(role, peer.tubId))
          const other = yield* Identities.makeFor(role, peer.tubId)
          const tub: LocalTub.LocalTub = { ...honest, tubId: lie === "claim" ? other.tubId : honest.tubId }
          const port = yield* OurTub.listenAs(Whereabouts.Here({ tub }))
          peer.tell({ do: "dial", tubId: other.tubId, hints: [port.hint] })

          const text = "internal server error, see logs"
          if (role === "Master") {
            // The refusal comes when our Decision is on its way, so there is a link, and it is the link that ends (N25).
            const connection = yield* port.linked
            const { pull } = yield* connection.socket.reader
            const error = yield* Effect.flip(pull)
            assert(error.reason._tag === "SocketReadError")
            assert.deepInclude(error.reason.cause, { _tag: "PeerRefused", text })
            assert.deepStrictEqual(yield* connection.ended, LinkEnd.RefusedByPeer({ text }))
          } else {
            const error = yield* port.failed
            assert.instanceOf(error, NegotiationError)
            assert.deepInclude(error, { phase: "Deciding", side: "server", peer: peer.tubId })
            assert.deepInclude(error.reason, { _tag: "PeerRefused", text })
          }

          for (const there of [yield* peer.next("failed"), yield* peer.next("unreachable")]) {
            assert.include(role === "Master" ? [told, misread] : [told], `${there.error}: ${there.text}`)
          }
          assert.isFalse(peer.has("connected"))
        })
      )
    }
  }
})
