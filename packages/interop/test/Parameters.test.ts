import { ApplicationParameters, ApplicationProtocols } from "@effect-foolscap/negotiation/ApplicationParameters"
import * as Parameter from "@effect-foolscap/negotiation/policy/Parameter"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import { describeWith } from "../src/Requirements.ts"

const number = Schema.FiniteFromString
const largest = Parameter.make({
  key: "largest-message",
  offer: number,
  choice: number,
  ours: 1_000_000,
  silent: 65_536,
  decide: (master, other) => Result.succeed(Math.min(master, other))
})

const unusual = Layer.mergeAll(
  Layer.succeed(ApplicationParameters)([largest]),
  Layer.succeed(ApplicationProtocols)(["rpc/1", "banana"])
)

describeWith(["python3-foolscap"], "A Foolscap Tub", () => {
  for (const role of ["Master", "NonMaster"] as const) {
    for (const side of ["client", "server"] as const) {
      it.live(`takes no notice of what an application adds: we are the ${side} and the ${role} (N28, N29)`, () =>
        Effect.gen(function* () {
          const peer = yield* FoolscapPeer.start()
          const identity = yield* Identities.makeFor(role, peer.tubId)
          const tub = yield* Effect.provide(OurTub.make(identity), unusual)
          const connection = yield* Effect.gen(function* () {
            if (side === "client") return yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
            const port = yield* tub.listen
            peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
            return yield* port.linked
          })
          assert.deepInclude(connection, { role, side, peer: peer.tubId })
          assert.strictEqual(connection.parameters.applicationProtocol, "banana")
          assert.deepStrictEqual(Parameter.choice(largest, connection.parameters), Option.some(65_536))
          assert.deepInclude(yield* peer.next("connected"), { peer: tub.tubId, banana: 3, vocabulary: 1 })
        })
      )
    }
  }

  it.live("is refused where the application speaks no Banana, and shows the reason to its user (N23, N29)", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const identity = yield* Identities.makeFor("Master", peer.tubId)
      const tub = yield* Effect.provideService(OurTub.make(identity), ApplicationProtocols, ["rpc/1"])
      const port = yield* tub.listen
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [port.hint] })
      const said = "no agreement on application-protocols: the Master speaks rpc/1, the other side banana"
      assert.include((yield* port.failed).message, said)
      assert.include(JSON.stringify(yield* peer.next("failed")), said)
    })
  )
})
