import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import * as Relay from "../src/Relay.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"

const roles = ["Master", "NonMaster"] as const

/** Reads along until the link ends, as every owner of one does. */
const untilEnd = (connection: NegotiatedConnection) =>
  Effect.gen(function* () {
    const { pull } = yield* connection.socket.reader
    return yield* Effect.forever(pull)
  }).pipe(Effect.scoped, Effect.ignore, Effect.andThen(connection.ended))

describeWith(["python3-foolscap"], "When Foolscap was restarted and comes again", () => {
  for (const role of roles) {
    it.live(`its new link replaces the old one, with us as ${role}`, () =>
      Effect.gen(function* () {
        const pem = join(yield* Scratch.folder, "tub.pem")
        const before = yield* FoolscapPeer.start({ pem })
        const after = yield* FoolscapPeer.start({ pem })
        assert.strictEqual(after.tubId, before.tubId)
        const tub = yield* OurTub.make(yield* Identities.makeFor(role, before.tubId))
        const port = yield* tub.listen

        before.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
        const first = yield* port.linked
        after.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
        const second = yield* port.linked

        assert.deepStrictEqual(yield* first.ended, LinkEnd.Replaced())
        assert.strictEqual((yield* before.next("closed")).error, "ConnectionDone")
        assert.strictEqual(first.incarnations.remote, before.incarnation)
        assert.strictEqual(second.incarnations.remote, after.incarnation)
        // We count the links with one peer. A restarted Foolscap begins anew.
        const seqnum = role === "Master" ? 2 : 1
        assert.strictEqual(second.seqnum, seqnum)
        assert.strictEqual((yield* after.next("connected")).seqnum, seqnum)
        yield* Ping.answered(second)
      })
    )
  }
})

describeWith(["python3-foolscap"], "When we were restarted and come again", () => {
  for (const role of roles) {
    it.live(`Foolscap replaces the old link by the new one, with us as ${role}`, () =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start()
        const identity = yield* Identities.makeFor(role, peer.tubId)
        const [before, after] = [yield* OurTub.make(identity), yield* OurTub.make(identity)]

        const first = yield* before.dial({ tubId: peer.tubId, hints: [peer.hint] })
        yield* peer.next("connected")
        const second = yield* after.dial({ tubId: peer.tubId, hints: [peer.hint] })

        assert.deepStrictEqual(yield* untilEnd(first), LinkEnd.ClosedByPeer())
        const there = yield* peer.next("ended")
        assert.strictEqual(there.error, "DeadReferenceError")
        assert.include(there.text, "replaced by a new connection")
        const seqnum = role === "Master" ? 1 : 2
        assert.strictEqual(second.seqnum, seqnum)
        assert.strictEqual((yield* peer.next("connected")).seqnum, seqnum)
        yield* Ping.answered(second)
      })
    )
  }
})

describeWith(["python3-foolscap"], "When the dialler thinks that its link is dead", () => {
  it.live("a Foolscap that knows the link by its number replaces it", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("Master", peer.tubId))
      const port = yield* tub.listen
      for (const [seqnum, command] of [
        [1, "dial"],
        [2, "redial"],
        [3, "redial"]
      ] as const) {
        peer.tell({ do: command, tubId: tub.tubId, hints: [port.hint] })
        const connection = yield* port.linked
        assert.strictEqual(connection.seqnum, seqnum)
        assert.strictEqual((yield* peer.next("connected")).seqnum, seqnum)
        if (seqnum === 3) yield* Ping.answered(connection)
      }
    })
  )

  it.live("Foolscap lets us replace a link that we know by its number", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("NonMaster", peer.tubId))
      const first = yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
      const second = yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
      assert.deepStrictEqual([first.seqnum, second.seqnum], [1, 2])
      assert.deepStrictEqual(yield* first.ended, LinkEnd.Replaced())
      assert.include((yield* peer.next("ended")).text, "replaced by a new connection")
      yield* Ping.answered(second)
    })
  )
})

describeWith(["python3-foolscap"], "When several attempts are made at the same time", () => {
  it.live("we keep the first of Foolscap's and refuse the second as a duplicate", () =>
    Effect.gen(function* () {
      // It keeps our first Decision to itself until the second attempt has got its answer.
      const peer = yield* FoolscapPeer.start({ patient: true })
      const tub = yield* OurTub.make(yield* Identities.makeFor("Master", peer.tubId))
      const [one, other] = [yield* tub.listen, yield* tub.listen]
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [one.hint, other.hint] })

      const arrivals = yield* Effect.all([one.arrived, other.arrived], { concurrency: 2 })
      const [link] = arrivals.filter((arrival) => OurTub.isLink(arrival))
      const [refused] = arrivals.filter((arrival) => !OurTub.isLink(arrival))
      assert.instanceOf(refused, NegotiationError)
      assert.deepInclude(refused, { phase: "Deciding", side: "server", peer: peer.tubId })
      assert.deepInclude(refused.reason, { _tag: "DuplicateConnection", row: "never-heard-of-us" })

      const there = yield* peer.next("failed")
      assert.deepInclude(there, { phase: "Deciding", error: "RemoteNegotiationError" })
      assert.strictEqual(there.text, "Banana negotiation failed: Duplicate connection")
      const connected = yield* peer.next("connected")
      assert.notStrictEqual(connected.hint, there.hint)
      assert(link !== undefined)
      assert.strictEqual(connected.seqnum, link.seqnum)
      yield* Ping.answered(link)
    })
  )

  it.live("Foolscap keeps one of ours, and we hold on to that one", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("NonMaster", peer.tubId))
      // The same place under two names.
      const hints = [peer.hint, peer.hint.replace("127.0.0.1", "localhost")]
      const connection = yield* tub.dial({ tubId: peer.tubId, hints })
      yield* peer.next("failed")
      assert.strictEqual((yield* peer.next("connected")).seqnum, connection.seqnum)
      yield* Ping.answered(connection)
      assert.isFalse(peer.has("ended"))
    })
  )
})

describeWith(["python3-foolscap"], "When a second attempt is refused as a duplicate, the link goes on", () => {
  const refused = "Banana negotiation failed: Duplicate connection"

  /** The link is what it was on both sides, and works. */
  const goesOn = Effect.fnUntraced(function* (peer: FoolscapPeer.FoolscapPeer, link: NegotiatedConnection) {
    yield* Ping.answered(link)
    const [settled, ...more] = (yield* peer.settled).toReversed()
    assert(settled?.event === "settled")
    assert.deepStrictEqual(
      settled.links.map(({ peer, port }) => [peer, `127.0.0.1:${port}`]),
      [[link.local, link.remoteAddress]]
    )
    assert.notInclude(
      more.map(({ event }) => event),
      "ended"
    )
  })

  // A server does not say what it remembers, so a Master that dials twice always refuses itself (N22 row 1).
  it.live("and Foolscap hears so, when we are a Master that dials twice", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("Master", peer.tubId))
      const link = yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
      const error = yield* tub.failureAt(peer.hint, peer.tubId)
      assert.instanceOf(error, NegotiationError)
      assert.deepInclude(error, { phase: "Deciding", side: "client", peer: peer.tubId })
      assert.deepInclude(error.reason, { _tag: "DuplicateConnection", row: "old-peer-refused" })
      const there = yield* peer.next("failed")
      assert.deepInclude(there, { side: "server", phase: "Deciding", error: "RemoteNegotiationError", text: refused })
      yield* goesOn(peer, link)
    })
  )

  it.live("and we hear so, when Foolscap is a Master that dials twice", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("NonMaster", peer.tubId))
      const port = yield* tub.listen
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
      const link = yield* port.linked
      peer.tell({ do: "redial", tubId: tub.tubId, hints: [port.hint] })
      const error = yield* port.failed
      assert.instanceOf(error, NegotiationError)
      assert.deepInclude(error, { phase: "Deciding", side: "server", peer: peer.tubId })
      assert.deepInclude(error.reason, { _tag: "PeerRefused", text: "Duplicate connection" })
      const there = yield* peer.next("failed")
      assert.deepInclude(there, { side: "client", error: "DuplicateConnection", text: "Duplicate connection" })
      yield* goesOn(peer, link)
    })
  )

  it.live("and Foolscap hears so, when its attempt began before the link", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("Master", peer.tubId))
      const port = yield* tub.listen
      const relay = yield* Relay.to(port.port)
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [relay.hint] })
      yield* relay.answered
      peer.tell({ do: "redial", tubId: tub.tubId, hints: [port.hint] })
      const link = yield* port.linked
      yield* peer.next("connected")
      yield* relay.release

      const error = yield* port.failed
      assert.instanceOf(error, NegotiationError)
      assert.deepInclude(error.reason, { _tag: "DuplicateConnection", row: "never-heard-of-us" })
      const there = yield* peer.next("failed")
      assert.deepInclude(there, { side: "client", phase: "Deciding", error: "RemoteNegotiationError", text: refused })
      yield* goesOn(peer, link)
    })
  )

  it.live("and we hear so, when our attempt began before the link", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("NonMaster", peer.tubId))
      const port = yield* tub.listen
      const relay = yield* Relay.to(peer.port)

      // Ours has sent its GET when Foolscap's comes, and is overtaken by it.
      const dialling = yield* Effect.forkChild(Effect.flip(tub.dial({ tubId: peer.tubId, hints: [relay.hint] })))
      yield* relay.answered
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
      const link = yield* port.linked
      yield* relay.release

      // It knows of no link, so Foolscap refuses it (N22 row 3).
      const [attempt] = (yield* Fiber.join(dialling)).attempts
      assert.instanceOf(attempt?.error, NegotiationError)
      assert.deepInclude(attempt.error.reason, { _tag: "PeerRefused", text: "Duplicate connection" })
      assert.strictEqual((yield* peer.next("failed")).error, "DuplicateConnection")
      yield* goesOn(peer, link)
    })
  )
})
