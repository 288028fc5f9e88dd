import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"

describe("A Tub that dials itself", () => {
  const begin = Effect.gen(function* () {
    const tub = yield* OurTub.make(yield* Identities.make())
    return { tub, port: yield* tub.listen }
  })

  it.live("gets one link with two ends, and the server has decided", () =>
    Effect.gen(function* () {
      const { port, tub } = yield* begin
      const near = yield* tub.dial({ tubId: tub.tubId, hints: [port.hint] })
      const far = yield* port.linked
      assert.deepInclude(near, { side: "client", role: "NonMaster", local: tub.tubId, peer: tub.tubId, seqnum: 1 })
      assert.deepInclude(far, { side: "server", role: "Master", local: tub.tubId, peer: tub.tubId, seqnum: 1 })
      assert.deepStrictEqual(near.parameters, far.parameters)

      const [one, other] = [yield* near.socket.writer, yield* far.socket.reader]
      yield* one.write(Ping.ping)
      assert.isTrue((yield* Ping.read(other, Ping.ping.length)).equals(Ping.ping))
      yield* near.close
      assert.deepStrictEqual(yield* far.ended, LinkEnd.ClosedByPeer())
    })
  )

  it.live("replaces the link it has when it dials again, at both ends", () =>
    Effect.gen(function* () {
      const { port, tub } = yield* begin
      const ends = Effect.all([tub.dial({ tubId: tub.tubId, hints: [port.hint] }), port.linked])
      const [near, far] = yield* ends
      const [again] = yield* ends
      assert.strictEqual(again.seqnum, 2)
      assert.deepStrictEqual(yield* far.ended, LinkEnd.Replaced())
      assert.deepStrictEqual(yield* near.ended, LinkEnd.Replaced())
    })
  )

  it.live("keeps one of two attempts at the same time", () =>
    Effect.gen(function* () {
      const { port, tub } = yield* begin
      // The same place under two names.
      const hints = [port.hint, port.hint.replace("127.0.0.1", "localhost")]
      const near = yield* tub.dial({ tubId: tub.tubId, hints })
      const arrivals = yield* Effect.all([port.arrived, port.arrived])
      const links = arrivals.filter((arrival) => OurTub.isLink(arrival))
      assert.deepStrictEqual(
        links.map(({ seqnum }) => seqnum),
        [near.seqnum]
      )
    })
  )
})
