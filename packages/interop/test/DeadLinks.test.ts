import * as Certificate from "@effect-foolscap/node/Certificate"
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import * as Relay from "../src/Relay.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"
import * as TubCommand from "../src/TubCommand.ts"

const roles = ["Master", "NonMaster"] as const

/** Shows that nobody here has noticed anything, and gives the end that is to come. */
const stillBelieved = Effect.fnUntraced(function* (connection: NegotiatedConnection) {
  const ended = yield* Effect.forkChild(connection.ended, { startImmediately: true })
  assert.isUndefined(ended.pollUnsafe())
  return Fiber.join(ended)
})

describeWith(["python3-foolscap"], "When a process was killed and its peer has not noticed", () => {
  for (const role of roles) {
    it.live(`Foolscap's next one replaces the link at once, with us as ${role}`, () =>
      Effect.gen(function* () {
        const pem = join(yield* Scratch.folder, "tub.pem")
        const before = yield* FoolscapPeer.start({ pem })
        const tub = yield* OurTub.make(yield* Identities.makeFor(role, before.tubId))
        const port = yield* tub.listen
        const relay = yield* Relay.through(port.port)

        before.tell({ do: "dial", tubId: tub.tubId, hints: [relay.hint] })
        const first = yield* port.linked
        yield* before.next("connected")
        yield* relay.cut
        yield* before.kill
        const end = yield* stillBelieved(first)

        const after = yield* FoolscapPeer.start({ pem })
        after.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
        const second = yield* port.linked
        assert.deepStrictEqual(yield* end, LinkEnd.Replaced())
        assert.strictEqual(second.incarnations.remote, after.incarnation)
        assert.strictEqual((yield* after.next("connected")).seqnum, second.seqnum)
        yield* Ping.answered(second)
      })
    )

    it.live(`our next one replaces the link at once, with us as ${role}`, () =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start()
        const identity = yield* Identities.makeFor(role, peer.tubId)
        const file = join(yield* Scratch.folder, "tub.pem")
        writeFileSync(file, Redacted.value(Certificate.toPem(identity)))
        const relay = yield* Relay.through(peer.port)
        const dial = (hint: string) =>
          TubCommand.start("dial", `pb://${peer.tubId}@${hint}/name`, "--identity", file, "--hold", "1m")

        const before = yield* dial(relay.hint)
        yield* before.next("negotiated")
        yield* peer.next("connected")
        yield* relay.cut
        before.signal("SIGKILL")
        assert.strictEqual(yield* before.exitCode, -1)
        assert.isFalse(peer.has("ended"))

        const after = yield* dial(peer.hint)
        const here = yield* after.next("negotiated")
        assert.include((yield* peer.next("ended")).text, "replaced by a new connection")
        const there = yield* peer.next("connected")
        assert.strictEqual(there.seqnum, here["seqnum"])
        assert.deepStrictEqual((yield* peer.settled).at(-1), {
          event: "settled",
          links: [{ peer: identity.tubId, port: peer.port }]
        })
      })
    )
  }
})

describeWith(["python3-foolscap"], "When the NonMaster has lost its link and the Master has not noticed", () => {
  it.live("Foolscap comes again, and replaces the link that it knows by its number", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("Master", peer.tubId))
      const port = yield* tub.listen
      const relay = yield* Relay.through(port.port)
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [relay.hint] })
      const first = yield* port.linked
      yield* peer.next("connected")
      yield* relay.cut
      yield* relay.hangUpOn("client")
      yield* peer.next("closed")
      const end = yield* stillBelieved(first)

      peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
      const second = yield* port.linked
      assert.deepStrictEqual(yield* end, LinkEnd.Replaced())
      assert.deepStrictEqual([first.seqnum, second.seqnum], [1, 2])
      yield* Ping.answered(second)
    })
  )

  it.live("we come again, and replace the link that we know by its number", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("NonMaster", peer.tubId))
      const relay = yield* Relay.through(peer.port)
      const first = yield* tub.dial({ tubId: peer.tubId, hints: [relay.hint] })
      yield* peer.next("connected")
      yield* relay.cut
      yield* relay.hangUpOn("client")
      yield* first.ended
      assert.isFalse(peer.has("ended"))

      const second = yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
      assert.include((yield* peer.next("ended")).text, "replaced by a new connection")
      assert.deepStrictEqual([first.seqnum, second.seqnum], [1, 2])
      yield* Ping.answered(second)
    })
  )
})
