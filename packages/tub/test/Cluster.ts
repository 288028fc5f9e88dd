/** A cluster of Tubs on a simulated network, with entities that count. */
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert } from "@effect/vitest"
import * as Entity from "effect/cluster/Entity"
import * as MessageStorage from "effect/cluster/MessageStorage"
import type { RunnerAddress } from "effect/cluster/RunnerAddress"
import { Runners } from "effect/cluster/Runners"
import { RunnerStorage } from "effect/cluster/RunnerStorage"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Rpc from "effect/rpc/Rpc"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import { Tub } from "../src/Tub.ts"
import * as TubCluster from "../src/TubCluster.ts"
import type * as TubClusterServer from "../src/TubClusterServer.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import * as TubRunnerAddress from "../src/TubRunnerAddress.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import * as ClusterStorage from "./ClusterStorage.ts"

/** An entity that counts, and says on which runner. */
export const Counter = Entity.make("Counter", [
  Rpc.make("Increment", { success: Schema.Struct({ count: Schema.Int, runner: Schema.String }) })
])

const layerCounter = Counter.toLayer(
  Effect.gen(function* () {
    const { host: runner } = yield* Entity.CurrentRunnerAddress
    let count = 0
    return Counter.of({ Increment: () => Effect.sync(() => ({ count: ++count, runner })) })
  })
)

/** Two hosts, on which programs run and end. */
export const within = <A, E, R>(use: (network: SimulatedNetwork.SimulatedNetwork) => Effect.Effect<A, E, R>) =>
  SimulatedNetwork.within({ hosts: ["a", "b"], seed: 1, way: { latency: "20 millis" } }, use)

/** A program that is this Tub, on this host of the network. */
export const program = (network: SimulatedNetwork.SimulatedNetwork, host: string, self: TubIdentity) =>
  Connector.layer.pipe(
    Layer.provide(SimulatedHost.layerHintHandler(network, host)),
    Layer.provideMerge(Tub.layer(self))
  )

/** Which runner, and what it knows. */
export interface Options {
  readonly network: SimulatedNetwork.SimulatedNetwork
  readonly storage: (typeof RunnerStorage)["Service"]
  readonly host: string
  readonly self: TubIdentity
  readonly admit: TubClusterServer.Options<never>["admit"]
  /** What is unusual about this runner. */
  readonly config?: Partial<ShardingConfig.ShardingConfig["Service"]>
}

/** Where runners listen. */
export const port = 34_431

/** The same for everyone in the cluster. */
export const sizes = { shardsPerGroup: 20 }

// Enough of them that some are on either of two runners.
const ids = Array.from({ length: 20 }, (_, id) => `counter ${id}`)

/** Asks every Counter, and says how far it has come, and on which runner. */
export const countAll = Effect.gen(function* () {
  const counter = yield* Counter.client
  return yield* Effect.forEach(ids, (id) => counter(id).Increment(), { concurrency: "unbounded" })
})

/** The address of this Tub's runner on this host. */
export const addressOf = (self: TubIdentity, host: string): RunnerAddress =>
  TubRunnerAddress.make(self.tubId, host, port)

/** A runner, its Counters, and the way to them. */
export const layer = (options: Options) => {
  const { admit, config, host, network, self } = options
  return layerCounter.pipe(
    Layer.provideMerge(TubCluster.layer({ listen: (at) => SimulatedHost.listen(network, at.host, at.port), admit })),
    Layer.provide([
      program(network, host, self),
      Layer.succeed(RunnerStorage)(options.storage),
      MessageStorage.layerNoop,
      ShardingConfig.layer({ runnerAddress: Option.some(addressOf(self, host)), ...sizes, ...config })
    ])
  )
}

/** A runner that has been running for a while, in a Scope of its own. */
export const runner = Effect.fnUntraced(function* (options: Options) {
  const { host, network, self } = options
  const scope = yield* Scope.make()
  // A runner that ends takes its time.
  yield* Effect.addFinalizer((exit) => soon(120, Scope.close(scope, exit)))
  const power = { isOn: true }
  const storage = ClusterStorage.whileOn(power, options.storage)
  const context = yield* Layer.buildWithScope(layer({ ...options, storage }), scope)
  const kill = Effect.andThen(
    network.crash(host),
    Effect.sync(() => {
      power.isOn = false
    })
  )
  yield* TestClock.adjust("10 seconds")
  return {
    /** The `host` of its address. */
    address: addressOf(self, host).host,
    /** Asks every Counter, from here. */
    count: Effect.provideContext(countAll, context),
    /** Asks another runner whether it is there. */
    ping: Context.get(context, Runners).ping,
    /** Lets it hand its entities over and end. */
    leave: Scope.close(scope, Exit.void),
    /** Takes its power away: its connections are gone, and it gives nothing back to the storage. */
    kill
  }
})

/** The runners that have answered. */
export const where = (answers: ReadonlyArray<{ readonly runner: string }>) =>
  new Set(answers.map(({ runner }) => runner))

/** Lets time go by until the effect has ended, which has to be within the time given, in seconds. */
export const soon = Effect.fnUntraced(function* <A, E, R>(seconds: number, effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  for (let passed = 0; passed < seconds * 10 && fiber.pollUnsafe() === undefined; passed++) {
    yield* TestClock.adjust("100 millis")
  }
  if (fiber.pollUnsafe() === undefined) assert.fail(`this takes longer than ${seconds} s`)
  return yield* Fiber.join(fiber)
})
