import { assert, describe, it } from "@effect/vitest"
import { PersistenceError } from "effect/cluster/ClusterError"
import * as Runner from "effect/cluster/Runner"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import { RunnerStorage } from "effect/cluster/RunnerStorage"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { protocol } from "../src/TubClusterClient.ts"
import * as TubClusterServer from "../src/TubClusterServer.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import * as TubRunnerAddress from "../src/TubRunnerAddress.ts"
import * as TubSocket from "../src/TubSocket.ts"
import * as Cluster from "./Cluster.ts"
import * as ClusterStorage from "./ClusterStorage.ts"
import { high, hints, low, middle } from "./Network.ts"

const admit = new Set([low.tubId, high.tubId])

/** `middle`, which is no runner, dials the port of one and reads. Gives why it cannot. */
const refusal = (runner: TubIdentity) =>
  Cluster.within(
    Effect.fn(function* (network) {
      yield* Cluster.runner({ network, storage: yield* ClusterStorage.make, host: "b", self: runner, admit })
      const reading = Effect.gen(function* () {
        const target = { tubId: runner.tubId, hints: hints(`tcp:b:${Cluster.port}`) }
        const { reader } = yield* TubSocket.make(target, { protocol })
        const { pull } = yield* reader
        return yield* pull
      }).pipe(Effect.scoped, Effect.provide(Cluster.program(network, "a", middle)))
      return (yield* Cluster.soon(10, Effect.flip(reading))).reason
    })
  )

/** Whom a runner admits that knows this of the others. */
const registered = (getRunners: (typeof RunnerStorage)["Service"]["getRunners"]) => {
  const storage = Effect.map(ClusterStorage.make, (others) => ({ ...others, getRunners }))
  return Effect.provideServiceEffect(TubClusterServer.registered, RunnerStorage, storage)
}

const runnerAt = (address: RunnerAddress.RunnerAddress) => Runner.make({ address, groups: ["default"], weight: 1 })

describe("TubClusterServer", () => {
  it.effect("refuses a stranger in the negotiation, and tells him so", () =>
    Effect.gen(function* () {
      const reason = yield* refusal(high)
      assert(reason._tag === "SocketOpenError" && reason.cause instanceof Error)
      assert.include(reason.cause.message, `${middle.tubId} is not admitted here`)
    })
  )

  it.effect("refuses a stranger who decides as the Master, before it hears anything", () =>
    Effect.gen(function* () {
      const reason = yield* refusal(low)
      assert(reason._tag === "SocketReadError" && reason.cause instanceof Error)
      assert.include(reason.cause.message, `${middle.tubId} is not admitted here`)
    })
  )

  it.effect("lets the runner ask for its own health, without the network, whoever else is admitted", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const nobody = new Set<never>()
        const a = yield* Cluster.runner({
          network,
          storage: yield* ClusterStorage.make,
          host: "a",
          self: low,
          admit: nobody
        })
        yield* Cluster.soon(1, a.ping(Cluster.addressOf(low, "nowhere")))
      })
    )
  )

  it.effect("lets runners talk to each other that are registered, where it admits those", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const storage = yield* ClusterStorage.make
        const shared = {
          network,
          storage,
          admit: yield* Effect.provideService(TubClusterServer.registered, RunnerStorage, storage)
        }
        const a = yield* Cluster.runner({ ...shared, host: "a", self: low })
        const b = yield* Cluster.runner({ ...shared, host: "b", self: high })
        for (const { count } of [a, b]) {
          assert.deepStrictEqual(Cluster.where(yield* Cluster.soon(30, count)), new Set([a.address, b.address]))
        }
      })
    )
  )

  it.effect("takes an unhealthy runner for a registered one, but nobody else, and no anonymous client", () =>
    Effect.gen(function* () {
      const unhealthy = [runnerAt(Cluster.addressOf(low, "a")), false] as const
      const nameless = [runnerAt(RunnerAddress.make("b", Cluster.port)), true] as const
      const admits = yield* registered(Effect.succeed([unhealthy, nameless]))
      assert.isTrue(yield* admits(low.tubId))
      assert.isFalse(yield* admits(high.tubId))
      assert.isFalse(yield* admits(undefined))
    })
  )

  it.effect("takes nobody for a registered runner while the storage does not answer", () =>
    Effect.gen(function* () {
      const admits = yield* registered(Effect.fail(new PersistenceError({ cause: new Error("gone") })))
      assert.isFalse(yield* admits(low.tubId))
    })
  )

  for (const [what, runnerAddress, message] of [
    ["no address", Option.none(), "ShardingConfig has no runnerAddress"],
    ["an address that names no Tub", Option.some(RunnerAddress.make("a", 1)), "a:1 is another runner"],
    ["another Tub's address", Option.some(Cluster.addressOf(high, "a")), `${high.tubId}@a:34431 is another runner`]
  ] as const) {
    it.effect(`does not open for a runner with ${what}, and says which it should have`, () =>
      Cluster.within(
        Effect.fn(function* (network) {
          const options = { network, storage: yield* ClusterStorage.make, host: "a", self: low, admit }
          const { reason } = yield* Effect.flip(Layer.build(Cluster.layer({ ...options, config: { runnerAddress } })))
          assert.instanceOf(reason.cause, TubClusterServer.NotOurAddress)
          assert.strictEqual(
            reason.cause.message,
            `${message}; this one is ${low.tubId}@HOST:PORT, which TubRunnerAddress.make makes`
          )
        })
      )
    )
  }

  it.effect("listens where it is told to, also if others find the runner elsewhere", () =>
    Cluster.within(
      Effect.fn(function* (network) {
        const config = { runnerListenAddress: Option.some(RunnerAddress.make("b", 4711)) }
        yield* Cluster.runner({ network, storage: yield* ClusterStorage.make, host: "b", self: high, admit, config })
        const a = yield* Cluster.runner({ network, storage: yield* ClusterStorage.make, host: "a", self: low, admit })
        yield* Cluster.soon(1, a.ping(TubRunnerAddress.make(high.tubId, "b", 4711)))
        yield* Cluster.soon(1, Effect.flip(a.ping(Cluster.addressOf(high, "b"))))
      })
    )
  )
})
