import { HandleOldPeers } from "@effect-foolscap/negotiation/ConnectionTable"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import { high, low, port } from "../Network.ts"
import * as Line from "./Line.ts"
import { assertAlive, assertStands, briefly, type Nature, reasonsOf, start } from "./Process.ts"

/** The Master, who serves a port, and what leads there. */
const master = Effect.gen(function* () {
  const there = yield* port
  const process = yield* start(high)
  return { ...process, ...(yield* process.listen(there)), place: there.place, places: { "tcp:high:1": there.place } }
})

type Master = Effect.Success<typeof master>

/** A NonMaster that has a link with the Master, and the Master's end of it. */
const connected = Effect.fnUntraced(function* (there: Master) {
  const here = yield* start(low, there.places)
  const { connection } = yield* here.dial(high)
  return { here, connection, answered: yield* Queue.take(there.links) }
})

/** Asserts that the Master refuses another dial, and that the link does not notice. */
const assertRefused = Effect.fnUntraced(function* (
  there: Master,
  linked: Effect.Success<ReturnType<typeof connected>>,
  again: Effect.Success<ReturnType<typeof start>>
) {
  const error = yield* Effect.flip(again.dial(high))
  assert.deepStrictEqual(reasonsOf(error), ["Deciding PeerRefused"])
  assert.include(error.message, "Duplicate connection")
  assert.strictEqual(briefly(yield* Queue.take(there.failures)), "Deciding DuplicateConnection")
  yield* assertStands(linked.connection)
  yield* assertStands(linked.answered)
})

/** What the same run of a NonMaster would say after its memory was tampered with. */
const twin = ({ here }: Effect.Success<ReturnType<typeof connected>>, there: Master, nature: Nature) =>
  start(low, there.places, { incarnation: here.incarnation, ...nature })

/** A dial whose Decision the network loses: the Master has a link, and the dialler fails when its time is over. */
const dialInVain = Effect.fnUntraced(function* (there: Master, here: Effect.Success<ReturnType<typeof start>>) {
  const failing = yield* Effect.forkChild(Effect.flip(here.dial(high, "tcp:lossy:1")))
  const answered = yield* Queue.take(there.links)
  yield* TestClock.adjust("2 minutes")
  assert.deepStrictEqual(reasonsOf(yield* Fiber.join(failing)), ["Deciding DeadlineExceeded"])
  yield* assertStands(answered)
  return answered
})

describe("A link is replaced by the next one", () => {
  // Foolscap: Replacement.testBouncedClient
  it.effect("of a NonMaster that was started again", () =>
    Effect.gen(function* () {
      const there = yield* master
      const { answered, connection, here } = yield* connected(there)
      const again = yield* start(low, there.places)
      assert.notStrictEqual(again.incarnation, here.incarnation)
      const { connection: next } = yield* again.dial(high)
      assert.strictEqual((yield* answered.ended)._tag, "Replaced")
      assert.strictEqual((yield* connection.ended)._tag, "ClosedByPeer")
      yield* assertAlive(next, yield* Queue.take(there.links))
    })
  )

  // Foolscap: Replacement.testBouncedClient_Reverse
  it.effect("of a Master that was started again", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { links } = yield* (yield* start(low)).listen(there)
      const places = { "tcp:low:1": there.place }
      const { connection } = yield* (yield* start(high, places)).dial(low)
      const answered = yield* Queue.take(links)
      const { connection: next } = yield* (yield* start(high, places)).dial(low)
      assert.strictEqual((yield* answered.ended)._tag, "Replaced")
      assert.strictEqual((yield* connection.ended)._tag, "ClosedByPeer")
      assert.strictEqual(next.seqnum, 1)
      yield* assertAlive(next, yield* Queue.take(links))
    })
  )

  // Foolscap: Replacement.testNATEntryDropped
  it.effect("of a NonMaster whose end of the link is gone, which the Master has not noticed", () =>
    Effect.gen(function* () {
      const there = yield* master
      const line = yield* Line.make
      const here = yield* start(low, { "tcp:nat:1": line.to(there.place), ...there.places })
      const { connection } = yield* here.dial(high, "tcp:nat:1")
      const answered = yield* Queue.take(there.links)
      yield* line.breaks
      assert.strictEqual((yield* connection.ended)._tag, "Lost")
      yield* assertStands(answered)
      const { connection: next } = yield* here.dial(high, "tcp:high:1")
      assert.strictEqual((yield* answered.ended)._tag, "Replaced")
      assert.strictEqual(next.seqnum, 2)
      yield* assertAlive(next, yield* Queue.take(there.links))
    })
  )

  // Foolscap: Replacement.testLostDecisionMessage_NewServer
  it.effect("of a NonMaster that has not heard a Decision since the Master was started again", () =>
    Effect.gen(function* () {
      const [before, there, line] = [yield* master, yield* master, yield* Line.make]
      const here = yield* start(low, {
        "tcp:before:1": before.place,
        "tcp:lossy:1": line.to(there.place, Line.isDecision),
        ...there.places
      })
      yield* Effect.scoped(here.dial(high, "tcp:before:1"))
      const unheard = yield* dialInVain(there, here)
      const { connection } = yield* here.dial(high, "tcp:high:1")
      assert.strictEqual((yield* unheard.ended)._tag, "Replaced")
      yield* assertAlive(connection, yield* Queue.take(there.links))
    })
  )
})

describe("A link is left alone, and the next one refused,", () => {
  // Foolscap: Replacement.testAncientClient
  it.effect("where the NonMaster is too old to have an incarnation", () =>
    Effect.gen(function* () {
      const there = yield* master
      const linked = yield* connected(there)
      yield* assertRefused(there, linked, yield* twin(linked, there, { incarnation: "" }))
      yield* assertAlive(linked.connection, linked.answered)
    })
  )

  // Foolscap: Replacement.testAncientClientWorkaround
  it.effect("where such a NonMaster comes too soon; where it comes later, and that is set, it is let in", () =>
    Effect.gen(function* () {
      const there = yield* Effect.provideService(master, HandleOldPeers, Duration.seconds(60))
      const linked = yield* connected(there)
      const ancient = yield* twin(linked, there, { incarnation: "" })
      yield* assertRefused(there, linked, ancient)
      yield* TestClock.adjust("59999 millis")
      yield* assertRefused(there, linked, ancient)
      yield* TestClock.adjust("1 millis")
      const { connection } = yield* ancient.dial(high)
      assert.strictEqual((yield* linked.answered.ended)._tag, "Replaced")
      yield* assertAlive(connection, yield* Queue.take(there.links))
    })
  )

  // Foolscap: Replacement.testTwoLostDecisionMessages
  it.effect("where the NonMaster knows only the link before, having missed a Decision", () =>
    Effect.gen(function* () {
      const [there, line] = [yield* master, yield* Line.make]
      const here = yield* start(low, {
        "tcp:lossy:1": line.to(there.place, Line.isDecision),
        ...there.places
      })
      yield* Effect.scoped(here.dial(high, "tcp:high:1"))
      assert.strictEqual((yield* (yield* Queue.take(there.links)).ended)._tag, "ClosedByPeer")
      const unheard = yield* dialInVain(there, here)
      assert.strictEqual(unheard.seqnum, 2)
      const error = yield* Effect.flip(here.dial(high, "tcp:high:1"))
      assert.deepStrictEqual(reasonsOf(error), ["Deciding PeerRefused"])
      assert.include(error.message, "Duplicate connection")
      yield* assertStands(unheard)
    })
  )

  // Foolscap: Replacement.testWeirdSeqnum
  it.effect("where the NonMaster knows a link that there has not been yet", () =>
    Effect.gen(function* () {
      const there = yield* master
      const linked = yield* connected(there)
      yield* assertRefused(there, linked, yield* twin(linked, there, { remembers: `${there.incarnation} 11` }))
      yield* assertAlive(linked.connection, linked.answered)
    })
  )

  // Foolscap: Replacement.testConnectionHintRace
  it.effect("where the NonMaster set out before there was a link", () =>
    Effect.gen(function* () {
      const there = yield* master
      const linked = yield* connected(there)
      yield* assertRefused(there, linked, yield* twin(linked, there, { remembers: "none 0" }))
      yield* assertAlive(linked.connection, linked.answered)
    })
  )

  it.effect("where the NonMaster missed the first Decision of all, which looks the same", () =>
    Effect.gen(function* () {
      const [there, line] = [yield* master, yield* Line.make]
      const here = yield* start(low, {
        "tcp:lossy:1": line.to(there.place, Line.isDecision),
        ...there.places
      })
      const unheard = yield* dialInVain(there, here)
      assert.deepStrictEqual(reasonsOf(yield* Effect.flip(here.dial(high, "tcp:high:1"))), ["Deciding PeerRefused"])
      yield* assertStands(unheard)
    })
  )
})
