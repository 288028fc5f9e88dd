import type { SimulatedNetwork, SystemError } from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import type { PeerLink } from "../src/Links.ts"
import type { Target } from "../src/Target.ts"
import { high, low } from "./Network.ts"
import { keep, type Process, start, target, town } from "./ReconnectorTown.ts"

/** The clock of the test, and how many timers somebody waits for. */
const counted = Effect.map(Clock.Clock, (clock) => {
  let pending = 0
  const sleep: Clock.Clock["sleep"] = (duration) =>
    Effect.acquireUseRelease(
      Effect.sync(() => pending++),
      () => clock.sleep(duration),
      () => Effect.sync(() => pending--)
    )
  const get = (self: Clock.Clock, key: string | symbol): unknown => (key === "sleep" ? sleep : Reflect.get(self, key))
  return { clock: new Proxy(clock, { get }), pending: () => pending }
})

/** How a Reconnector for a Target comes into this state, as its record calls it, within 5 seconds. */
const cases: ReadonlyArray<{
  readonly state: string
  readonly to?: Target
  readonly given: (network: SimulatedNetwork, there: Process) => Effect.Effect<unknown, SystemError, Scope.Scope>
}> = [
  { state: "connecting tcp:there:1?", given: (network) => network.partition("here", "there") },
  { state: "connecting tcp:there:1!", given: (network) => network.listen("there", 1) },
  { state: "connected", given: (_network, there) => there.listen(1) },
  { state: "waiting until 10147 after ConnectError", given: () => Effect.void },
  { state: "gave up after ConnectError", to: target(), given: () => Effect.void }
]

describe("Stopping a Reconnector", () => {
  for (const { given, state, ...options } of cases) {
    it.effect(`leaves nothing behind where its last state was "${state}"`, () =>
      Effect.gen(function* () {
        const { clock, pending } = yield* counted
        const segments: Array<unknown> = []
        const handlers = new Set<PeerLink>()
        const connected = (link: PeerLink) =>
          Effect.acquireUseRelease(
            Effect.sync(() => handlers.add(link)),
            () => Effect.never,
            () => Effect.sync(() => handlers.delete(link))
          )
        const test = Effect.fnUntraced(function* (network: SimulatedNetwork) {
          const there = yield* start(network, "there", high)
          const here = yield* start(network, "here", low)
          yield* given(network, there)
          const scope = yield* Scope.make()
          const { reset, states } = yield* Scope.provide(keep(here, { connected, ...options }), scope)
          yield* TestClock.adjust("5 seconds")
          assert.strictEqual(states.at(-1)?.[1], state)
          const links = [...handlers]

          yield* Scope.close(scope, Exit.void)
          assert.strictEqual(handlers.size, 0)
          yield* network.heal("here", "there")
          // For whatever is still on its way.
          yield* TestClock.adjust("10 seconds")
          for (const link of links) assert.isTrue(yield* link.hasEnded)
          assert.strictEqual(pending(), 0)
          segments.length = 0
          yield* reset
          yield* TestClock.adjust("2 hours")
          assert.deepStrictEqual(segments, [])
        })
        yield* Effect.provideService(
          town(test, (segment) => segments.push(segment)),
          Clock.Clock,
          clock
        )
      })
    )
  }
})
