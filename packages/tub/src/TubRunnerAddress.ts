/**
 * TubRunnerAddress: the address of an Effect Cluster's runner, when the runner is a Tub.
 *
 * A cluster knows its runners by `host` and `port` alone. Here the host says also who listens there, so that whoever
 * dials the address has it proven:
 *
 * ```text
 *   host                                             port
 *   p34dey6aut5fvfk7jekonycc7apozbhf@10.0.0.7        34431
 *   p34dey6aut5fvfk7jekonycc7apozbhf@[2001:db8::7]   34431
 * ```
 *
 * @since 0.1.0
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * A runner's address does not say which Tub the runner is, so nobody could prove to be it; or it is no address at all.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotATubRunner extends Schema.TaggedError<NotATubRunner>("@effect-foolscap/tub/NotATubRunner")(
  "NotATubRunner",
  {
    address: RunnerAddress.RunnerAddress
  }
) {
  override get message() {
    const { host, port } = this.address
    return `${host}:${port} is not the address of a Tub's runner, which is TUBID@HOST:PORT; make it with TubRunnerAddress.make`
  }
}

/**
 * The address of the runner that is the Tub `tubId`. Others reach it at `host`, a name or an IP address (IPv6 with or
 * without brackets), and at `port`, which is the real one, not 0.
 *
 * Throws if these make no tcp hint.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (tubId: TubId, host: string, port: number): RunnerAddress.RunnerAddress => {
  const hint = LocationHint.tcp(host, port)
  return RunnerAddress.make(`${tubId}@${hint.host.includes(":") ? `[${hint.host}]` : hint.host}`, hint.port)
}

/**
 * Whom to dial for a runner, and where. Takes whatever a storage that runners share may hold.
 *
 * @category converting
 * @since 0.1.0
 */
export const target = (
  address: RunnerAddress.RunnerAddress
): Result.Result<{ readonly tubId: TubId; readonly hints: readonly [LocationHint.TcpHint] }, NotATubRunner> => {
  const [, tubId = "", place = ""] = /^([^@]*)@(.*)$/.exec(address.host) ?? []
  return decode({ tubId, hint: { _tag: "TcpHint", text: `tcp:${place}:${address.port}` } }).pipe(
    Result.mapBoth({
      onSuccess: ({ hint, tubId }) => ({ tubId, hints: [hint] as const }),
      onFailure: () => new NotATubRunner({ address })
    })
  )
}

const decode = Schema.decodeUnknownResult(Schema.Struct({ tubId: TubId, hint: LocationHint.TcpHint }))
