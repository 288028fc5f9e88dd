/**
 * TubClusterServer: where a runner of an Effect Cluster is talked to, and who may talk to it.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Admit } from "@effect-foolscap/negotiation/phase/Encrypted"
import type * as RunnerAddress from "effect/cluster/RunnerAddress"
import { RunnerStorage } from "effect/cluster/RunnerStorage"
import { ShardingConfig } from "effect/cluster/ShardingConfig"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as SocketServer from "effect/socket/SocketServer"
import type { Endpoint, ListenFailed, TcpAddress } from "./Endpoint.ts"
import type { Links } from "./Links.ts"
import { Tub } from "./Tub.ts"
import { protocol } from "./TubClusterClient.ts"
import * as TubRunnerAddress from "./TubRunnerAddress.ts"
import * as TubSocketServer from "./TubSocketServer.ts"

/**
 * A runner's own address has to say that it is this Tub, or nobody would get through to it.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotOurAddress extends Schema.TaggedError<NotOurAddress>("@effect-foolscap/tub/NotOurAddress")(
  "NotOurAddress",
  {
    /** The `runnerAddress` of `ShardingConfig`, as text, if there is one. */
    address: Schema.optionalKey(Schema.String),
    /** Who this Tub is. */
    tubId: TubId
  }
) {
  override get message() {
    const found =
      this.address === undefined ? "ShardingConfig has no runnerAddress" : `${this.address} is another runner`
    return `${found}; this one is ${this.tubId}@HOST:PORT, which TubRunnerAddress.make makes`
  }
}

/**
 * How a runner is reached, and by whom.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<R> {
  /** How a port is opened, such as `NodeEndpoint.listen`. */
  readonly listen: (address: TcpAddress) => Effect.Effect<Endpoint, ListenFailed, R>
  /**
   * The Tubs that may talk to the runner, which is to say, send anything to any entity: a set of them, or whoever it says,
   * such as `registered`. Everyone else is refused in the negotiation, and told so (N31). It is asked for each new link, and
   * ends none. The runner itself, whose health is asked for too, is always admitted, and an anonymous client never.
   */
  readonly admit: ReadonlySet<TubId> | Admit
}

/**
 * The `SocketServer` for `SocketRunner.layer`.
 *
 * It listens at the `runnerListenAddress` of `ShardingConfig`, which may do without the TubId (`0.0.0.0`), or else at the
 * `runnerAddress`. That has to be this Tub's, or else this fails with `NotOurAddress`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSocketServer = <R>(
  options: Options<R>
): Layer.Layer<
  SocketServer.SocketServer,
  SocketServer.SocketServerError,
  Links | NegotiationService | ShardingConfig | Tub | Exclude<R, Scope.Scope>
> =>
  Effect.gen(function* () {
    const { runnerAddress, runnerListenAddress } = yield* ShardingConfig
    const { tubId } = yield* Tub
    const ours = Option.getOrUndefined(runnerAddress)
    if (ours === undefined || tubIdOf(ours) !== tubId) {
      const cause = new NotOurAddress({
        tubId,
        ...(ours === undefined ? {} : { address: `${ours.host}:${ours.port}` })
      })
      return yield* new SocketServer.SocketServerError({ reason: new SocketServer.SocketServerOpenError({ cause }) })
    }
    const { admit } = options
    const admits = typeof admit === "function" ? admit : (peer: TubId) => Effect.succeed(admit.has(peer))
    return TubSocketServer.layer({
      protocol,
      listen: options.listen(placeOf(Option.getOrElse(runnerListenAddress, () => ours))),
      admit: (peer) => (peer === undefined || peer === tubId ? Effect.succeed(peer === tubId) : admits(peer))
    })
  }).pipe(Layer.unwrap)

const tubIdOf = (address: RunnerAddress.RunnerAddress): TubId | undefined =>
  Result.getOrUndefined(TubRunnerAddress.target(address))?.tubId

const placeOf = (address: RunnerAddress.RunnerAddress): TcpAddress =>
  Result.match(TubRunnerAddress.target(address), {
    onSuccess: ({ hints: [{ host, port }] }) => ({ host, port }),
    onFailure: () => ({ host: address.host, port: address.port })
  })

/**
 * Admits the runners that are registered in `RunnerStorage`, for a cluster in which runners come and go: a runner registers
 * itself before it talks to another.
 *
 * It is as strict as the storage: whoever can write there can join, and who is taken out of it stays out. Somebody who only
 * sends (`TubCluster.layerClientOnly`) is not registered, and neither is a runner that is shutting down, which keeps the
 * links it has. Nobody is admitted while the storage does not answer.
 *
 * @category constructors
 * @since 0.1.0
 */
export const registered: Effect.Effect<Admit, never, RunnerStorage> = Effect.map(
  RunnerStorage,
  ({ getRunners }) =>
    (peer) =>
      getRunners.pipe(
        Effect.map((runners) => peer !== undefined && runners.some(([{ address }]) => tubIdOf(address) === peer)),
        Effect.catch((error) =>
          Effect.as(Effect.logWarning("nobody is admitted, as the storage of runners does not answer", error), false)
        )
      )
)
