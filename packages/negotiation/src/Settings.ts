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
 * `Layer.provide(Layer.succeed(Deadline)(Duration.seconds(30)))`. Provided to `layerConfig` it replaces the default there.
 * The `tub` command reads no configuration; it has options.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { HandleOldPeers } from "./ConnectionTable.ts"
import { AnonymousPeers, Deadline } from "./NegotiationService.ts"

const timeIn = (text: string): Option.Option<Duration.Duration> =>
  Option.filter(
    Duration.fromInput(text as Duration.Input), // any text is tried; the type lists the well-formed ones
    (duration) => Duration.isFinite(duration) && Duration.isPositive(duration)
  )

const timeOr = (expected: string) =>
  Schema.String.check(Schema.makeFilter((text) => Option.isSome(timeIn(text)), { message: expected })).pipe(
    Schema.decodeTo(
      Schema.Duration,
      SchemaTransformation.transform({
        decode: (text) => Option.getOrElse(timeIn(text), () => Duration.zero),
        encode: (duration) => `${Duration.toMillis(duration)} millis`
      })
    )
  )

/**
 * A limited time above zero, as a person writes it into a configuration: `30 seconds`, `2 minutes`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TimeFromString = timeOr("expected a time above zero, such as 30 seconds or 2 minutes")

const refuseOrTime = Schema.Union([
  Schema.Literal("refuse"),
  timeOr("expected refuse, or a time above zero such as 30 seconds or 2 minutes")
])

/**
 * Sets `Deadline`, `HandleOldPeers` and `AnonymousPeers` from the configuration, for the layers it is provided to. A key
 * that is not there changes nothing; a value that cannot be read is a `ConfigError` that names the key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<never, Config.ConfigError> = Layer.mergeAll(
  Layer.effect(
    Deadline,
    Effect.flatMap(Deadline, (otherwise) =>
      Config.schema(TimeFromString, "FOOLSCAP_NEGOTIATION_DEADLINE").pipe(Config.withDefault(otherwise))
    )
  ),
  Layer.effect(
    HandleOldPeers,
    Effect.flatMap(HandleOldPeers, (otherwise) =>
      Config.schema(refuseOrTime, "FOOLSCAP_HANDLE_OLD_PEERS").pipe(Config.withDefault(otherwise))
    )
  ),
  Layer.effect(
    AnonymousPeers,
    Effect.flatMap(AnonymousPeers, (otherwise) =>
      Config.Literals(["refuse", "accept"], "FOOLSCAP_ANONYMOUS_PEERS").pipe(Config.withDefault(otherwise))
    )
  )
)
