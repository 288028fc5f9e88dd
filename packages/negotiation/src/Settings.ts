/**
 * The settings of a negotiation, from the program's configuration.
 *
 * | key | what | default |
 * | --- | --- | --- |
 * | `FOOLSCAP_NEGOTIATION_DEADLINE` | `Deadline`, a duration such as `30 seconds` | `2 minutes` |
 * | `FOOLSCAP_HANDLE_OLD_PEERS` | `HandleOldPeers`: `refuse`, or a duration | `refuse` |
 * | `FOOLSCAP_ANONYMOUS_PEERS` | `AnonymousPeers`: `refuse` or `accept` | `refuse` |
 *
 * To set one of them in the program instead, provide its reference to the layer that reads it:
 * `Layer.provide(Layer.succeed(Deadline)(Duration.seconds(30)))`.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { HandleOldPeers } from "./ConnectionTable.ts"
import { AnonymousPeers, Deadline } from "./NegotiationService.ts"

const positive = Schema.DurationFromString.check(
  Schema.makeFilter((duration) => Duration.isPositive(duration), { message: "expected a time above zero" })
)

/**
 * Sets `Deadline`, `HandleOldPeers` and `AnonymousPeers` from the configuration, for the layers it is provided to. A key
 * that is not there leaves the default; a value that cannot be read is a `ConfigError` that names the key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<never, Config.ConfigError> = Layer.mergeAll(
  Layer.effect(
    Deadline,
    Config.schema(positive, "FOOLSCAP_NEGOTIATION_DEADLINE").pipe(Config.withDefault(Deadline.defaultValue()))
  ),
  Layer.effect(
    HandleOldPeers,
    Config.schema(Schema.Union([Schema.Literal("refuse"), positive]), "FOOLSCAP_HANDLE_OLD_PEERS").pipe(
      Config.withDefault(HandleOldPeers.defaultValue())
    )
  ),
  Layer.effect(
    AnonymousPeers,
    Config.Literals(["refuse", "accept"], "FOOLSCAP_ANONYMOUS_PEERS").pipe(
      Config.withDefault(AnonymousPeers.defaultValue())
    )
  )
)
