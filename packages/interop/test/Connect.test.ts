import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Random from "effect/Random"
import * as Scope from "effect/Scope"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as Ping from "../src/Ping.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Application from "../src/stories/Application.ts"
import * as Crossing from "../src/stories/Crossing.ts"

const roles = ["Master", "NonMaster"] as const

/** A Foolscap, and a Tub of ours with this role towards it. */
const pair = Effect.fnUntraced(function* (role: (typeof roles)[number]) {
  const peer = yield* FoolscapPeer.start()
  const ours = yield* Application.start(yield* Identities.makeFor(role, peer.tubId))
  return { peer, ours, there: { tubId: peer.tubId, hints: [peer.hint] } }
})

/** How often an event was reported. */
const count = (events: ReadonlyArray<FoolscapPeer.Event>, kind: FoolscapPeer.Event["event"]) =>
  events.filter(({ event }) => event === kind).length

/** What Foolscap is connected to in the end. */
const linksOf = (events: ReadonlyArray<FoolscapPeer.Event>) => {
  const settled = events.at(-1)
  assert(settled?.event === "settled")
  return settled.links
}

describeWith(["python3-foolscap"], "With a Foolscap", () => {
  for (const role of roles) {
    it.live(`those who connect share one link, of which Foolscap has one end, with us as ${role}`, () =>
      Effect.gen(function* () {
        const { ours, peer, there } = yield* pair(role)
        const [one, other] = [yield* Scope.make(), yield* Scope.make()]
        const asks = [one, other].map((scope) => Scope.provide(ours.connect(there), scope))
        const [link, same] = yield* Effect.all(asks, { concurrency: 2 })
        assert(link !== undefined)
        assert.strictEqual(same, link)
        assert.strictEqual(yield* Effect.scoped(ours.connect(there)), link)
        const reader = yield* Ping.answered(link)
        const { write } = yield* link.socket.writer

        const heard = yield* peer.settled
        assert.deepStrictEqual([count(heard, "reached"), count(heard, "connected")], [1, 1])
        assert.strictEqual(linksOf(heard).length, 1)

        yield* Scope.close(one, Exit.void)
        yield* write(Ping.ping)
        yield* Ping.pongs(reader, 1)
        yield* Scope.close(other, Exit.void)
        assert.deepStrictEqual(yield* link.ended, LinkEnd.Closed())
        assert.strictEqual((yield* peer.next("closed")).error, "ConnectionDone")
      })
    )

    it.live(`we share the link that Foolscap has dialled, and dial none, with us as ${role}`, () =>
      Effect.gen(function* () {
        const { ours, peer, there } = yield* pair(role)
        peer.tell({ do: "reference", furl: `pb://${ours.tubId}@${ours.hint}/shared` })
        const arrived = yield* ours.linked
        const link = yield* ours.connect(there)
        assert.strictEqual(link.socket, arrived.socket)
        assert.strictEqual(link.side, "server")
        yield* Ping.answeredBesides(link, "shared")

        const heard = yield* peer.settled
        assert.deepStrictEqual([count(heard, "reached"), count(heard, "connected"), count(heard, "ended")], [0, 1, 0])
        assert.strictEqual(linksOf(heard).length, 1)
      })
    )
  }
})

const rounds = 60

describeWith(["python3-foolscap"], "While Foolscap asks for an object of ours", () => {
  for (const role of roles) {
    it.live(`we connect to it, ${rounds} times in ${rounds}, with us as ${role}`, ({ annotate }) =>
      Effect.gen(function* () {
        const { ours, peer } = yield* pair(role)
        const tally = { crossed: 0, sides: new Set<string>() }

        const round = Effect.gen(function* () {
          // In milliseconds: about as long as a negotiation over loopback takes.
          const ahead = yield* Random.nextIntBetween(-4, 4)
          const { crossed, heard, link } = yield* Crossing.play(peer, ours, { ahead, name: "crossing" })
          assert.isFalse(yield* link.hasEnded)
          // Both mean the same link, by number and by its connection of TCP, and it is the only one.
          const there = heard.findLast((event) => event.event === "connected")
          assert(there?.event === "connected")
          assert.strictEqual(there.seqnum, link.seqnum)
          assert.deepStrictEqual(linksOf(heard), [{ peer: ours.tubId, port: there.port }])
          assert.strictEqual(link.remoteAddress, `127.0.0.1:${there.port}`)
          // Foolscap waits for an answer, on this link.
          assert.deepStrictEqual(
            heard.filter(({ event }) => event === "unreachable" || event === "unanswered" || event === "ended"),
            []
          )
          yield* Ping.answeredBesides(link, "crossing")
          if (crossed) {
            tally.crossed += 1
            tally.sides.add(link.side)
          }
          yield* link.close
          yield* peer.next("unanswered")
          yield* peer.settled
        })
        yield* Effect.repeat(Effect.scoped(round), { times: rounds - 1 }).pipe(Random.withSeed("connect"))

        yield* Effect.promise(() => annotate(`${tally.crossed} of ${rounds} crossed`))
        // Otherwise one came after the other, and nothing was shown.
        assert.isAtLeast(tally.crossed, rounds / 4)
        assert.deepStrictEqual([...tally.sides].toSorted(), ["client", "server"])
      })
    )
  }
})
