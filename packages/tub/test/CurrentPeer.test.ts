import { AnonymousPeers } from "@effect-foolscap/negotiation/NegotiationService"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Rpc from "effect/rpc/Rpc"
import * as RpcGroup from "effect/rpc/RpcGroup"
import * as RpcTest from "effect/rpc/RpcTest"
import * as Schema from "effect/Schema"
import { CurrentPeer, NoProvenPeer, ProvenPeer } from "../src/CurrentPeer.ts"
import { call, start } from "./Calls.ts"
import { high, low } from "./Network.ts"
import { heardOver, nobody, within } from "./Sockets.ts"

const Group = RpcGroup.make(Rpc.make("WhoAmI", { success: Schema.String })).middleware(ProvenPeer)
const handlers = Layer.merge(Group.toLayer({ WhoAmI: () => CurrentPeer }), ProvenPeer.layer)

describe("CurrentPeer", () => {
  it.effect("is the Tub that calls", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* start(network)
        const { WhoAmI } = yield* call(network)
        assert.strictEqual(yield* WhoAmI(), low.tubId)
      })
    )
  )

  it.effect("is nobody over what is no Tub: the call fails before it reaches its handler", () =>
    Effect.gen(function* () {
      const { WhoAmI } = yield* RpcTest.makeClient(Group)
      assert.deepStrictEqual(yield* Effect.flip(WhoAmI()), new NoProvenPeer())
    }).pipe(Effect.provide(handlers))
  )

  it.effect("is nobody to an anonymous client, where such get in (N16)", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* Effect.provideService(start(network), AnonymousPeers, "accept")
        const client = yield* nobody(network, high)
        const request = { _tag: "Request", id: "1", tag: "WhoAmI", payload: null, headers: [] }
        yield* client.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`))
        const answer = yield* heardOver(client, "Exit")
        assert.include(answer, `"_tag":"NoProvenPeer"`)
      })
    )
  )
})
