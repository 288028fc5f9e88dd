/**
 * The port to the application: what it wants settled in every negotiation, beside what Tubs settle for themselves.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Context from "effect/Context"
import * as ApplicationProtocol from "./policy/ApplicationProtocol.ts"
import type * as Parameter from "./policy/Parameter.ts"

/**
 * The parameters that the application adds (N28). None by default.
 *
 * Read when the layer of `NegotiationService` is built, which is part of `Tub.layer`. So they are provided to that, and not
 * around a dial: `Tub.layer(identity).pipe(Layer.provide(Layer.succeed(ApplicationParameters)([compression])))`.
 *
 * @category references
 * @since 0.1.0
 */
export const ApplicationParameters = Context.Reference<ReadonlyArray<Parameter.Parameter<unknown>>>(
  "@effect-foolscap/negotiation/ApplicationParameters",
  { defaultValue: () => [] }
)

/**
 * The protocols that a link may speak after the negotiation, the preferred one first (N29). `banana` alone by default,
 * of which nothing is said on the wire.
 *
 * Read when the layer of `NegotiationService` is built, which is part of `Tub.layer`. So they are provided to that, and not
 * around a dial: `Tub.layer(identity).pipe(Layer.provide(Layer.succeed(ApplicationProtocols)(["chat/1"])))`.
 *
 * @category references
 * @since 0.1.0
 */
export const ApplicationProtocols = Context.Reference<NonEmptyReadonlyArray<string>>(
  "@effect-foolscap/negotiation/ApplicationProtocols",
  { defaultValue: () => [ApplicationProtocol.banana] }
)
