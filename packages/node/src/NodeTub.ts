/**
 * NodeTub: a Tub with everything it needs to dial and to listen on Node.js, as one layer.
 *
 * ```text
 *   identity ──▶ Tub ── NegotiationService ──┐
 *   hints ──▶ NodeHintHandler ───────────────┴──▶ Connector
 * ```
 *
 * Which layer depends on where the identity comes from: the program (`layer`), a file (`layerFile`), a secret store
 * (`layerPem`), the configuration (`layerConfig`), or nowhere (`layerMemory`). They are here and not beside `Tub`,
 * because no identity can be read or made without the cryptography of a platform.
 *
 * The settings that the program makes itself are references, all read when a layer is built: `Deadline`, `DialDeadline`,
 * `LinkIdleTime`, `AnonymousPeers`, `HandleOldPeers`, `ApplicationProtocols`, `ApplicationParameters`. Provide them to it:
 * `Layer.provide(NodeTub.layerMemory, Layer.succeed(DialDeadline)(Duration.seconds(30)))`.
 *
 * One such layer stands for one process in Foolscap's eyes: build it once, and give it to all that dials and listens.
 * Two with the same identity take each other's links away.
 *
 * @since 0.1.0
 */
import type { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { Connector } from "@effect-foolscap/tub/Connector"
import type { Links } from "@effect-foolscap/tub/Links"
import * as Settings from "@effect-foolscap/tub/Settings"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Certificate from "./Certificate.ts"
import type { CertificateError } from "./CertificateError.ts"
import * as IdentityFile from "./IdentityFile.ts"
import type { IdentityFileError } from "./IdentityFileError.ts"
import * as NodeHintHandler from "./NodeHintHandler.ts"

/**
 * What each of these layers provides.
 *
 * @category models
 * @since 0.1.0
 */
export type NodeTub = Connector | Links | NegotiationService | Tub

/**
 * A Tub with this identity. One whose Listeners redirect, and several behind one Listener, are made with `Tub.layer` and
 * `Tub.layerNegotiation`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (identity: TubIdentity): Layer.Layer<NodeTub> =>
  // Fresh, or a second Tub of the program would dial as the first.
  Layer.fresh(Connector.layer).pipe(Layer.provide(NodeHintHandler.layer), Layer.provideMerge(Tub.layer(identity)))

/**
 * A Tub that nobody has met and nobody will meet again: a new identity each time it is built. For clients that need no
 * name.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<NodeTub, CertificateError> = Layer.unwrap(
  Effect.map(Certificate.generate(), layer)
)

/**
 * The Tub of an identity file. If there is none it is made, see `IdentityFile.readOrCreate`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (path: string): Layer.Layer<NodeTub, IdentityFileError, FileSystem.FileSystem> =>
  Layer.unwrap(Effect.map(IdentityFile.readOrCreate(path), layer))

/**
 * The Tub of an identity that a secret store holds: the text of a `tub.pem`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPem = (pem: Redacted.Redacted<string>): Layer.Layer<NodeTub, CertificateError> =>
  Layer.unwrap(Effect.map(Certificate.fromPem(pem), layer))

const fileKey = "FOOLSCAP_IDENTITY_FILE"
const pemKey = "FOOLSCAP_IDENTITY_PEM"

const mistaken = (message: string, ...key: ReadonlyArray<string>): Config.ConfigError =>
  new Config.ConfigError(
    new Schema.SchemaError(new SchemaIssue.Pointer(key, new SchemaIssue.InvalidValue({ message })))
  )

const identityFromConfig = Effect.gen(function* () {
  const { file, pem } = yield* Config.all({
    file: Config.option(Config.NonEmptyString(fileKey)),
    pem: Config.option(Config.Redacted(pemKey))
  })
  if (Option.isSome(file) && Option.isSome(pem)) {
    return yield* Effect.fail(mistaken(`both ${fileKey} and ${pemKey} are set: leave out one of them`))
  }
  if (Option.isSome(file)) return yield* IdentityFile.readOrCreate(file.value)
  if (Option.isSome(pem)) {
    return yield* Effect.mapError(Certificate.fromPem(pem.value), ({ message }) => mistaken(message, pemKey))
  }
  return yield* Effect.fail(
    mistaken(
      `nothing says who this Tub is: set ${fileKey} to the path of its identity file, which is made if there is none, or ${pemKey} to the text of one`
    )
  )
})

/**
 * The Tub that the configuration describes, and all its settings from there.
 *
 * | key | what | default |
 * | --- | --- | --- |
 * | `FOOLSCAP_IDENTITY_FILE` | the path of an identity file, as for `layerFile` | |
 * | `FOOLSCAP_IDENTITY_PEM` | the text of one, in its place | |
 * | `FOOLSCAP_DIAL_DEADLINE` | `DialDeadline`, a time such as `30 seconds` | `2 minutes` |
 * | `FOOLSCAP_LINK_IDLE_TIME` | `LinkIdleTime`, a time such as `1 minute` | not at all |
 * | `FOOLSCAP_NEGOTIATION_DEADLINE` | `Deadline`, a time | `2 minutes` |
 * | `FOOLSCAP_HANDLE_OLD_PEERS` | `HandleOldPeers`: `refuse`, or a time | `refuse` |
 * | `FOOLSCAP_ANONYMOUS_PEERS` | `AnonymousPeers`: `refuse` or `accept` | `refuse` |
 *
 * Exactly one of the first two has to be there. A key that is not there, or empty, leaves its setting as the program has
 * it. A value that cannot be read is a `ConfigError` that names the key, and never shows any of the PEM.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig: Layer.Layer<NodeTub, Config.ConfigError | IdentityFileError, FileSystem.FileSystem> =
  Layer.unwrap(Effect.map(identityFromConfig, layer)).pipe(Layer.provide(Settings.layerConfig))
