import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { join } from "node:path"
import * as Ports from "../src/Ports.ts"
import * as Scratch from "../src/Scratch.ts"
import * as Program from "../src/stories/Program.ts"

/** A program with an identity of its own. */
const program = Effect.gen(function* () {
  const identity = join(yield* Scratch.folder, "tub.pem")
  return { identity, ...(yield* Program.start(identity)) }
})

const connectTo = ({ hint, tubId }: Program.Program): Program.Command => ({ do: "connect", tubId, hints: [hint] })

/** The link that a program holds next. */
const linkOf = (program: Program.Program) => program.next("linked")

const rounds = 60

describe("Two processes", () => {
  it.live(`that connect to each other share one link, ${rounds} times in ${rounds}`, ({ annotate }) =>
    Effect.gen(function* () {
      const [one, other] = [yield* program, yield* program]
      const tally = { crossed: 0, dialledBy: new Set<string>() }

      for (let round = 1; round <= rounds; round++) {
        // In milliseconds: about as long as a negotiation over loopback takes.
        const ahead = yield* Random.nextIntBetween(-4, 4)
        const asks = [after(-ahead, tell(one, connectTo(other))), after(ahead, tell(other, connectTo(one)))]
        yield* Effect.all(asks, { concurrency: 2 })
        const [here, there] = [yield* linkOf(one), yield* linkOf(other)]
        assert.deepStrictEqual([here.peer, there.peer], [other.tubId, one.tubId])
        assert.deepStrictEqual([here.seqnum, here.side], [there.seqnum, there.side === "client" ? "server" : "client"])
        assert.strictEqual(here.incarnations.local, there.incarnations.remote)
        assert.strictEqual(here.incarnations.remote, there.incarnations.local)

        for (const [speaker, listener] of [
          [one, other],
          [other, one]
        ] as const) {
          speaker.tell({ do: "say", text: `round ${round}` })
          const { peer, text } = yield* listener.next("heard")
          assert.deepStrictEqual([peer, text], [speaker.tubId, `round ${round}`])
        }

        for (const each of [one, other]) each.tell({ do: "release" })
        for (const each of [one, other]) yield* each.next("ended")
        assert.isFalse(one.has("failed") || other.has("failed"))
        if (here.dialled && there.dialled) {
          tally.crossed++
          tally.dialledBy.add(here.side)
        }
      }
      yield* Effect.promise(() => annotate(`${tally.crossed} of ${rounds} crossed`))
      // Otherwise one came after the other, and nothing was shown.
      assert.isAtLeast(tally.crossed, rounds / 4)
      assert.deepStrictEqual([...tally.dialledBy].toSorted(), ["client", "server"])
    }).pipe(Random.withSeed("processes"))
  )

  it.live("of which one is killed: each holder at the other hears so once, and has a new link when it is back", () =>
    Effect.gen(function* () {
      const [one, killed] = [yield* program, yield* program]
      one.tell(connectTo(killed))
      one.tell(connectTo(killed))
      const [before, same] = [yield* linkOf(one), yield* linkOf(one)]
      assert.strictEqual(same.seqnum, before.seqnum)
      yield* killed.next("arrived")

      killed.signal("SIGKILL")
      yield* killed.ended
      const ends = [yield* one.next("ended"), yield* one.next("ended")]
      assert.deepStrictEqual(
        ends.map(({ end, peer }) => [end, peer]),
        [
          ["ClosedByPeer", killed.tubId],
          ["ClosedByPeer", killed.tubId]
        ]
      )

      const back = yield* Program.start(killed.identity)
      assert.strictEqual(back.tubId, killed.tubId)
      one.tell(connectTo(back))
      const after = yield* linkOf(one)
      assert.strictEqual(after.incarnations.local, before.incarnations.local)
      assert.notStrictEqual(after.incarnations.remote, before.incarnations.remote)
      one.tell({ do: "say", text: "welcome back" })
      assert.strictEqual((yield* back.next("heard")).text, "welcome back")
      assert.isFalse(one.has("ended") || one.has("failed"))
    })
  )
})

describe("A process that connects to itself", () => {
  it.live("has a link without a socket, whatever its FURL says", () =>
    Effect.gen(function* () {
      const self = yield* program
      const list = Effect.suspend(() => {
        self.tell({ do: "list" })
        return Effect.map(self.next("resources"), ({ resources }) => resources.toSorted())
      })
      const before = yield* list
      assert.include(before, "TCPServerWrap")

      self.tell({ do: "connect", tubId: self.tubId, hints: [self.hint, `tcp:127.0.0.1:${yield* Ports.free}`] })
      assert.strictEqual((yield* linkOf(self)).peer, self.tubId)
      self.tell({ do: "say", text: "hello, me" })
      assert.deepInclude(yield* self.next("heard"), { peer: self.tubId, text: "hello, me" })
      assert.deepStrictEqual(yield* list, before)
    })
  )
})

const tell = (program: Program.Program, command: Program.Command) => Effect.sync(() => program.tell(command))

const after = <A>(milliseconds: number, effect: Effect.Effect<A>) =>
  milliseconds > 0 ? Effect.delay(effect, milliseconds) : effect
