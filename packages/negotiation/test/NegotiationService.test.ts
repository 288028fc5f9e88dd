import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import { high, low, side } from "./Sides.ts"

describe("NegotiationService", () => {
  for (const [client, server] of [
    [low, high],
    [high, low]
  ] as const) {
    it.effect(`connects when the ${client === high ? "client" : "server"} is the Master`, () =>
      Effect.gen(function* () {
        const pair = yield* MemoryTransport.makePair()
        const there = yield* side(server)
        const here = yield* side(client)
        const accepting = yield* Effect.forkChild(there.accept(pair.server))
        const dialled = yield* here.dial(pair.client, { wanted: server.tubId, host: "example.org" })
        const accepted = yield* Fiber.join(accepting)
        assert.strictEqual(dialled.role, client === high ? "Master" : "NonMaster")
        assert.strictEqual(accepted.role, client === high ? "NonMaster" : "Master")
        assert.strictEqual(dialled.peer, server.tubId)
        assert.strictEqual(accepted.peer, client.tubId)
        assert.deepStrictEqual(dialled.parameters, { version: 3, vocabulary: 1 })
        assert.deepStrictEqual(accepted.parameters, dialled.parameters)
        assert.strictEqual(dialled.seqnum, 1)
        assert.strictEqual(accepted.seqnum, 1)
      })
    )
  }
})
