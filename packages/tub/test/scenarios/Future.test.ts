import { NextProtocol } from "@effect-foolscap/negotiation/NextProtocol"
import * as Parameter from "@effect-foolscap/negotiation/policy/Parameter"
import { VersionRange } from "@effect-foolscap/negotiation/wire/VersionRange"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { high, low, port } from "../Network.ts"
import { assertAlive, briefly, reasonsOf, start } from "./Process.ts"

/** Banana as a later release may offer it. */
const offering = (min: number, max: number): Layer.Layer<NextProtocol> =>
  Layer.effect(
    NextProtocol,
    Effect.map(NextProtocol, (banana) => ({
      ...banana,
      versions: new VersionRange({ min, max }),
      understood: new VersionRange({ min: 1, max })
    }))
  ).pipe(Layer.provide(NextProtocol.layerBanana))

/** What a later release may say that this one has not heard of. */
const unheardOf = Parameter.make({
  key: "extra",
  offer: Schema.String,
  choice: Schema.String,
  ours: "new value",
  silent: "old value",
  decide: (_, other) => Result.succeed(other)
})

const present = { next: NextProtocol.layerBanana, parameters: [] }
const ahead = { next: offering(3, 4), parameters: [unheardOf] }
const farAhead = { next: offering(4, 4), parameters: [unheardOf] }

describe("A Tub that speaks version 4 too", () => {
  for (const [what, client, server, dials, answers] of [
    // Foolscap: Future.testFuture1
    ["dials, and the other decides", low, high, ahead, present],
    // Foolscap: Future.testFuture2
    ["dials and decides", high, low, ahead, present],
    // Foolscap: Future.testFuture3
    ["answers and decides", low, high, present, ahead],
    // Foolscap: Future.testFuture4
    ["answers, and the other decides", high, low, present, ahead]
  ] as const) {
    it.effect(`settles for version 3 with one that does not (it ${what})`, () =>
      Effect.gen(function* () {
        const there = yield* port
        const { links } = yield* (yield* start(server, {}, answers)).listen(there)
        const { dial } = yield* start(client, { "tcp:there:1": there.place }, dials)
        const { connection } = yield* dial(server)
        const answered = yield* Queue.take(links)
        assert.deepStrictEqual([connection.parameters.version, answered.parameters.version], [3, 3])
        yield* assertAlive(connection, answered)
      })
    )
  }
})

describe("A Tub that speaks nothing but version 4", () => {
  for (const [what, client, server, dials, answers] of [
    // Foolscap: Future.testTooFarInFuture1
    ["dials, and the other would decide", low, high, farAhead, present],
    // Foolscap: Future.testTooFarInFuture2
    ["dials and would decide", high, low, farAhead, present],
    // Foolscap: Future.testTooFarInFuture3
    ["answers and would decide", low, high, present, farAhead],
    // Foolscap: Future.testTooFarInFuture4
    ["answers, and the other would decide", high, low, present, farAhead]
  ] as const) {
    it.effect(`does not connect with one that speaks version 3, and both say so (it ${what})`, () =>
      Effect.gen(function* () {
        const there = yield* port
        const { failures, links } = yield* (yield* start(server, {}, answers)).listen(there)
        const { dial, net } = yield* start(client, { "tcp:there:1": there.place }, dials)
        const dialled = yield* Effect.flip(dial(server))
        const answered = yield* Queue.take(failures)
        assert.deepStrictEqual(reasonsOf(dialled), ["Encrypted NoOverlap"])
        assert.strictEqual(briefly(answered), "Encrypted NoOverlap")
        const [ofPresent, ofFuture] = dials === present ? [dialled, answered] : [answered, dialled]
        assert.include(ofPresent.message, "we offer 3 to 3, the peer 4 to 4")
        assert.include(ofFuture.message, "we offer 4 to 4, the peer 3 to 3")
        assert.deepStrictEqual(net.open, [])
        assert.strictEqual(yield* Queue.size(links), 0)
      })
    )
  }
})
