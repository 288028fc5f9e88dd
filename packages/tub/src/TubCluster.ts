/**
 * TubCluster: an Effect Cluster whose runners are Tubs. Who a runner is stands in its address (`TubRunnerAddress`), and
 * whoever dials it has it proven; who may dial is for each runner to say. There is no certificate authority.
 *
 * ```text
 *   Sharding ── RPC ── TubClusterClient ══ a link of its own ══▶ TubClusterServer ── RPC ── Sharding
 * ```
 *
 * Effect's `SocketRunner` runs over it unmodified. Storage is the application's, as in every cluster.
 *
 * @since 0.1.0
 */
import type { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { MessageStorage } from "effect/cluster/MessageStorage"
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import type { RunnerStorage } from "effect/cluster/RunnerStorage"
import type { Sharding } from "effect/cluster/Sharding"
import type { ShardingConfig } from "effect/cluster/ShardingConfig"
import * as SocketRunner from "effect/cluster/SocketRunner"
import * as Layer from "effect/Layer"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import type * as Scope from "effect/Scope"
import type * as SocketServer from "effect/socket/SocketServer"
import type { Connector } from "./Connector.ts"
import type { Links } from "./Links.ts"
import type { Tub } from "./Tub.ts"
import * as TubClusterClient from "./TubClusterClient.ts"
import * as TubClusterServer from "./TubClusterServer.ts"

/**
 * A runner: it has entities, sends to those of the other runners, and takes part in asking them for their health, itself
 * and not an orchestrator that does not know such addresses (`RunnerHealth.layerPing`).
 *
 * Its `runnerAddress` in `ShardingConfig` is made with `TubRunnerAddress.make`. What runners say to each other is in
 * Effect's binary serialization; for another one put `SocketRunner.layer`, `TubClusterClient` and `TubClusterServer`
 * together.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <R>(
  options: TubClusterServer.Options<R>
): Layer.Layer<
  Sharding | Runners.Runners,
  SocketServer.SocketServerError,
  | Connector
  | Links
  | MessageStorage
  | NegotiationService
  | RunnerStorage
  | ShardingConfig
  | Tub
  | Exclude<R, Scope.Scope>
> =>
  SocketRunner.layer.pipe(
    Layer.provide(RunnerHealth.layerPing.pipe(Layer.provide(Runners.layerRpc))),
    Layer.provide([TubClusterServer.layerSocketServer(options), TubClusterClient.layerClientProtocol]),
    Layer.provide(RpcSerialization.layerSchemaBinary())
  )

/**
 * A member that sends to entities and has none itself. It is in no storage of runners, so they have to admit its TubId by
 * themselves.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClientOnly: Layer.Layer<
  Sharding | Runners.Runners,
  never,
  Connector | MessageStorage | RunnerStorage | ShardingConfig
> = SocketRunner.layerClientOnly.pipe(
  Layer.provide(TubClusterClient.layerClientProtocol),
  Layer.provide(RpcSerialization.layerSchemaBinary())
)
