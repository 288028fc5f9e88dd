import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import type { Role } from "@effect-foolscap/negotiation/policy/Master"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Crossfire from "../src/Crossfire.ts"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import { describeWith } from "../src/Requirements.ts"

const opposite = { client: "server", server: "client" } as const

/** The one link that is left, after a look at what became of the others. */
const survivorOf = Effect.fnUntraced(function* (outcome: Crossfire.Outcome, role: Role) {
  const { crossed, links } = outcome
  const left = links.at(-1)
  assert(left !== undefined, `no link is left: ${JSON.stringify(outcome)}`)
  // Whoever knows the link when it dials comes to replace it, if it is the NonMaster (N22 row 5). That is no crossfire.
  assert.isTrue(links.length === 1 || (!crossed && role === "NonMaster" && links.length === 2))
  for (const link of links.slice(0, -1)) assert.deepStrictEqual(yield* link.ended, LinkEnd.Replaced())
  return left
})

/** Both sides name the same link as the only one: the same peer, number, and connection of TCP. */
const assertAgreed = (
  tub: OurTub.OurTub,
  left: Crossfire.Outcome["links"][number],
  heard: Crossfire.Outcome["heard"]
) => {
  const there = heard.findLast((event) => event.event === "connected")
  assert(there?.event === "connected")
  assert.deepInclude(there, { side: opposite[left.side], peer: tub.tubId })
  assert.strictEqual(there.seqnum, left.seqnum)
  assert.strictEqual(left.remoteAddress, `127.0.0.1:${there.port}`)
  const settled = heard.find((event) => event.event === "settled")
  assert(settled?.event === "settled")
  assert.deepStrictEqual(settled.links, [{ peer: tub.tubId, port: there.port }])
}

/** Whoever loses hears it from the Master. Only Foolscap's own attempts may not: it hangs up on them once it has a link. */
const assertLosersTold = (
  { arrived, dialled, heard }: Pick<Crossfire.Outcome, "arrived" | "dialled" | "heard">,
  role: Role
) => {
  for (const { error } of dialled) {
    assert.instanceOf(error, NegotiationError)
    if (role === "Master") assert.deepInclude(error.reason, { _tag: "DuplicateConnection", row: "old-peer-refused" })
    else assert.deepInclude(error.reason, { _tag: "PeerRefused", text: "Duplicate connection" })
  }
  for (const error of arrived) {
    assert.instanceOf(error, NegotiationError)
    const { reason } = error
    if (role === "Master" && reason._tag === "DuplicateConnection") {
      assert.include(["never-heard-of-us", "parallel-after-restart", "knows-an-older-one"], reason.row)
    } else if (role === "NonMaster" && reason._tag === "PeerRefused") {
      assert.strictEqual(reason.text, "Duplicate connection")
    } else assert.include(["PeerClosed", "TransportFailed"], reason._tag)
  }
  for (const event of heard) {
    if (event.event === "failed") assert.include([...refused, ...hungUp], `${event.error}: ${event.text}`)
  }
}

const refused = [
  "DuplicateConnection: Duplicate connection",
  "RemoteNegotiationError: Banana negotiation failed: Duplicate connection"
]
const hungUp = [
  "ConnectionDone: Connection was closed cleanly.",
  "ConnectionLost: Connection to the other side was lost in a non-clean fashion: Connection lost."
]

describeWith(["python3-foolscap"], "When both sides dial each other at the same time", () => {
  for (const { forgets, name, role, roundsPerRun, runs } of [
    // Both begin anew now and then. In between the client remembers an older link, and not none.
    { role: "Master", name: "Master", forgets: true, runs: 40, roundsPerRun: 5 },
    { role: "NonMaster", name: "NonMaster", forgets: true, runs: 40, roundsPerRun: 5 },
    // Foolscap as Master would replace its own link here, and lose both (N22, row 4).
    { role: "Master", name: "Master that was restarted", forgets: false, runs: 50, roundsPerRun: 2 }
  ] as const) {
    const rounds = runs * roundsPerRun
    it.live(`one link is left, ${rounds} times in ${rounds}, with us as a ${name}`, ({ annotate }) =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start()
        const identity = yield* Identities.makeFor(role, peer.tubId)
        const tally = { crossed: 0, told: 0, sides: new Set<string>(), phases: new Set<string>() }

        const round = Effect.fnUntraced(function* (tub: OurTub.OurTub) {
          const outcome = yield* Crossfire.play(peer, tub, yield* Crossfire.plan)
          const left = yield* survivorOf(outcome, role)
          assertAgreed(tub, left, outcome.heard)
          assertLosersTold(outcome, role)
          // What Foolscap wanted of this link it said on an older one, if there was one.
          yield* outcome.links.length === 1 ? Ping.answeredBesides(left, "crossfire") : Ping.answered(left)
          if (!outcome.crossed) return
          tally.crossed += 1
          tally.told += outcome.dialled.length
          tally.sides.add(left.side)
          for (const event of outcome.heard) if (event.event === "failed") tally.phases.add(event.phase)
        }, Effect.scoped)

        const run = Effect.gen(function* () {
          if (forgets) peer.tell({ do: "forget" })
          yield* peer.settled
          const tub = yield* OurTub.make(identity)
          for (let played = 0; played < roundsPerRun; played++) {
            yield* round(tub)
            yield* peer.next("closed")
            yield* peer.settled
          }
        })
        yield* Effect.repeat(Effect.scoped(run), { times: runs - 1 }).pipe(Random.withSeed("crossfire"))

        yield* Effect.promise(() => annotate(`${tally.crossed} of ${rounds} crossed; ${[...tally.phases].join(", ")}`))
        // Otherwise they came one after the other, and nothing was shown.
        assert.isAtLeast(tally.crossed, rounds / 2)
        assert.isAtLeast(tally.told, rounds / 10)
        assert.deepStrictEqual([...tally.sides].toSorted(), ["client", "server"])
        assert.isAtLeast(tally.phases.size, 2)
      })
    )
  }

  for (const role of ["Master", "NonMaster"] as const) {
    for (const { name, stall } of [
      { name: "it has not read our GET", stall: "connectionMade" },
      { name: "it has not answered our GET", stall: "sendPlaintextServer" }
    ] as const) {
      it.live(`Foolscap's own attempt wins while ${name}, with us as ${role}`, () =>
        Effect.gen(function* () {
          const peer = yield* FoolscapPeer.start({ stall })
          const tub = yield* OurTub.make(yield* Identities.makeFor(role, peer.tubId))
          const port = yield* tub.listen
          const dialling = yield* Effect.forkChild(Effect.flip(tub.dial({ tubId: peer.tubId, hints: [peer.hint] })))
          yield* peer.next("stalled")
          peer.tell({ do: "reference", furl: `pb://${tub.tubId}@${port.hint}/crossfire` })
          const link = yield* port.linked

          const { attempts: dialled } = yield* Fiber.join(dialling)
          const heard = yield* peer.settled
          assertAgreed(tub, link, heard)
          assert.strictEqual(dialled.length, 1)
          assertLosersTold({ dialled, arrived: [], heard }, role)
          yield* Ping.answeredBesides(link, "crossfire")
        })
      )
    }
  }
})
