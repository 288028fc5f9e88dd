import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { LocalTub } from "../../src/LocalTub.ts"
import type { Side } from "../../src/policy/Master.ts"
import * as MemoryTransport from "../../src/testing/MemoryTransport.ts"
import type { Credentials } from "../../src/Transport.ts"
import { clientHello, converse, decision, errorBlock, hello, other, singly, underTls } from "../Peer.ts"
import { high, low, side, stranger } from "../Sides.ts"

const errorOf = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined)

/** Both sides, in both roles. */
const everywhere: ReadonlyArray<readonly [Side, LocalTub]> = [
  ["client", low],
  ["client", high],
  ["server", low],
  ["server", high]
]
const helloOf = (on: Side, self: LocalTub) => (on === "client" ? clientHello(self) : hello(self))

interface Lie {
  readonly claim: string
  /** What the peer says, and with what it proves itself. */
  readonly says: (peer: LocalTub) => string
  readonly proves?: Credentials
  readonly outcome: string
  /** What it is told in an error block; nothing if there is none. */
  readonly told: ((peer: LocalTub) => string) | undefined
}

const lies: ReadonlyArray<Lie> = [
  {
    claim: "a Hello whose certificate belongs to another Tub (N16)",
    says: (peer) => hello(peer),
    proves: stranger.credentials,
    outcome: "TubIdMismatch",
    told: (peer) => `TubID mismatch: the peer claims "${peer.tubId}" but proved to be ${stranger.tubId}`
  },
  {
    claim: "a Hello that claims a Tub in upper case (N2, N16)",
    says: (peer) => hello(peer, { "my-tub-id": peer.tubId.toUpperCase() }),
    outcome: "TubIdMismatch",
    told: (peer) => `TubID mismatch: the peer claims "${peer.tubId.toUpperCase()}" but proved to be ${peer.tubId}`
  },
  {
    claim: "a Hello that claims a Tub with a space behind it (N5, N16)",
    says: (peer) => hello(peer, { "my-tub-id": `${peer.tubId} ` }),
    outcome: "TubIdMismatch",
    told: (peer) => `TubID mismatch: the peer claims "${peer.tubId} " but proved to be ${peer.tubId}`
  },
  {
    claim: "a Hello that claims a Tub without a certificate (N16)",
    says: (peer) => hello(peer),
    proves: MemoryTransport.anonymous,
    outcome: "ClaimWithoutCertificate",
    told: (peer) => `you must use a certificate to claim a TubID (claimed: ${peer.tubId})`
  },
  {
    claim: "a certificate without a claim (N16)",
    says: (peer) => hello(peer, { "my-tub-id": undefined }),
    outcome: "CertificateWithoutClaim",
    told: (peer) => `the peer proved to be ${peer.tubId} but claims no TubID`
  },
  {
    claim: "an anonymous peer (N16)",
    says: (peer) => hello(peer, { "my-tub-id": undefined }),
    proves: MemoryTransport.anonymous,
    outcome: "AnonymousPeer",
    told: () => "the peer has neither a certificate nor a TubId; anonymous peers are not accepted here"
  },
  {
    claim: "an empty claim for what it is: not the proven Tub (N16)",
    says: (peer) => hello(peer, { "my-tub-id": "" }),
    outcome: "TubIdMismatch",
    told: (peer) => `TubID mismatch: the peer claims "" but proved to be ${peer.tubId}`
  },
  {
    claim: "a Hello of 2006 (N15 row 3)",
    says: () => "banana-negotiation-version: 1\r\n\r\n",
    outcome: "OldDialect",
    told: () =>
      "Peer is speaking foolscap-0.0.5 or earlier, which is not compatible with this version. Please upgrade the peer."
  },
  {
    claim: "a Hello without versions (N15 row 4)",
    says: (peer) => hello(peer, { "banana-negotiation-range": undefined }),
    outcome: "NoVersions",
    told: () => "No valid banana-negotiation sequence seen"
  },
  {
    claim: "a peer that is too new (N18)",
    says: (peer) => hello(peer, { "banana-negotiation-range": "4 5" }),
    outcome: "NoOverlap",
    told: () => "You can't handle banana version 3"
  },
  {
    claim: "a peer that is too old (N18)",
    says: (peer) => hello(peer, { "banana-negotiation-range": "1 2" }),
    outcome: "NoOverlap",
    told: () => "I can't handle banana version 2"
  },
  {
    claim: "a peer that forces its parameters (N15 row 7)",
    says: (peer) => hello(peer, { "negotiation-forced": "TrUe" }),
    outcome: "NegotiationForced",
    told: () => "the peer forces its own parameters on us, which is not supported"
  },
  {
    claim: "a block without a colon (N5)",
    says: () => "nonsense\r\n\r\n",
    outcome: "MalformedBlock",
    told: () => "the peer sent a block that cannot be read: it has a line without a colon"
  },
  {
    claim: "an empty block (N5)",
    says: () => "\r\n\r\n",
    outcome: "MalformedBlock",
    told: () => "the peer sent a block that cannot be read: it has a line without a colon"
  },
  {
    claim: "a block that is not UTF-8 (N5)",
    says: () => "a: \u00ff\r\n\r\n",
    outcome: "MalformedBlock",
    told: () => "the peer sent a block that cannot be read: it is not UTF-8"
  },
  {
    claim: "4097 bytes without an end (N6)",
    says: () => "x".repeat(4097),
    outcome: "HeaderTooLong",
    told: () => "the peer sent more than 4096 bytes without ending its header"
  },
  {
    claim: "a refusal, without an answer (N15 row 2, N24)",
    says: () => errorBlock("go away"),
    outcome: "PeerRefused",
    told: undefined
  },
  // The first failure is the result, in Foolscap's order (N15).
  {
    claim: "a peer of the wrong version before it judges its identity (N15)",
    says: (peer) => hello(peer, { "banana-negotiation-range": "4 5", "negotiation-forced": "True" }),
    proves: stranger.credentials,
    outcome: "NoOverlap",
    told: () => "You can't handle banana version 3"
  },
  {
    claim: "forced parameters before it judges the identity (N15)",
    says: (peer) => hello(peer, { "negotiation-forced": "True" }),
    proves: stranger.credentials,
    outcome: "NegotiationForced",
    told: () => "the peer forces its own parameters on us, which is not supported"
  }
]

describe("The ENCRYPTED phase", () => {
  for (const { claim, outcome, proves, says, told } of lies) {
    for (const [on, self] of everywhere) {
      it.effect(`of a ${on} (${self === high ? "Master" : "NonMaster"}) refuses ${claim}`, () =>
        Effect.gen(function* () {
          const peer = other(self)
          const service = yield* side(self)
          const found = yield* converse(service, on, underTls(on, self, proves ?? peer.credentials, says(peer)))
          assert.strictEqual(found.outcome, `Encrypted ${outcome}`)
          assert.deepInclude(errorOf(found.exit), { side: on })
          const words = told === undefined ? "" : errorBlock(told(peer))
          assert.strictEqual(found.heard.secret, helloOf(on, self) + words)

          const good = underTls(on, self, peer.credentials, hello(peer) + (self === low ? decision() : ""))
          assert.match((yield* converse(service, on, good)).outcome, /^connected/, "the others are still served")
        })
      )
    }
  }

  for (const self of [low, high]) {
    it.effect(`of a client (${self === high ? "Master" : "NonMaster"}) refuses a Tub that it did not dial (N16)`, () =>
      Effect.gen(function* () {
        const service = yield* side(self)
        const script = underTls("client", self, stranger.credentials, hello(stranger))
        const { exit, heard, outcome } = yield* converse(service, "client", script)
        const wanted = other(self).tubId
        assert.strictEqual(outcome, "Encrypted WrongTub")
        assert.deepInclude(String(errorOf(exit)), `wanted ${wanted}, reached ${stranger.tubId}`)
        assert.strictEqual(
          heard.secret,
          clientHello(self) + errorBlock(`connected to the wrong Tub: wanted ${wanted}, reached ${stranger.tubId}`)
        )
      })
    )
  }

  it.effect("of a server takes any Tub that proves itself", () =>
    Effect.gen(function* () {
      const script = underTls("server", high, stranger.credentials, hello(stranger))
      assert.strictEqual((yield* converse(yield* side(high), "server", script)).outcome, "connected as Master")
    })
  )

  for (const forced of ["False", "", "yes", "1", "true "]) {
    it.effect(`ignores negotiation-forced: ${JSON.stringify(forced)} (N15 row 7)`, () =>
      Effect.gen(function* () {
        const script = underTls("server", high, low.credentials, hello(low, { "negotiation-forced": forced }))
        assert.strictEqual((yield* converse(yield* side(high), "server", script)).outcome, "connected as Master")
      })
    )
  }

  it.effect("takes a peer that offers more versions, other orders and keys that nobody knows (N5, N18)", () =>
    Effect.gen(function* () {
      const says = hello(low, {
        "banana-negotiation-range": "1 9",
        "MY-TUB-ID": low.tubId,
        "my-tub-id": undefined,
        x: "y"
      })
      const script = underTls("server", high, low.credentials, says)
      assert.strictEqual((yield* converse(yield* side(high), "server", script)).outcome, "connected as Master")
    })
  )

  it.effect("does not depend on how the Hello is cut (N6)", () =>
    Effect.gen(function* () {
      for (const [on, self] of everywhere) {
        const peer = other(self)
        const good = underTls(on, self, peer.credentials, hello(peer) + (self === low ? decision() : ""))
        const service = yield* side(self)
        assert.match((yield* converse(service, on, good, { split: singly })).outcome, /^connected/)
      }
    })
  )
})
