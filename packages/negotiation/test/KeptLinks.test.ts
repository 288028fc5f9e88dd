import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { NegotiatedConnection } from "../src/NegotiatedConnection.ts"
import { LinkEnd } from "../src/Link.ts"
import { connect } from "./Both.ts"
import { clientHello, converse, decision, errorBlock, errorToken, hello, underTls } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"

/** Tells whether a link has ended since. */
const watch = (connection: NegotiatedConnection) =>
  Effect.map(
    Effect.forkChild(connection.ended, { startImmediately: true }),
    (fiber) => () => fiber.pollUnsafe() !== undefined
  )

const facingMaster = (says: string) => underTls("client", low, high.credentials, hello(high) + says)

describe("The link of a NonMaster", () => {
  for (const [claim, says, told] of [
    ["cannot be read (N20 row 1)", "nonsense\r\n\r\n", undefined],
    ["is a refusal (N20 row 2)", errorBlock("Duplicate connection"), ""],
    [
      "is for another version (N20 row 5)",
      decision({ "banana-decision-version": "4" }),
      errorToken("I cannot handle banana-decision-version value of 4")
    ],
    [
      "is for another vocabulary (N20 row 6)",
      decision({ "initial-vocab-table-index": "1 0000" }),
      errorToken("Our hash for vocab-table-index 1 (bb33) does not match your hash (0000)")
    ]
  ] as const) {
    it.effect(`stays, and is remembered, when the next Decision ${claim}`, () =>
      Effect.gen(function* () {
        const here = yield* side(low)
        const link = yield* connect(here, yield* side(high))
        const hasEnded = yield* watch(link.client)

        const { exit, heard } = yield* converse(here, "client", facingMaster(says))
        assert.isTrue(Exit.isFailure(exit))
        const remembering = clientHello(low, `${high.incarnation} 1`)
        assert.isTrue(heard.secret.startsWith(remembering))
        if (told !== undefined) assert.strictEqual(heard.secret, remembering + told)
        assert.isFalse(hasEnded())

        const obeyed = yield* converse(here, "client", facingMaster(decision()))
        assert.strictEqual(obeyed.heard.secret, remembering)
        assert.deepStrictEqual(yield* link.client.ended, LinkEnd.Replaced())
      })
    )
  }

  for (const [words, seqnum] of [
    [`${high.incarnation} 5 and more`, 5],
    [` \t${high.incarnation}  5`, 5],
    [`${high.incarnation} x 5`, undefined],
    [`${high.incarnation} 5x`, undefined]
  ] as const) {
    it.effect(`has the number that is the second word of ${JSON.stringify(words)}: ${seqnum} (N20)`, () =>
      Effect.gen(function* () {
        const script = facingMaster(decision({ "current-connection": words }))
        const { exit } = yield* converse(yield* side(low), "client", script)
        if (Exit.isFailure(exit)) return assert.fail(String(exit.cause))
        assert.strictEqual(exit.value.seqnum, seqnum)
      })
    )
  }
})

describe("The link of a Master", () => {
  for (const [claim, lastConnection] of [
    ["knows the link", `${high.incarnation} 1`],
    ["would be refused as a duplicate", "none 0"]
  ] as const) {
    it.effect(`stays, with its number, when a peer that ${claim} has no vocabulary in common (N19, N22)`, () =>
      Effect.gen(function* () {
        const [here, there] = [yield* side(low), yield* side(high)]
        const link = yield* connect(here, there)
        const hasEnded = yield* watch(link.server)

        const says = hello(low, { "initial-vocab-table-range": "2 3", "last-connection": lastConnection })
        const { heard } = yield* converse(there, "server", underTls("server", high, low.credentials, says))
        assert.strictEqual(heard.secret, hello(high) + errorBlock("You can't handle initial vocab set 1"))
        assert.isFalse(hasEnded())
        assert.strictEqual((yield* connect(here, there)).server.seqnum, 2)
      })
    )
  }
})
