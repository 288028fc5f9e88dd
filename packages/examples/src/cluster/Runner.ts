/** A runner of the cluster: a Tub that nobody has met before, and the entities that live with it. */
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as TubCluster from "@effect-foolscap/tub/TubCluster"
import * as TubClusterServer from "@effect-foolscap/tub/TubClusterServer"
import * as TubRunnerAddress from "@effect-foolscap/tub/TubRunnerAddress"
import { Effect, Layer, Option, Schema } from "effect"
import { Entity, MessageStorage, ShardingConfig, SqlRunnerStorage } from "effect/cluster"
import { Rpc } from "effect/rpc"
import * as Sqlite from "./Sqlite.ts"

/** Counts how often it was asked, and says which process it lives in. */
export const Counter = Entity.make("Counter", [
  Rpc.make("Increment", { success: Schema.Struct({ count: Schema.Int, process: Schema.Int }) })
])

const counters = Counter.toLayer(
  Effect.sync(() => {
    let count = 0
    return Counter.of({ Increment: () => Effect.sync(() => ({ count: ++count, process: process.pid })) })
  })
)

/** Impatient, because the example is short: Effect waits 35 seconds for a runner that is silent, and looks every 3. */
const settings = { shardLockExpiration: "5 seconds", refreshAssignmentsInterval: "200 millis" } as const

/**
 * A runner of the cluster that shares this database. Its address there says which Tub it is, and that is whom the others
 * dial; whoever stands in the database, and nobody else, gets in here.
 */
export const layer = (database: string) => {
  const runner = Effect.gen(function* () {
    const { tubId } = yield* Tub
    const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
    const address = TubRunnerAddress.make(tubId, "127.0.0.1", endpoint.address.port)
    const admit = yield* TubClusterServer.registered
    return TubCluster.layer({ listen: () => Effect.succeed(endpoint), admit }).pipe(
      Layer.provide(ShardingConfig.layer({ ...settings, runnerAddress: Option.some(address) }))
    )
  })
  const runners = SqlRunnerStorage.layer.pipe(Layer.provide([Sqlite.layer(database), ShardingConfig.layer(settings)]))
  return counters.pipe(
    Layer.provideMerge(Layer.unwrap(runner)),
    Layer.provide([NodeTub.layerMemory, runners, MessageStorage.layerNoop])
  )
}
