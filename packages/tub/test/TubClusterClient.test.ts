import { assert, describe, it } from "@effect/vitest"
import * as Runner from "effect/cluster/Runner"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import * as Cluster from "./Cluster.ts"
import * as ClusterStorage from "./ClusterStorage.ts"
import { high, low, middle } from "./Network.ts"

const admit = new Set([low.tubId, high.tubId])

describe("TubClusterClient", () => {
  for (const silence of ["is cut off", "listens and says nothing"] as const) {
    it.effect(`calls a runner that ${silence} unavailable after 5 s`, () =>
      Cluster.within(
        Effect.fn(function* (network) {
          const a = yield* Cluster.runner({ network, storage: yield* ClusterStorage.make, host: "a", self: low, admit })
          if (silence === "is cut off") yield* network.partition("a", "b")
          else yield* SimulatedHost.listen(network, "b", Cluster.port)
          const pinging = Effect.timed(Effect.flip(a.ping(Cluster.addressOf(high, "b"))))
          const [after, error] = yield* Cluster.soon(10, pinging)
          assert.strictEqual(error._tag, "RunnerUnavailable")
          assert.strictEqual(Duration.format(after), "5s")
        })
      )
    )
  }

  for (const [what, address] of [
    ["names another Tub than the one that is there", Cluster.addressOf(middle, "b")],
    ["names no Tub", RunnerAddress.make("b", Cluster.port)],
    ["is no address", RunnerAddress.make(`${high.tubId}@b c`, -1)]
  ] as const) {
    it.effect(`talks to nobody at an address that ${what}, and its entities come to live elsewhere`, () =>
      Cluster.within(
        Effect.fn(function* (network) {
          const asked: Array<unknown> = []
          const admitting = { admit: (peer: unknown) => Effect.sync(() => asked.push(peer) > 0) }
          yield* Cluster.runner({ network, storage: yield* ClusterStorage.make, host: "b", self: high, ...admitting })
          const storage = yield* ClusterStorage.make
          yield* storage.register(Runner.make({ address, groups: ["default"], weight: 1 }), true)
          const a = yield* Cluster.runner({ network, storage, host: "a", self: low, admit })
          assert.strictEqual((yield* Cluster.soon(2, Effect.flip(a.ping(address))))._tag, "RunnerUnavailable")
          // Whoever sends to one of them waits for as long as that takes.
          assert.deepStrictEqual(Cluster.where(yield* Cluster.soon(60, a.count)), new Set([a.address]))
          assert.deepStrictEqual(asked, [])
        })
      )
    )
  }

  for (const [self, other, role] of [
    [low, high, "NonMaster"],
    [high, low, "Master"]
  ] as const) {
    it.effect(`tells the log of a runner (the ${role}) that another one does not admit it`, () =>
      Cluster.within(
        Effect.fn(function* (network) {
          const warnings: Array<unknown> = []
          const logger = Logger.make(({ logLevel, message }) => {
            if (logLevel === "Warn") warnings.push(message)
          })
          const nobody = new Set<never>()
          yield* Cluster.runner({ network, storage: yield* ClusterStorage.make, host: "b", self: other, admit: nobody })
          const a = yield* Cluster.runner({
            network,
            storage: yield* ClusterStorage.make,
            host: "a",
            self,
            admit
          }).pipe(Effect.provide(Logger.layer([logger])))
          const error = yield* Cluster.soon(10, Effect.flip(a.ping(Cluster.addressOf(other, "b"))))
          assert.strictEqual(error._tag, "RunnerUnavailable")
          assert.include(String(warnings), `${self.tubId} is not admitted here`)
        })
      )
    )
  }
})
