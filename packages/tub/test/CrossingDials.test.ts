import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import { Tub } from "../src/Tub.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import { host, reasons, target } from "./Dialling.ts"
import { high, low, network, type Place, port, tub } from "./Network.ts"
import { isDecision, make, stalled } from "./scenarios/Line.ts"

const quiet = { connected: () => Effect.never, failed: () => Effect.void }

/** A Tub that listens on a host of the network, and dials from there. */
const townsman = Effect.fnUntraced(function* (
  net: SimulatedNetwork.SimulatedNetwork,
  host: string,
  { tubId }: TubIdentity
) {
  const services = Layer.merge(Listener.layer(SimulatedHost.listen(net, host, 4711), quiet), Connector.layer).pipe(
    Layer.provide(SimulatedHost.layerHintHandler(net, host)),
    Layer.provide(Tub.layer(SimulatedHost.identity(tubId)))
  )
  return Context.get(yield* Layer.build(services), Connector)
})

const Millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 }))

describe("Two Tubs that connect to each other at once", () => {
  it.effect.prop(
    "have one link, the same, whatever arrives first",
    [
      Schema.Struct({
        seed: Schema.Int,
        latency: Millis,
        jitter: Millis,
        chunk: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 400 })),
        /** How much later than the other each begins. */
        low: Millis,
        high: Millis
      })
    ],
    ([{ seed, ...ways }]) =>
      SimulatedNetwork.within(
        { hosts: ["low", "high"], seed, way: ways },
        Effect.fn(function* (net) {
          const [atLow, atHigh] = [yield* townsman(net, "low", low), yield* townsman(net, "high", high)]
          const [one, other] = [
            yield* Effect.forkChild(Effect.delay(atLow.connect(target(high, "tcp:high:4711")), ways.low)),
            yield* Effect.forkChild(Effect.delay(atHigh.connect(target(low, "tcp:low:4711")), ways.high))
          ]
          yield* TestClock.adjust("1 minute")
          const [ofLow, ofHigh] = [yield* Fiber.join(one), yield* Fiber.join(other)]
          assert.deepStrictEqual([yield* ofLow.hasEnded, yield* ofHigh.hasEnded], [false, false])
          assert.strictEqual(ofLow.seqnum, ofHigh.seqnum)
          assert.notStrictEqual(ofLow.side, ofHigh.side)
        })
      )
  )

  // The Master has decided on its own connection, of which the other has not heard, and refuses the other's.
  const overtaken = Effect.gen(function* () {
    const [atLow, atHigh] = [yield* port, yield* port]
    const decision = yield* Latch.make()
    const stall = stalled(decision, "reading the Hello")
    const serving = Effect.fnUntraced(function* (
      self: TubIdentity,
      there: typeof atLow,
      places: Record<string, Place>
    ) {
      const context = yield* tub(self, network(places))
      yield* Effect.forkScoped(Effect.provide(Listener.serve(there.endpoint, quiet), context))
      return Context.get(context, Connector)
    })
    const { endpoint } = atLow
    const late: typeof endpoint = {
      ...endpoint,
      run: (handler) => endpoint.run((transport) => handler(stall(transport)))
    }
    const ofLow = yield* serving(low, { ...atLow, endpoint: late }, { "tcp:high:1": atHigh.place })
    const ofHigh = yield* serving(high, atHigh, { "tcp:low:1": atLow.place })
    const { seqnum } = yield* ofHigh.connect(target(low, "tcp:low:1"))
    const connecting = yield* Effect.forkChild(ofLow.connect(target(high, "tcp:high:1")))
    yield* TestClock.adjust(0)
    return { seqnum, connecting, decision: decision.open }
  })

  it.effect("have the Master's, though its refusal of the other overtakes its Decision by almost 5 s", () =>
    Effect.gen(function* () {
      const { connecting, decision, seqnum } = yield* overtaken
      yield* TestClock.adjust(Duration.millis(4999))
      assert.isUndefined(connecting.pollUnsafe())
      yield* decision
      assert.strictEqual((yield* Fiber.join(connecting)).seqnum, seqnum)
    })
  )

  it.effect("wait for it no longer: who was refused says so after 5 s", () =>
    Effect.gen(function* () {
      const { connecting } = yield* overtaken
      yield* TestClock.adjust(Duration.millis(4999))
      assert.isUndefined(connecting.pollUnsafe())
      yield* TestClock.adjust(Duration.millis(1))
      const error = yield* Effect.flip(Fiber.join(connecting))
      assert.deepStrictEqual(reasons(error.attempts), [["tcp:high:1", "PeerRefused", 0]])
      assert.include(error.message, "Duplicate connection")
    })
  )
})

describe("A Tub whose Master believes in a dead link", () => {
  it.effect("hears so after 5 s, and may try again", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const line = yield* make
      const places: Record<string, Place> = { "tcp:high:1": line.to(there.place, isDecision) }
      const { connect } = Context.get(yield* tub(low, network(places)), Connector)
      const lost = yield* Effect.forkChild(Effect.scoped(connect(target(high, "tcp:high:1"))))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(lost)

      places["tcp:high:1"] = there.place
      const failing = yield* Effect.forkChild(Effect.flip(connect(target(high, "tcp:high:1"))))
      yield* TestClock.adjust(Duration.millis(4999))
      assert.isUndefined(failing.pollUnsafe())
      yield* TestClock.adjust(Duration.millis(1))
      const error = yield* Fiber.join(failing)
      assert.deepStrictEqual(reasons(error.attempts), [["tcp:high:1", "PeerRefused", 0]])
      assert.isFalse(error.isPermanent)
    })
  )
})
