import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import { converse, hello, underTls } from "./Peer.ts"
import { high, low, side, stranger } from "./Sides.ts"

describe("Who the peer is", () => {
  for (const on of ["client", "server"] as const) {
    it.effect(`is what the certificate of this session proves; address, host and Hello only claim it (${on}, N4)`, () =>
      Effect.gen(function* () {
        const service = yield* side(high)
        for (const proven of [low, stranger, undefined]) {
          for (const claimed of [low, stranger, undefined]) {
            for (const wanted of [low, stranger]) {
              const says = claimed === undefined ? hello(wanted, { "my-tub-id": undefined }) : hello(claimed)
              const script = underTls(on, high, proven?.credentials ?? MemoryTransport.anonymous, says)
              const clear = script.clear.replace("example.org", wanted.tubId)
              const { exit } = yield* converse(service, on, { ...script, clear }, { wanted: wanted.tubId })
              const believed = claimed === proven && (on === "server" || wanted === proven)
              assert.strictEqual(
                Exit.isSuccess(exit) ? exit.value.peer : undefined,
                believed ? proven?.tubId : undefined,
                `proves ${proven?.tubId}, claims ${claimed?.tubId}, where ${wanted.tubId} is wanted`
              )
            }
          }
        }
      })
    )
  }
})
