/**
 * Two Tubs settle what their application wants settled: the link speaks `chat/1`, at a compression level both can do.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/agree.ts
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { ApplicationParameters, ApplicationProtocols } from "@effect-foolscap/negotiation/ApplicationParameters"
import * as Parameter from "@effect-foolscap/negotiation/policy/Parameter"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option, Result, Schema } from "effect"

const level = Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 0, maximum: 9 }))

/** The lower of both levels. A Tub that says nothing of it does not compress. */
const compression = (ours: number) =>
  Parameter.make({
    key: "compression-level",
    offer: level,
    choice: level,
    ours,
    silent: 0,
    decide: (master, other) => Result.succeed(Math.min(master, other))
  })

/** A Tub that offers these. They are read when its layer is built, so they go into it and not around the dial. */
const tub = (identity: TubIdentity, parameter: Parameter.Parameter<number>) =>
  Tub.layer(identity).pipe(
    Layer.provide([Layer.succeed(ApplicationProtocols)(["chat/1"]), Layer.succeed(ApplicationParameters)([parameter])])
  )

const program = Effect.gen(function* () {
  const server = yield* Certificate.generate()
  const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
  yield* Listener.serve(endpoint, {
    connected: () => Effect.never,
    failed: ({ message }) => Console.log(message)
  }).pipe(Effect.provide(tub(server, compression(9))), Effect.forkScoped)

  const ours = compression(4)
  const link = Connector.layer.pipe(Layer.provide([tub(yield* Certificate.generate(), ours), NodeHintHandler.layer]))
  yield* Effect.gen(function* () {
    const { dial } = yield* Connector
    const hints = [LocationHint.tcp("127.0.0.1", endpoint.address.port)]
    const { parameters } = (yield* dial({ tubId: server.tubId, hints })).connection
    const chosen = Option.getOrThrow(Parameter.choice(ours, parameters))
    yield* Console.log(`the link speaks ${parameters.applicationProtocol} at compression level ${chosen}`)
  }).pipe(Effect.provide(link))
}).pipe(Effect.scoped)

NodeRuntime.runMain(program)
