import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { AnonymousPeers } from "../src/NegotiationService.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import { connect } from "./Both.ts"
import { converse, decision, errorBlock, hello, type Script, underTls } from "./Peer.ts"
import { high, low, settled, side } from "./Sides.ts"

const accepting = { settings: Layer.succeed(AnonymousPeers)("accept") }
const nobody = { ...low, credentials: MemoryTransport.anonymous }
const says = hello(nobody, { "my-tub-id": undefined })

/** A client without certificate and claim that comes to `low`. */
const visitor: Script = underTls("server", low, MemoryTransport.anonymous, says)

describe("An anonymous peer", () => {
  it.effect(
    "is let in by a Listener that accepts such, which is its Master although it is the lower Tub (N16, N17)",
    () =>
      Effect.gen(function* () {
        const { exit } = yield* converse(yield* side(low, accepting), "server", visitor)
        if (Exit.isFailure(exit)) return assert.fail(String(exit.cause))
        const { parameters, peer, role, seqnum } = exit.value
        assert.deepStrictEqual(
          { parameters, peer, role, seqnum },
          { parameters: settled(3, 1), peer: undefined, role: "Master", seqnum: undefined }
        )
      })
  )

  it.effect("is told of no connection number: there is nobody to remember one for (N20, N21)", () =>
    Effect.gen(function* () {
      const { heard } = yield* converse(yield* side(low, accepting), "server", visitor)
      assert.strictEqual(heard.secret, hello(low) + decision({ "current-connection": undefined }))
    })
  )

  it.effect("is nobody's duplicate: any number of them may come, beside the link with a Tub (N22)", () =>
    Effect.gen(function* () {
      const service = yield* side(high, accepting)
      const ends = yield* connect(yield* side(low), service)
      for (let visit = 0; visit < 3; visit++) {
        const { outcome } = yield* converse(
          service,
          "server",
          underTls("server", high, MemoryTransport.anonymous, hello(low, { "my-tub-id": undefined }))
        )
        assert.strictEqual(outcome, "connected as Master")
      }
      const [here, there] = yield* Effect.all(
        [ends.server.ended, ends.client.ended].map((ended) => Effect.timeoutOption(ended, 0))
      )
      assert.deepStrictEqual([here?._tag, there?._tag], ["None", "None"])
    })
  )

  it.effect("is refused by default, and told so (N16)", () =>
    Effect.gen(function* () {
      const { heard, outcome } = yield* converse(yield* side(low), "server", visitor)
      assert.strictEqual(outcome, "Encrypted AnonymousPeer")
      const told = "the peer has neither a certificate nor a TubId; anonymous peers are not accepted here"
      assert.strictEqual(heard.secret, hello(low) + errorBlock(told))
    })
  )

  it.effect("is never who a client has dialled, whatever it accepts as a Listener (N16)", () =>
    Effect.gen(function* () {
      const script = underTls("client", low, MemoryTransport.anonymous, hello(high, { "my-tub-id": undefined }))
      const { outcome } = yield* converse(yield* side(low, accepting), "client", script)
      assert.strictEqual(outcome, "Encrypted AnonymousPeer")
    })
  )

  for (const [claim, proves, lines, outcome] of [
    ["a claim without a certificate", MemoryTransport.anonymous, {}, "ClaimWithoutCertificate"],
    ["an empty claim without a certificate", MemoryTransport.anonymous, { "my-tub-id": "" }, "ClaimWithoutCertificate"],
    ["a certificate without a claim", high.credentials, { "my-tub-id": undefined }, "CertificateWithoutClaim"]
  ] as const) {
    it.effect(`is not ${claim}, which stays refused where anonymous peers are accepted (N16)`, () =>
      Effect.gen(function* () {
        const script = underTls("server", low, proves, hello(high, lines))
        const result = yield* converse(yield* side(low, accepting), "server", script)
        assert.strictEqual(result.outcome, `Encrypted ${outcome}`)
      })
    )
  }
})
