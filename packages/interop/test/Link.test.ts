import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { Role } from "@effect-foolscap/negotiation/policy/Master"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import { describeWith } from "../src/Requirements.ts"

const roles = ["Master", "NonMaster"] as const

const pair = Effect.fnUntraced(function* (role: Role) {
  const peer = yield* FoolscapPeer.start()
  const tub = yield* OurTub.make(yield* Identities.makeFor(role, peer.tubId))
  return { peer, tub, port: yield* tub.listen }
})

/** A link that Foolscap has dialled and knows to be one. */
const linked = Effect.fnUntraced(function* (role: Role) {
  const { peer, port, tub } = yield* pair(role)
  peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
  yield* peer.next("connected")
  return { peer, tub, connection: yield* port.linked }
})

/** Reads along until the link ends. */
const untilEnd = (connection: NegotiatedConnection) =>
  Effect.gen(function* () {
    const { pull } = yield* connection.socket.reader
    return yield* Effect.forever(pull)
  }).pipe(Effect.scoped, Effect.ignore, Effect.andThen(connection.ended))

describeWith(["python3-foolscap"], "After the Decision", () => {
  for (const role of roles) {
    for (const { length, name } of [
      { name: "a request for an object", length: 32 },
      { name: "more than a block may hold", length: 100_000 }
    ]) {
      it.live(`every byte that Foolscap says next comes out of the socket, in ${name}, to us as ${role}`, () =>
        Effect.gen(function* () {
          const { peer, port, tub } = yield* pair(role)
          const swissnum = "n".repeat(length)
          peer.tell({ do: "reference", furl: `pb://${tub.tubId}@${port.hint}/${swissnum}` })
          const reader = yield* (yield* port.linked).socket.reader
          // Foolscap writes a request in one go, so once its first bytes are here all of it has been written there.
          const first = yield* Ping.read(reader, 1)
          peer.tell({ do: "sent", peer: tub.tubId })
          const sent = Buffer.from((yield* peer.next("sent")).hex, "hex")
          const rest = yield* Ping.read(reader, sent.length - first.length)
          const bytes = Buffer.concat([first, rest])
          assert.isTrue(bytes.equals(sent))
          assert.isTrue(bytes.includes(swissnum))
        })
      )
    }

    it.live(`Foolscap reads what we write, and neither side hangs up, with us as ${role}`, () =>
      Effect.gen(function* () {
        const { connection, peer } = yield* linked(role)
        yield* Ping.answered(connection)
        assert.isFalse(peer.has("ended"))
      })
    )

    it.live(`Foolscap can close in good order, with us as ${role}`, () =>
      Effect.gen(function* () {
        const { connection, peer, tub } = yield* linked(role)
        peer.tell({ do: "close", peer: tub.tubId })
        assert.deepStrictEqual(yield* untilEnd(connection), LinkEnd.ClosedByPeer())
        assert.strictEqual((yield* peer.next("ended")).error, "ConnectionDone")
      })
    )

    it.live(`we can close in good order, as ${role}`, () =>
      Effect.gen(function* () {
        const { connection, peer } = yield* linked(role)
        yield* connection.close
        assert.deepStrictEqual(yield* connection.ended, LinkEnd.Closed())
        for (const there of [yield* peer.next("ended"), yield* peer.next("closed")]) {
          assert.strictEqual(there.error, "ConnectionDone")
        }
      })
    )

    it.live(`the link ends when Foolscap is killed, with us as ${role}`, () =>
      Effect.gen(function* () {
        const { connection, peer } = yield* linked(role)
        yield* Ping.answered(connection).pipe(
          Effect.flatMap(({ pull }) => Effect.andThen(peer.kill, Effect.flip(pull))),
          Effect.scoped
        )
        // The kernel ends the connection as a close does: without close_notify, which TLS here does not insist on.
        assert.deepStrictEqual(yield* connection.ended, LinkEnd.ClosedByPeer())
      })
    )
  }

  it.live("what a Master writes at once does not get mixed up with its Decision", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(yield* Identities.makeFor("Master", peer.tubId))
      // Foolscap would refuse more than 4096 bytes together with a Decision (N14).
      const count = 10_000
      const port = yield* tub.listenSaying(Ping.pings(count))
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
      const connection = yield* port.linked
      yield* Ping.pongs(yield* connection.socket.reader, count)
    })
  )

  it.live("what a Foolscap Master sends in one record with its Decision is not lost", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start({ eager: true })
      const tub = yield* OurTub.make(yield* Identities.makeFor("NonMaster", peer.tubId))
      const connection = yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
      const bytes = yield* Ping.read(yield* connection.socket.reader, Ping.ping.length)
      assert.isTrue(bytes.equals(Ping.ping))
    })
  )
})
