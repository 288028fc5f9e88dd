import { Deadline } from "@effect-foolscap/negotiation/NegotiationService"
import { NegotiationError, type Reason } from "@effect-foolscap/negotiation/NegotiationError"
import type { Role } from "@effect-foolscap/negotiation/policy/Master"
import { assert, it } from "@effect/vitest"
import * as TubId from "@effect-foolscap/furl/TubId"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import * as Relay from "../src/Relay.ts"
import { describeWith } from "../src/Requirements.ts"

const nobody = TubId.TubId.make("a".repeat(32))

const reasonOf = (arrival: OurTub.Arrival): Reason => {
  assert.instanceOf(arrival, NegotiationError)
  assert.strictEqual(arrival.side, "server")
  return arrival.reason
}

/** Foolscap dials us, and we have this role. */
const reach = Effect.fnUntraced(function* (role: Role, options: FoolscapPeer.Options) {
  const peer = yield* FoolscapPeer.start(options)
  const tub = yield* OurTub.make(yield* Identities.makeFor(role, peer.tubId))
  const port = yield* tub.listen
  peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
  return { peer, tub, port }
})

/** It reports this of the attempt, and tells its caller the same. */
const isShown = Effect.fnUntraced(function* (peer: FoolscapPeer.FoolscapPeer, text: string) {
  for (const there of [yield* peer.next("failed"), yield* peer.next("unreachable")]) {
    assert.strictEqual(there.error, "RemoteNegotiationError")
    assert.strictEqual(there.text, `Banana negotiation failed: ${text}`)
  }
  assert.isFalse(peer.has("connected"))
})

describeWith(["python3-foolscap"], "Before its GET is answered, a Foolscap client is told", () => {
  for (const { answer, find, name } of [
    {
      name: "that time is up",
      find: Effect.never,
      answer: "HTTP/1.1 408 Request Timeout: not negotiated within 100ms"
    },
    {
      name: "that something is wrong here, and not what",
      find: Effect.die("a secret"),
      answer: "HTTP/1.1 500 Internal Server Error: internal server error, see logs"
    }
  ]) {
    it.live(name, () =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start()
        const listening = OurTub.listenLooking(find)
        const port = yield* Effect.provideService(listening, Deadline, Duration.millis(100))
        peer.tell({ do: "dial", tubId: nobody, hints: [port.hint] })
        for (const there of [yield* peer.next("failed"), yield* peer.next("unreachable")]) {
          assert.include(there.text, `not right, got '${answer}', expected 101 Switching Protocols`)
        }
      })
    )
  }
})

describeWith(["python3-foolscap"], "By an error block, a Foolscap client is told", () => {
  const cases: ReadonlyArray<{
    readonly name: string
    readonly options: FoolscapPeer.Options
    readonly reason: Reason["_tag"]
    /** What it is told, where that is not just our reason's message. */
    readonly text?: string
  }> = [
    {
      name: "that there is no vocabulary in common",
      options: { says: { "initial-vocab-table-range": "2 3" } },
      reason: "NoOverlap",
      text: "You can't handle initial vocab set 1"
    },
    {
      name: "that it is too old",
      options: { says: { "banana-negotiation-range": "", "banana-negotiation-version": "1" } },
      reason: "OldDialect",
      text: "Peer is speaking foolscap-0.0.5 or earlier, which is not compatible with this version. Please upgrade the peer."
    },
    {
      name: "that it offers no version",
      options: { says: { "banana-negotiation-range": "" } },
      reason: "NoVersions",
      text: "No valid banana-negotiation sequence seen"
    },
    {
      name: "that its offer cannot be read",
      options: { says: { "banana-negotiation-range": "three" } },
      reason: "MalformedBlock"
    },
    {
      name: "that its Hello is too long",
      options: { says: { "x-extension": "x".repeat(4096) } },
      reason: "HeaderTooLong"
    },
    {
      name: "that it may not force anything on us",
      options: { says: { "negotiation-forced": "True" } },
      reason: "NegotiationForced"
    },
    {
      name: "that it has no certificate for its claim",
      options: { bare: true },
      reason: "ClaimWithoutCertificate"
    },
    {
      name: "that it makes no claim with its certificate",
      options: { says: { "my-tub-id": "" } },
      reason: "CertificateWithoutClaim"
    },
    {
      name: "that it is nobody",
      options: { bare: true, says: { "my-tub-id": "" } },
      reason: "AnonymousPeer"
    },
    {
      name: "that it wants to speak something else than we do",
      options: { says: { "application-protocols": "chess" } },
      reason: "NoAgreement"
    }
  ]
  for (const { name, options, reason: tag, text } of cases) {
    it.live(name, () =>
      Effect.gen(function* () {
        // As Master it would take our refusal for Banana (N25).
        const { peer, port } = yield* reach("Master", options)
        const reason = reasonOf(yield* port.arrived)
        assert.strictEqual(reason._tag, tag)
        yield* isShown(peer, text ?? reason.message)
      })
    )
  }

  it.live("that what it remembers cannot be read, once that matters, and the link goes on", () =>
    Effect.gen(function* () {
      const { peer, port, tub } = yield* reach("Master", { says: { "last-connection": "long ago" } })
      const link = yield* port.linked
      yield* peer.next("connected")
      peer.tell({ do: "redial", tubId: tub.tubId, hints: [port.hint] })
      const reason = reasonOf(yield* port.arrived)
      assert.strictEqual(reason._tag, "MalformedBlock")
      assert.include(reason.message, 'last-connection is "long ago"')
      assert.strictEqual((yield* peer.next("failed")).text, `Banana negotiation failed: ${reason.message}`)
      yield* Ping.answered(link)
    })
  )
})

describeWith(["python3-foolscap"], "By an ERROR token, a Foolscap Master is told", () => {
  for (const { name, says, text } of [
    {
      name: "that its vocabulary is another one",
      says: { "initial-vocab-table-index": "1 0000" },
      text: "Our hash for vocab-table-index 1 (bb33) does not match your hash (0000)"
    },
    {
      name: "that its vocabulary is unknown",
      says: { "initial-vocab-table-index": "7 bb33" },
      text: "I can't handle initial vocab table index 7"
    },
    {
      name: "that its version is unknown",
      says: { "banana-decision-version": "4" },
      text: "I cannot handle banana-decision-version value of 4"
    },
    {
      name: "that it has decided for no version",
      says: { "banana-decision-version": "" },
      text: "No banana-decision-version value"
    }
  ]) {
    it.live(name, () =>
      Effect.gen(function* () {
        const { peer, port } = yield* reach("NonMaster", { says })
        reasonOf(yield* port.arrived)
        yield* peer.next("connected")
        assert.strictEqual((yield* peer.next("told")).text, text)
        assert.strictEqual((yield* peer.next("closed")).error, "ConnectionDone")
      })
    )
  }
})

describeWith(["python3-foolscap"], "After TLS, a Foolscap client is told that time is up", () => {
  const within = Duration.seconds(2)
  const text = "not negotiated within 2s"

  /** What Foolscap says after so many records never arrives here. */
  const losing = Effect.fnUntraced(function* (role: Role, records: number) {
    const peer = yield* FoolscapPeer.start({ tls: "TLSv1.2" })
    const made = OurTub.make(yield* Identities.makeFor(role, peer.tubId))
    const tub = yield* Effect.provideService(made, Deadline, within)
    const port = yield* tub.listen
    const relay = yield* Relay.losing(port.port, { from: "client", records })
    peer.tell({ do: "dial", tubId: tub.tubId, hints: [relay.hint] })
    const reason = reasonOf(yield* port.arrived)
    assert.deepInclude(reason, { _tag: "DeadlineExceeded", after: within })
    return peer
  })

  it.live("by an error block, if its Hello was lost", () =>
    Effect.gen(function* () {
      yield* isShown(yield* losing("Master", 0), text)
    })
  )

  it.live("by an ERROR token, if it is the Master and its Decision was lost", () =>
    Effect.gen(function* () {
      // A client's Hello is five lines and an empty one.
      const peer = yield* losing("NonMaster", 6)
      yield* peer.next("connected")
      assert.strictEqual((yield* peer.next("told")).text, text)
    })
  )
})
