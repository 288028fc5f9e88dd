/**
 * The settings of a link, from the program's configuration.
 *
 * | key | what | default |
 * | --- | --- | --- |
 * | `FOOLSCAP_KEEPALIVE_TIME` | `KeepaliveTime`, a time such as `30 seconds` | `4 minutes` |
 * | `FOOLSCAP_DISCONNECT_TIME` | `DisconnectTime`, a time such as `10 minutes` | not at all |
 *
 * @since 0.1.0
 */
import * as Settings from "@effect-foolscap/negotiation/Settings"
import * as Config from "effect/Config"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DisconnectTime, KeepaliveTime } from "./Keepalive.ts"

const time = (reference: Context.Reference<Duration.Duration>, key: string) =>
  Layer.effect(
    reference,
    Effect.flatMap(reference, (otherwise) =>
      Config.schema(Settings.TimeFromString, key).pipe(Config.withDefault(otherwise))
    )
  )

/**
 * Sets the references that `BananaLink.make` reads, for whoever it is provided to. A key that is not there changes nothing; a
 * value that cannot be read, or a time that is not above zero, is a `ConfigError` that names the key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<never, Config.ConfigError> = Layer.mergeAll(
  time(KeepaliveTime, "FOOLSCAP_KEEPALIVE_TIME"),
  time(DisconnectTime, "FOOLSCAP_DISCONNECT_TIME")
)
