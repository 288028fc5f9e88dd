/**
 * TubClusterClient: how a runner of an Effect Cluster talks to the other runners, which are Tubs.
 *
 * @since 0.1.0
 */
import type * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Runners from "effect/cluster/Runners"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as RpcClient from "effect/rpc/RpcClient"
import { RpcClientDefect, RpcClientError } from "effect/rpc/RpcClientError"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Socket from "effect/socket/Socket"
import { ConnectError } from "./ConnectError.ts"
import { Connector } from "./Connector.ts"
import * as TubRunnerAddress from "./TubRunnerAddress.ts"
import * as TubSocket from "./TubSocket.ts"

/**
 * The application protocol that runners speak with each other (N29). The runners of a cluster need the same
 * `RpcSerialization`, too, which the name does not tell.
 *
 * @category constants
 * @since 0.1.0
 */
export const protocol = "effect-cluster/1"

/**
 * How long it may take until there is a link with a runner: 5 seconds.
 *
 * Over TCP alone Effect gives it 1 second, but there the system of the other side answers. Here its program does, and may
 * be busy; 5 seconds is also what the runners' RPC clients give it to answer a ping.
 *
 * @category constants
 * @since 0.1.0
 */
export const openLimit: Duration.Duration = Duration.seconds(5)

/**
 * How a runner talks to other runners: over a link of its own with each of them, whose peer has proven to be the Tub in the
 * runner's address.
 *
 * A runner that cannot be reached is a `RunnerUnavailable`, after `openLimit`, and is tried again; Effect gives its shards
 * to others once somebody has asked for its health. So is one whose address names no Tub, at once: such an address comes
 * from a storage that others write to, and a defect would go to whoever sends to an entity there.
 *
 * Why, the cluster does not tell. The log does: at debug level if nobody answered, as a warning if somebody refused us or
 * was another Tub.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClientProtocol: Layer.Layer<
  Runners.RpcClientProtocol,
  never,
  Connector | RpcSerialization.RpcSerialization
> = Layer.effect(
  Runners.RpcClientProtocol,
  Effect.gen(function* () {
    const connector = yield* Connector
    const serialization = yield* RpcSerialization.RpcSerialization
    const { codecFor } = serialization

    const make = Effect.fnUntraced(function* (address: RunnerAddress.RunnerAddress) {
      const target = TubRunnerAddress.target(address)
      if (Result.isFailure(target)) return yield* unusable(target.failure, codecFor)
      const socket = yield* Effect.provideService(TubSocket.make(target.success, { protocol }), Connector, connector)
      return yield* RpcClient.makeProtocolSocket().pipe(
        Effect.provideService(Socket.Socket, attended(socket)),
        Effect.provideService(RpcSerialization.RpcSerialization, serialization),
        Effect.annotateLogs({ runner: `${address.host}:${address.port}` })
      )
    })
    return { codecFor, make }
  })
)

/** For a runner that nobody can get through to. */
const unusable = (cause: TubRunnerAddress.NotATubRunner, codecFor: RpcSerialization.CodecFor) => {
  const error = new RpcClientError({ reason: new RpcClientDefect({ message: cause.message, cause }) })
  return RpcClient.Protocol.make(() =>
    Effect.as(Effect.logWarning(cause.message), {
      send: () => Effect.fail(error),
      supportsAck: true,
      supportsTransferables: false,
      codecFor
    })
  )
}

/** The socket, whose reader has `openLimit` to open, and tells the log why there is none. */
const attended = (socket: Socket.Socket): Socket.Socket =>
  Socket.make({
    writer: socket.writer,
    reader: socket.reader.pipe(
      Effect.timeoutOrElse({ duration: openLimit, orElse: () => Effect.fail(tooLate()) }),
      Effect.map(({ pull, upgrade }) => ({ pull: Effect.tapError(pull, tell), upgrade })),
      Effect.tapError(tell)
    )
  })

const tooLate = () => {
  const cause = new Error(`there was no link within ${Duration.format(openLimit)}`)
  return new Socket.SocketError({ reason: new Socket.SocketOpenError({ kind: "Timeout", cause }) })
}

const tell = ({ reason }: Socket.SocketError): Effect.Effect<void> => {
  if (!("cause" in reason) || !(reason.cause instanceof Error)) return Effect.void
  return isDenial(reason.cause) ? Effect.logWarning(reason.cause.message) : Effect.logDebug(reason.cause.message)
}

/** Whether somebody answered and would not have us, or was not the one we asked for. */
const isDenial = (error: Error): boolean =>
  Predicate.isTagged(error, "PeerRefused") ||
  (error instanceof ConnectError &&
    error.attempts.some(({ error: why }) => why._tag === "NegotiationError" && !silences.has(why.reason._tag)))

const silences: ReadonlySet<string> = new Set(["DeadlineExceeded", "PeerClosed", "TransportFailed"])
