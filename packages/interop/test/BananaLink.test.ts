import * as BananaLink from "@effect-foolscap/broker/BananaLink"
import { BananaLinkEnd } from "@effect-foolscap/broker/BananaLinkEnd"
import { DisconnectTime, KeepaliveTime } from "@effect-foolscap/broker/Keepalive"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { assert, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as BananaTub from "../src/BananaTub.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import { describeWith } from "../src/Requirements.ts"

const keepalive = Duration.millis(100)
const disconnect = Duration.seconds(1)

type Timeouts = Parameters<typeof BananaTub.start>[0]

/** A link with a Foolscap, which has accepted it. */
const linked = Effect.fnUntraced(function* (dialling: "we" | "Foolscap", timeouts: Timeouts = {}) {
  const peer = yield* BananaTub.start(timeouts)
  const tub = yield* OurTub.make(yield* Identities.make())
  if (dialling === "we") {
    const connection = yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
    yield* peer.next("connected")
    return { peer, us: tub.tubId, link: yield* BananaLink.make(connection) }
  }
  const port = yield* tub.listen
  peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
  const connection = yield* port.linked
  yield* peer.next("connected")
  return { peer, us: tub.tubId, link: yield* BananaLink.make(connection) }
})

/** With our timers as low as this. Without, a PING of ours would be minutes away. */
const impatient = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(Effect.provideService(KeepaliveTime, keepalive), Effect.provideService(DisconnectTime, disconnect))

/** What has gone both ways once Foolscap has sent so many PINGs and PONGs: so many of each. */
const idle = Effect.fnUntraced(function* (
  { link, peer, us }: { readonly link: BananaLink.BananaLink; readonly peer: BananaTub.BananaTub; readonly us: TubId },
  wanted: { readonly asked: number; readonly answered: number }
) {
  peer.tell({ do: "idle", peer: us, ...wanted })
  const { heard, sent } = yield* Effect.raceFirst(
    peer.next("idled"),
    Effect.flatMap(link.ended, (end) => Effect.die(new Error(`the link has ended: ${JSON.stringify(end)}`)))
  )
  assert.match(heard + sent, /^(8e|8f)*$/)
  assert.isFalse(peer.hasEnded())
  const count = (hex: string, token: string) => hex.split(token).length - 1
  return {
    theirs: { asked: count(sent, "8e"), answered: count(heard, "8f") },
    ours: { asked: count(heard, "8e"), answered: count(sent, "8f") }
  }
})

describeWith(["python3-foolscap"], "A link that speaks Banana", () => {
  for (const dialling of ["we", "Foolscap"] as const) {
    it.live(`stays open over 20 silences that Foolscap ends with a PING, where ${dialling} dialled`, () =>
      Effect.gen(function* () {
        // It would drop the link after five of its own periods, which are 100 ms longer than said.
        const both = yield* linked(dialling, { keepalive: 0.1, disconnect: 1 })
        const { ours, theirs } = yield* idle(both, { asked: 21, answered: 0 })
        assert.isAtLeast(theirs.answered, 20)
        assert.deepStrictEqual(ours, { asked: 0, answered: 0 })
      })
    )

    it.live(`stays open over 20 silences that we end with a PING, where ${dialling} dialled`, () =>
      impatient(
        Effect.gen(function* () {
          const { ours, theirs } = yield* idle(yield* linked(dialling), { asked: 0, answered: 20 })
          assert.isAtLeast(ours.asked, 20)
          assert.deepStrictEqual(theirs, { asked: 0, answered: 0 })
        })
      )
    )

    it.live(`stays open over 20 periods of both sides' timers, where ${dialling} dialled`, () =>
      impatient(
        Effect.gen(function* () {
          const both = yield* linked(dialling, { keepalive: 0.1, disconnect: 1 })
          // One of ours is half of one of Foolscap's.
          const { ours, theirs } = yield* idle(both, { asked: 0, answered: 40 })
          assert.isAtLeast(ours.asked, 40)
          assert.isAtLeast(theirs.answered, theirs.asked - 1)
        })
      )
    )

    it.live(`ends with the text of Foolscap's ERROR, where ${dialling} dialled`, () =>
      Effect.gen(function* () {
        const { link } = yield* linked(dialling)
        // Where Tubs speak, a number is no message.
        yield* link.send(1)
        const text = "BananaError(in <RootUnslicer>): ('top-level must be OPEN',)"
        assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.PeerError({ text }))
      })
    )

    it.live(`survives an object that Foolscap refuses, where ${dialling} dialled`, () =>
      Effect.gen(function* () {
        const { link, peer, us } = yield* linked(dialling, { keepalive: 0.1 })
        yield* link.send(["a list", "is no call"])
        peer.tell({ do: "idle", peer: us, asked: 1, answered: 0 })
        const { heard } = yield* peer.next("idled")
        assert.include(Buffer.from(heard, "hex").toString("latin1"), "is no call")
        assert.isFalse(peer.hasEnded())
      })
    )

    it.live(`tells Foolscap what is wrong with its bytes, behind what was right, where ${dialling} dialled`, () =>
      Effect.gen(function* () {
        const { link, peer, us } = yield* linked(dialling)
        peer.tell({ do: "say", peer: us, hex: "2a810090" })
        assert.deepStrictEqual(yield* link.receive, { _tag: "Delivered", value: 42 })
        const end = yield* link.ended
        assert.strictEqual(end._tag, "ProtocolError")
        assert.strictEqual(
          (yield* peer.next("told")).text,
          "BananaError(in <RootUnslicer>): ('Invalid Type Byte 0x90',)"
        )
      })
    )

    it.live(`is lost when a Foolscap is silent that answered before, where ${dialling} dialled`, ({ annotate }) =>
      impatient(
        Effect.gen(function* () {
          const both = yield* linked(dialling)
          yield* idle(both, { asked: 0, answered: 1 })
          yield* both.peer.freeze
          const [took, end] = yield* Effect.timed(both.link.ended)
          assert.deepStrictEqual(end, LinkEnd.KeepaliveLost({ after: disconnect }))
          // Whom nothing reaches any more would hold up our own close.
          yield* both.peer.kill
          yield* Effect.promise(() => annotate(`noticed after ${Duration.format(took)}`))
        })
      )
    )

    it.live(`ends in good order with a Foolscap that stops, where ${dialling} dialled`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* linked(dialling)
        peer.tell({ do: "stop" })
        assert.deepStrictEqual(yield* link.ended, LinkEnd.ClosedByPeer())
      })
    )

    it.live(`ends alike for a Foolscap that is killed between two objects, where ${dialling} dialled`, () =>
      Effect.gen(function* () {
        const { link, peer } = yield* linked(dialling)
        yield* peer.kill
        // The kernel closes the connection in good order, but for TLS's own goodbye, which is not insisted on.
        assert.deepStrictEqual(yield* link.ended, LinkEnd.ClosedByPeer())
      })
    )

    it.live(`is cut off by a Foolscap that is killed inside an object, where ${dialling} dialled`, () =>
      Effect.gen(function* () {
        const { link, peer, us } = yield* linked(dialling)
        // 42, and a list without its end.
        peer.tell({ do: "say", peer: us, hex: "2a8100880487" })
        assert.deepStrictEqual(yield* link.receive, { _tag: "Delivered", value: 42 })
        yield* peer.kill
        assert.deepStrictEqual(yield* link.ended, BananaLinkEnd.Truncated())
      })
    )
  }
})
