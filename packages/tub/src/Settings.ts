/**
 * All settings of a Tub, from the program's configuration: those of the negotiation, and those of the Connector.
 *
 * | key | what | default |
 * | --- | --- | --- |
 * | `FOOLSCAP_DIAL_DEADLINE` | `DialDeadline`, a time such as `30 seconds` | `2 minutes` |
 * | `FOOLSCAP_LINK_IDLE_TIME` | `LinkIdleTime`, a time such as `1 minute` | not at all |
 *
 * The others are in the table of `@effect-foolscap/negotiation/Settings`. The `tub` command reads no configuration; it has
 * options.
 *
 * @since 0.1.0
 */
import * as Settings from "@effect-foolscap/negotiation/Settings"
import * as Config from "effect/Config"
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DialDeadline, LinkIdleTime } from "./Connector.ts"

const time = (reference: Context.Reference<Duration.Duration>, key: string) =>
  Layer.effect(
    reference,
    Effect.flatMap(reference, (otherwise) =>
      Config.schema(Settings.TimeFromString, key).pipe(Config.withDefault(otherwise))
    )
  )

/**
 * Sets the references that `Tub.layer` and `Connector.layer` read, for the layers it is provided to. A key that is not there
 * changes nothing; a value that cannot be read, or a time that is not above zero, is a `ConfigError` that names the key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<never, Config.ConfigError> = Layer.mergeAll(
  Settings.layerConfig,
  time(DialDeadline, "FOOLSCAP_DIAL_DEADLINE"),
  time(LinkIdleTime, "FOOLSCAP_LINK_IDLE_TIME")
)
