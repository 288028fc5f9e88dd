import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import { Tub } from "../src/Tub.ts"
import { reasons, target } from "./Dialling.ts"
import { high, hints, identity, low, middle } from "./Network.ts"

const friend = identity("5b633fkrmh5ljnyzrd43joa4f6gkcpz6")

const town = {
  hosts: ["home", "friend", "high", "moved", "impostor", "wall"],
  seed: 1,
  way: { latency: "10 millis" }
} as const

/** `low` at home, who holds a link with a friend. Elsewhere is all that can go wrong on the way to `high`. */
const village = Effect.fnUntraced(function* (net: SimulatedNetwork.SimulatedNetwork) {
  const listen = (host: string, tub: ReturnType<typeof Tub.layer>) =>
    Layer.build(
      Listener.layer(SimulatedHost.listen(net, host, 4711), {
        connected: () => Effect.never,
        failed: () => Effect.void
      }).pipe(Layer.provide(tub))
    )
  const [nowhere] = hints("tcp:nowhere:4711")
  assert.isDefined(nowhere)
  yield* listen("friend", Tub.layer(friend))
  yield* listen("high", Tub.layer(high))
  yield* listen("moved", Tub.layer(middle, { elsewhere: new Map([[high.tubId, [nowhere]]]) }))
  yield* listen("impostor", Tub.layer(identity(high.tubId, middle.tubId)))
  yield* SimulatedHost.listen(net, "wall", 4711)
  yield* net.partition("home", "wall")
  const services = Connector.layer.pipe(
    Layer.provide(SimulatedHost.layerHintHandler(net, "home")),
    Layer.provide(Tub.layer(low))
  )
  const { connect } = Context.get(yield* Layer.build(services), Connector)
  const linking = yield* Effect.forkScoped(connect(target(friend, "tcp:friend:4711")))
  yield* TestClock.adjust("1 second")
  return { connect, link: yield* Fiber.join(linking) }
})

/** What a dial at these hints comes to, and whether trying again is in vain. */
const faults: ReadonlyArray<{
  readonly of: string
  readonly at: ReadonlyArray<string>
  readonly ends: ReadonlyArray<string>
  readonly says: string
  readonly isPermanent?: true
}> = [
  { of: "a FURL without hints", at: [], ends: [], says: "no location hints", isPermanent: true },
  {
    of: "a FURL whose hints are all of kinds that nobody knows here",
    at: ["i2p:x.i2p", "nonsense"],
    ends: ["i2p:x.i2p UnknownHint", "nonsense UnknownHint"],
    says: "no handler here connects to i2p:x.i2p",
    isPermanent: true
  },
  {
    of: "a name that does not resolve",
    at: ["tcp:nowhere:1", "i2p:x.i2p"],
    ends: ["tcp:nowhere:1 Unreachable", "i2p:x.i2p UnknownHint"],
    says: "cannot reach tcp:nowhere:1: getaddrinfo ENOTFOUND nowhere"
  },
  {
    of: "a port that is refused",
    at: ["tcp:high:1"],
    ends: ["tcp:high:1 Unreachable"],
    says: "cannot reach tcp:high:1: connect ECONNREFUSED high:1"
  },
  {
    of: "a hint that never answers",
    at: ["tcp:wall:4711"],
    ends: ["tcp:wall:4711 GaveUp"],
    says: "tcp:wall:4711: no answer before the 2m for this dial were over"
  },
  {
    of: "a redirect to nowhere",
    at: ["tcp:moved:4711"],
    ends: ["tcp:moved:4711 Redirect", "tcp:moved:4711 -> tcp:nowhere:4711 Unreachable"],
    says: "tcp:moved:4711 -> tcp:nowhere:4711: cannot reach tcp:nowhere:4711"
  },
  {
    of: "another Tub at the address",
    at: ["tcp:friend:4711"],
    ends: ["tcp:friend:4711 PeerRefused"],
    says: "tcp:friend:4711: Plaintext: the peer refused: unknown TubID"
  },
  {
    of: "somebody who cannot prove to be the Tub",
    at: ["tcp:impostor:4711"],
    ends: ["tcp:impostor:4711 TubIdMismatch"],
    says: "tcp:impostor:4711: Encrypted:"
  }
]

describe("Connector.connect names what was wrong, and leaves what was connected alone, where it meets", () => {
  for (const { at, ends, isPermanent = false, of, says } of faults) {
    it.effect(of, () =>
      SimulatedNetwork.within(
        town,
        Effect.fn(function* (net) {
          const { connect, link } = yield* village(net)
          const failing = yield* Effect.forkChild(Effect.flip(connect(target(high, ...at))))
          yield* TestClock.adjust("2 minutes")
          const error = yield* Fiber.join(failing)
          assert.deepStrictEqual(
            reasons(error.attempts).map(([way, reason]) => `${way} ${reason}`),
            ends
          )
          assert.include(error.message, high.tubId)
          assert.include(error.message, says)
          assert.strictEqual(error.isPermanent, isPermanent)
          assert.isFalse(yield* link.hasEnded)
        })
      )
    )
  }

  it.effect("all of it at once, and one hint that is good", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { connect, link } = yield* village(net)
        const all = faults.flatMap(({ at }) => at)
        const connecting = yield* Effect.forkScoped(connect(target(high, ...all, "tcp:high:4711")))
        yield* TestClock.adjust("1 second")
        const found = yield* Fiber.join(connecting)
        assert.strictEqual(found.remoteAddress, "high:4711")
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual([yield* found.hasEnded, yield* link.hasEnded], [false, false])
      })
    )
  )

  it.effect("a port of its own that is in use", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { link } = yield* village(net)
        const listener = Listener.layer(SimulatedHost.listen(net, "high", 4711), {
          connected: () => Effect.never,
          failed: () => Effect.void
        })
        const error = yield* Effect.flip(Layer.build(Layer.provide(listener, Tub.layer(low))))
        assert.strictEqual(error._tag, "ListenFailed")
        assert.strictEqual(error.message, "cannot listen on high:4711: listen EADDRINUSE high:4711")
        assert.isFalse(yield* link.hasEnded)
      })
    )
  )
})
