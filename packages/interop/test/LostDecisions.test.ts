import { TlsVersions } from "@effect-foolscap/node/SecureContext"
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { parallelLimit } from "@effect-foolscap/negotiation/policy/Duplicate"
import { assert, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import * as Relay from "../src/Relay.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"

// With this version the relay can tell a Decision from the handshake.
const tls = "TLSv1.2"

/** How many records a server's Hello takes: we write it at once, Foolscap line by line. */
const helloRecords = { ours: 1, foolscaps: 5 }

/** Runs an effect on a clock that is ahead of everybody else's. */
const afterwards = <A, E, R>(ahead: Duration.Duration, effect: Effect.Effect<A, E, R>) =>
  Effect.clockWith((clock) => {
    const nanos = BigInt(Duration.toMillis(ahead)) * 1_000_000n
    return Effect.provideService(effect, Clock.Clock, {
      currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
      currentTimeMillis: clock.currentTimeMillis,
      currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
      currentTimeNanos: clock.currentTimeNanos,
      monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe() + nanos,
      monotonicTimeNanos: Effect.map(clock.monotonicTimeNanos, (now) => now + nanos),
      sleep: (duration) => clock.sleep(duration)
    })
  })

describeWith(["python3-foolscap"], "When our Decision was lost", () => {
  const begin = Effect.gen(function* () {
    const peer = yield* FoolscapPeer.start({ tls })
    const identity = yield* Identities.makeFor("Master", peer.tubId)
    return { peer, identity, tub: yield* OurTub.make(identity) }
  })

  /** Foolscap dials, and does not hear that it has a link. */
  const lose = Effect.fnUntraced(function* (peer: FoolscapPeer.FoolscapPeer, tub: OurTub.OurTub, port: OurTub.Port) {
    const relay = yield* Relay.losing(port.port, { from: "tub", records: helloRecords.ours })
    peer.tell({ do: "dial", tubId: tub.tubId, hints: [relay.hint] })
    const link = yield* port.linked
    assert.isFalse(peer.has("connected"))
    return { link, relay }
  })

  const refuses = Effect.fnUntraced(function* (
    peer: FoolscapPeer.FoolscapPeer,
    tub: OurTub.OurTub,
    port: OurTub.Port,
    row: "never-heard-of-us" | "parallel-after-restart" | "knows-an-older-one"
  ) {
    peer.tell({ do: "redial", tubId: tub.tubId, hints: [port.hint] })
    const error = yield* port.failed
    assert.instanceOf(error, NegotiationError)
    assert.deepInclude(error.reason, { _tag: "DuplicateConnection", row })
    assert.strictEqual((yield* peer.next("failed")).text, "Banana negotiation failed: Duplicate connection")
  })

  it.live("on the first link, we refuse a Foolscap that never heard of it, until the link is gone", () =>
    Effect.gen(function* () {
      const { peer, tub } = yield* begin
      const port = yield* tub.listen
      const { link, relay } = yield* lose(peer, tub, port)
      yield* refuses(peer, tub, port, "never-heard-of-us")

      yield* relay.hangUpOn("tub")
      yield* link.ended
      peer.tell({ do: "redial", tubId: tub.tubId, hints: [port.hint] })
      const next = yield* port.linked
      assert.strictEqual(next.seqnum, 2)
      yield* Ping.answered(next)
    })
  )

  it.live("on a later link, we refuse a Foolscap that knows the one before", () =>
    Effect.gen(function* () {
      const { peer, tub } = yield* begin
      const port = yield* tub.listen
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
      yield* (yield* port.linked).close
      yield* peer.next("connected")
      yield* peer.next("closed")

      const { link } = yield* lose(peer, tub, port)
      assert.strictEqual(link.seqnum, 2)
      yield* refuses(peer, tub, port, "knows-an-older-one")
    })
  )

  it.live("by a restarted Tub of ours, a Foolscap that knows the one before replaces the link, but not at once", () =>
    Effect.gen(function* () {
      const { identity, peer, tub: before } = yield* begin
      const known = yield* before.listen
      peer.tell({ do: "dial", tubId: before.tubId, hints: [known.hint] })
      yield* (yield* known.linked).close
      yield* peer.next("connected")
      yield* peer.next("closed")

      const after = yield* OurTub.make(identity)
      const port = yield* after.listen
      const { link } = yield* lose(peer, after, port)
      // For a while it may be a parallel attempt.
      yield* refuses(peer, after, port, "parallel-after-restart")
      const later = yield* afterwards(parallelLimit, after.listen)
      peer.tell({ do: "redial", tubId: after.tubId, hints: [later.hint] })
      const next = yield* later.linked
      assert.deepStrictEqual(yield* link.ended, LinkEnd.Replaced())
      assert.strictEqual((yield* peer.next("connected")).seqnum, next.seqnum)
      yield* Ping.answered(next)
    })
  )
})

describeWith(["python3-foolscap"], "When Foolscap's Decision was lost", () => {
  const begin = Effect.fnUntraced(function* (pem?: string) {
    const peer = yield* FoolscapPeer.start(pem === undefined ? {} : { pem })
    return { peer, tub: yield* OurTub.make(yield* Identities.makeFor("NonMaster", peer.tubId)) }
  })

  /** We dial, and do not hear that we have a link. */
  const lose = Effect.fnUntraced(function* (peer: FoolscapPeer.FoolscapPeer, tub: OurTub.OurTub) {
    const relay = yield* Relay.losing(peer.port, { from: "tub", records: helloRecords.foolscaps })
    const dialling = tub.dial({ tubId: peer.tubId, hints: [relay.hint] })
    const waiting = yield* Effect.forkChild(Effect.provideService(dialling, TlsVersions, { min: tls, max: tls }))
    const { seqnum } = yield* peer.next("connected")
    assert.isUndefined(waiting.pollUnsafe())
    return { relay, seqnum }
  })

  const isRefused = Effect.fnUntraced(function* (peer: FoolscapPeer.FoolscapPeer, tub: OurTub.OurTub) {
    const error = yield* tub.failureAt(peer.hint, peer.tubId)
    assert.instanceOf(error, NegotiationError)
    assert.deepInclude(error.reason, { _tag: "PeerRefused", text: "Duplicate connection" })
    assert.strictEqual((yield* peer.next("failed")).error, "DuplicateConnection")
  })

  it.live("on the first link, it refuses us until it has noticed that the link is gone", () =>
    Effect.gen(function* () {
      const { peer, tub } = yield* begin()
      const { relay } = yield* lose(peer, tub)
      yield* isRefused(peer, tub)

      yield* relay.hangUpOn("tub")
      yield* peer.next("closed")
      const next = yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
      assert.strictEqual(next.seqnum, 2)
      yield* Ping.answered(next)
    })
  )

  it.live("on a later link, it refuses us because we know the one before", () =>
    Effect.gen(function* () {
      const { peer, tub } = yield* begin()
      yield* (yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })).close
      yield* peer.next("connected")
      yield* peer.next("closed")

      const { seqnum } = yield* lose(peer, tub)
      assert.strictEqual(seqnum, 2)
      yield* isRefused(peer, tub)
    })
  )

  it.live("by a restarted Foolscap, we replace the link because we know the one before", () =>
    Effect.gen(function* () {
      const pem = join(yield* Scratch.folder, "tub.pem")
      const { peer: before, tub } = yield* begin(pem)
      yield* tub.dial({ tubId: before.tubId, hints: [before.hint] })
      yield* before.kill

      const after = yield* FoolscapPeer.start({ pem })
      yield* lose(after, tub)
      const next = yield* tub.dial({ tubId: after.tubId, hints: [after.hint] })
      assert.include((yield* after.next("ended")).text, "replaced by a new connection")
      assert.strictEqual((yield* after.next("connected")).seqnum, next.seqnum)
      yield* Ping.answered(next)
    })
  )
})
