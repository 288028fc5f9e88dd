/** TubDialler: ours, Tubs as an application has them, a Listener and a Connector for each client. */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Scope from "effect/Scope"
import type { Identity } from "./Identities.ts"
import type { Client, Dialler, Place, Seen } from "./Serving.ts"

let latest: NegotiatedConnection | undefined

const seenOf = ({ parameters, peer }: NegotiatedConnection): Seen => ({
  peer: peer ?? "anonymous",
  parameters: `${parameters.version} ${parameters.vocabulary}`
})

/** The Tub of an identity, for as long as the process lives. */
const tubOf = async ({ pem }: Identity) => Tub.layer(await Effect.runPromise(Certificate.fromPem(pem)))

export const tubDialler: Dialler = {
  name: `effect-foolscap, Node ${process.versions.node}`,
  listen: async (identity) => {
    const runtime = ManagedRuntime.make(await tubOf(identity))
    const port = await runtime.runPromise(
      Effect.gen(function* () {
        const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
        const serving = Listener.serve(endpoint, {
          connected: (connection) => {
            latest = connection
            return connection.ended
          },
          failed: (error) => Effect.sync(() => console.error(error.message))
        })
        yield* Effect.forkDetach(serving)
        return endpoint.address.port
      }).pipe(Scope.provide(Scope.makeUnsafe()))
    )
    return { port, server: identity.tubId }
  },
  client: async (identity, { port, server }: Place): Promise<Client> => {
    const tub = await tubOf(identity)
    const runtime = ManagedRuntime.make(Connector.layer.pipe(Layer.provide([tub, NodeHintHandler.layer])))
    const target = { tubId: TubId.make(server), hints: [LocationHint.tcp("127.0.0.1", port)] }
    const { dial } = await runtime.runPromise(Connector)
    const once = Effect.scoped(Effect.map(dial(target), ({ connection }) => seenOf(connection)))
    return () => runtime.runPromise(once)
  },
  seen: () => (latest === undefined ? undefined : seenOf(latest))
}
