import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { LinkEnd } from "../src/Link.ts"
import { LocalTubs } from "../src/LocalTubs.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { PlainTransport } from "../src/Transport.ts"
import { attempt, connect } from "./Both.ts"
import { bytesOf, textOf } from "./Noise.ts"
import { converse, errorBlock, hello, play, singly, underTls } from "./Peer.ts"
import { high, low, settled, side } from "./Sides.ts"

describe("NegotiationService", () => {
  for (const [client, server] of [
    [low, high],
    [high, low]
  ] as const) {
    const who = client === high ? "client" : "server"

    it.effect(`connects when the ${who} is the Master (N17)`, () =>
      Effect.gen(function* () {
        const { client: dialled, server: accepted } = yield* connect(yield* side(client), yield* side(server))
        assert.strictEqual(dialled.role, client === high ? "Master" : "NonMaster")
        assert.strictEqual(accepted.role, client === high ? "NonMaster" : "Master")
        assert.deepStrictEqual([dialled.side, accepted.side], ["client", "server"])
        assert.strictEqual(dialled.peer, server.tubId)
        assert.strictEqual(accepted.peer, client.tubId)
        assert.deepStrictEqual(dialled.parameters, settled(3, 1))
        assert.deepStrictEqual(accepted.parameters, dialled.parameters)
        assert.deepStrictEqual([dialled.seqnum, accepted.seqnum], [1, 1])
        assert.deepStrictEqual(dialled.incarnations, { local: client.incarnation, remote: server.incarnation })
        assert.deepStrictEqual(accepted.incarnations, { local: server.incarnation, remote: client.incarnation })
      })
    )

    it.effect(`connects byte by byte, too, and carries what follows (${who} is the Master)`, () =>
      Effect.gen(function* () {
        const [there, here] = [yield* side(server), yield* side(client)]
        const pair = yield* MemoryTransport.makePair({ split: singly })
        const accepting = yield* Effect.forkChild(there.accept(pair.server))
        const dialled = yield* here.dial(pair.client, { wanted: server.tubId, host: "example.org" })
        const accepted = yield* Fiber.join(accepting)
        for (const [from, to] of [
          [dialled, accepted],
          [accepted, dialled]
        ] as const) {
          const writer = yield* from.socket.writer
          yield* writer.write("\u0001\u0001\u0001")
          const { pull } = yield* to.socket.reader
          let heard = ""
          while (heard.length < 3) for (const chunk of yield* pull) heard += textOf(Buffer.from(chunk))
          assert.strictEqual(heard, "\u0001\u0001\u0001")
        }
      })
    )

    it.effect(`tells both owners of the end, once, when either closes (${who} is the Master)`, () =>
      Effect.gen(function* () {
        const { client: dialled, server: accepted } = yield* connect(yield* side(client), yield* side(server))
        const { pull } = yield* accepted.socket.reader
        yield* dialled.close
        yield* Effect.flip(pull)
        assert.deepStrictEqual(yield* dialled.ended, LinkEnd.Closed())
        assert.deepStrictEqual(yield* accepted.ended, LinkEnd.ClosedByPeer())
        // What happens later changes nothing.
        yield* accepted.close
        yield* dialled.close
        assert.deepStrictEqual(yield* dialled.ended, LinkEnd.Closed())
        assert.deepStrictEqual(yield* accepted.ended, LinkEnd.ClosedByPeer())
      })
    )

    it.effect(`closes the link with the Scope it was negotiated in (${who} is the Master)`, () =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(client), yield* side(server)]
        const scope = yield* Scope.make()
        const { client: dialled, server: accepted } = yield* Scope.provide(connect(here, there), scope)
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(yield* dialled.ended, LinkEnd.Closed())
        assert.deepStrictEqual(yield* accepted.ended, LinkEnd.Closed())
        // Had either been left in a table, the next attempt of the same two Tubs would be a duplicate.
        assert.strictEqual((yield* connect(here, there)).client.seqnum, 2)
      })
    )
  }

  it.effect("hands bytes over that come with the Decision, unread (N14)", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(low), yield* side(high)]
      // The Decision and the Master's first words, in one chunk.
      let kept: Uint8Array = new Uint8Array(0)
      const glue = (transport: PlainTransport): PlainTransport => ({
        ...transport,
        startTls: (options) =>
          Effect.map(transport.startTls(options), (secure) => ({
            ...secure,
            write: (bytes) => {
              if (textOf(bytes).startsWith("banana-decision-version")) {
                kept = bytes
                return secure.write(Buffer.concat([bytes, bytesOf("first words")]))
              }
              return secure.write(bytes)
            }
          }))
      })
      const ends = yield* attempt(here, there, { server: glue })
      assert.isAbove(kept.length, 0)
      const { client } = yield* Effect.all(ends)
      const { pull } = yield* client.socket.reader
      assert.strictEqual(textOf(Buffer.from((yield* pull)[0])), "first words")
    })
  )

  for (const on of ["client", "server"] as const) {
    it.effect(`tells the owner of a Master's link that the peer found fault with us after all (${on}, N25)`, () =>
      Effect.gen(function* () {
        const service = yield* side(high)
        const pair = yield* MemoryTransport.makePair()
        const as = on === "client" ? "server" : "client"
        // The error block is on its way before our Decision has arrived.
        const script = underTls(on, high, low.credentials, hello(low) + errorBlock("TubID mismatch"))
        yield* Effect.forkChild(play(pair[as], as, script))
        const connection = yield* on === "client"
          ? service.dial(pair.client, { wanted: low.tubId, host: "example.org" })
          : service.accept(pair.server)
        const { pull } = yield* connection.socket.reader
        yield* Effect.flip(pull)
        assert.deepStrictEqual(yield* connection.ended, LinkEnd.RefusedByPeer({ text: "TubID mismatch" }))
        // A refused link is none: the next attempt is no duplicate.
        const good = underTls(on, high, low.credentials, hello(low, { "last-connection": "none 0" }))
        assert.strictEqual((yield* converse(service, on, good)).outcome, "connected as Master")
      })
    )
  }

  it.effect("lets a Tub dial itself: the server decides, and both ends live in one table (N17)", () =>
    Effect.gen(function* () {
      const self = yield* side(low)
      const { client, server } = yield* connect(self, self)
      assert.deepStrictEqual([client.role, server.role], ["NonMaster", "Master"])
      assert.deepStrictEqual([client.peer, server.peer], [low.tubId, low.tubId])
      assert.deepStrictEqual([client.seqnum, server.seqnum], [1, 1])
      const { pull } = yield* client.socket.reader
      const writer = yield* server.socket.writer
      yield* writer.write("hello, me")
      assert.strictEqual(textOf(Buffer.from((yield* pull)[0])), "hello, me")
    })
  )

  it.effect("keeps a Tub's connections with different Tubs apart", () =>
    Effect.gen(function* () {
      const here = yield* side(low, { tubs: LocalTubs.layer({ here: [low] }) })
      const there = yield* side(high)
      const first = yield* connect(here, there)
      const second = yield* connect(here, here)
      const states = [first.client, first.server, second.client, second.server].map(({ seqnum }) => seqnum)
      assert.deepStrictEqual(states, [1, 1, 1, 1])
    })
  )
})
