import type { SimulatedNetwork } from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as MessageStorage from "effect/cluster/MessageStorage"
import { RunnerStorage } from "effect/cluster/RunnerStorage"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TubCluster from "../src/TubCluster.ts"
import * as Cluster from "./Cluster.ts"
import * as ClusterStorage from "./ClusterStorage.ts"
import { high, low, middle } from "./Network.ts"

/** Two runners, and what they share. */
const two = Effect.fnUntraced(function* (network: SimulatedNetwork) {
  const storage = yield* ClusterStorage.make
  const admit = new Set([low.tubId, middle.tubId, high.tubId])
  const a = yield* Cluster.runner({ network, storage, host: "a", self: low, admit })
  const b = yield* Cluster.runner({ network, storage, host: "b", self: high, admit })
  return { storage, a, b }
})

describe("TubCluster", () => {
  it.effect("brings messages to the entities on the other runner, in both directions", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const { a, b } = yield* two(network)
        const first = yield* Cluster.soon(30, a.count)
        const second = yield* Cluster.soon(30, b.count)
        assert.deepStrictEqual(Cluster.where(first), new Set([a.address, b.address]))
        assert.deepStrictEqual(
          second,
          first.map(({ count, runner }) => ({ count: count + 1, runner }))
        )
      })
    )
  )

  it.effect("brings messages from a member without entities of its own", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const { a, b, storage } = yield* two(network)
        const member = TubCluster.layerClientOnly.pipe(
          Layer.provide([
            Cluster.program(network, "b", middle),
            Layer.succeed(RunnerStorage)(storage),
            MessageStorage.layerNoop,
            ShardingConfig.layer(Cluster.sizes)
          ])
        )
        const answers = yield* Cluster.soon(30, Effect.provide(Cluster.countAll, member))
        assert.deepStrictEqual(Cluster.where(answers), new Set([a.address, b.address]))
      })
    )
  )

  it.effect("moves the entities of a runner that leaves to the one that stays", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const { a, b } = yield* two(network)
        yield* Cluster.soon(30, a.count)
        yield* Cluster.soon(30, b.leave)
        // Sooner than it would take to give it up.
        assert.deepStrictEqual(Cluster.where(yield* Cluster.soon(15, a.count)), new Set([a.address]))
      })
    )
  )

  for (const [killed, survivor] of [
    ["a", "b"],
    ["b", "a"]
  ] as const) {
    it.effect(`moves the entities of a runner that was killed, ${killed}, to the one that is left`, () =>
      Cluster.within(
        Effect.fn(function* (network) {
          const runners = yield* two(network)
          yield* Cluster.soon(30, runners[survivor].count)
          yield* runners[killed].kill
          // Its shards are its own for 35 s, whoever asks for its health.
          const answers = yield* Cluster.soon(90, runners[survivor].count)
          assert.deepStrictEqual(Cluster.where(answers), new Set([runners[survivor].address]))
        })
      )
    )
  }

  it.effect("moves the entities of a runner that is there and cannot be reached", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const { a, b } = yield* two(network)
        yield* network.partition("a", "b")
        // Of two runners it is the one that asks for everybody's health that goes on.
        const answers = yield* Cluster.soon(120, Effect.raceFirst(a.count, b.count))
        assert.strictEqual(Cluster.where(answers).size, 1)
      })
    )
  )

  it.effect("goes on over new links when the old ones have died and nobody has heard of it", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const { a, b } = yield* two(network)
        yield* Cluster.soon(30, a.count)
        yield* Cluster.soon(30, b.count)
        yield* network.forget("a", "b")
        // Before the shards of anybody would be given to others.
        const answers = yield* Cluster.soon(30, Effect.all([a.count, b.count], { concurrency: 2 }))
        assert.deepStrictEqual(Cluster.where(answers.flat()), new Set([a.address, b.address]))
      })
    )
  )
})
