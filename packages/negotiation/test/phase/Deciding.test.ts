import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { ConnectionTable } from "../../src/ConnectionTable.ts"
import type { Side } from "../../src/policy/Master.ts"
import { clientHello, converse, decision, errorBlock, errorToken, hello, underTls } from "../Peer.ts"
import { high, low, settled, side } from "../Sides.ts"

const sides: ReadonlyArray<Side> = ["client", "server"]
const errorOf = (exit: Exit.Exit<unknown, unknown>) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined)

describe("The Master in DECIDING", () => {
  for (const on of sides) {
    const ourHello = on === "client" ? clientHello(high) : hello(high)
    const facing = (says: string) => underTls(on, high, low.credentials, says)

    it.effect(`sends exactly the Decision (${on}, N20)`, () =>
      Effect.gen(function* () {
        const { exit, heard } = yield* converse(yield* side(high), on, facing(hello(low)))
        assert.strictEqual(heard.secret, ourHello + decision())
        if (Exit.isFailure(exit)) return assert.fail(String(exit.cause))
        const { incarnations, local, parameters, peer, remoteAddress, role, seqnum } = exit.value
        assert.deepStrictEqual(
          { incarnations, local, parameters, peer, remoteAddress, role, seqnum, side: exit.value.side },
          {
            incarnations: { local: high.incarnation, remote: low.incarnation },
            local: high.tubId,
            parameters: settled(3, 1),
            peer: low.tubId,
            remoteAddress: on === "client" ? "memory:server" : "memory:client",
            role: "Master",
            seqnum: 1,
            side: on
          }
        )
      })
    )

    for (const [range, choice] of [
      [undefined, "0 da39"],
      ["0 0", "0 da39"],
      ["0 1 2", "1 bb33"],
      ["1 7", "1 bb33"]
    ] as const) {
      it.effect(`chooses vocabulary ${choice} for a peer that offers ${range ?? "none"} (${on}, N19)`, () =>
        Effect.gen(function* () {
          const says = hello(low, { "initial-vocab-table-range": range })
          const { heard } = yield* converse(yield* side(high), on, facing(says))
          assert.strictEqual(heard.secret, ourHello + decision({ "initial-vocab-table-index": choice }))
        })
      )
    }

    for (const [range, told] of [
      ["2 3", "You can't handle initial vocab set 1"],
      ["-3 -2", "I can't handle initial vocab set -2"],
      ["5 0", "You can't handle initial vocab set 0"]
    ] as const) {
      it.effect(`tells a peer with the vocabularies ${range} in an error block (${on}, N19, N23)`, () =>
        Effect.gen(function* () {
          const service = yield* side(high)
          const says = hello(low, { "initial-vocab-table-range": range })
          const { exit, heard, outcome } = yield* converse(service, on, facing(says))
          assert.strictEqual(outcome, "Deciding NoOverlap")
          assert.deepInclude(errorOf(exit), { side: on, peer: low.tubId })
          assert.strictEqual(heard.secret, ourHello + errorBlock(told))
          const { heard: next } = yield* converse(service, on, facing(hello(low)))
          assert.strictEqual(next.secret, ourHello + decision(), "no number was given out")
        })
      )
    }

    it.effect(`takes more behind the Hello for the first bytes of Banana (${on}, N14)`, () =>
      Effect.gen(function* () {
        const { outcome } = yield* converse(yield* side(high), on, facing(hello(low) + hello(low)))
        assert.strictEqual(outcome, "connected as Master")
      })
    )

    it.effect(`tells a peer of a defect in an error block, without its text (${on}, N23)`, () =>
      Effect.gen(function* () {
        const connections = Layer.succeed(ConnectionTable)({
          lastConnection: () => Effect.succeed("none 0"),
          claim: () => Effect.die(new Error("our secret")),
          obey: () => Effect.die(new Error("our secret"))
        })
        const { exit, heard, outcome } = yield* converse(yield* side(high, { connections }), on, facing(hello(low)))
        assert.strictEqual(outcome, "defect")
        assert.include(String(errorOf(exit)), "our secret")
        assert.strictEqual(heard.secret, ourHello + errorBlock("internal server error, see logs"))
      })
    )
  }
})

describe("The NonMaster in DECIDING", () => {
  for (const on of sides) {
    const ourHello = on === "client" ? clientHello(low) : hello(low)
    const facing = (says: string) => underTls(on, low, high.credentials, hello(high) + says)

    it.effect(`obeys, and says nothing (${on}, N17)`, () =>
      Effect.gen(function* () {
        const { exit, heard } = yield* converse(yield* side(low), on, facing(decision()))
        assert.strictEqual(heard.secret, ourHello)
        if (Exit.isFailure(exit)) return assert.fail(String(exit.cause))
        const { incarnations, parameters, role, seqnum } = exit.value
        assert.deepStrictEqual(
          { incarnations, parameters, role, seqnum },
          {
            incarnations: { local: low.incarnation, remote: high.incarnation },
            parameters: settled(3, 1),
            role: "NonMaster",
            seqnum: 1
          }
        )
      })
    )

    for (const [claim, says, parameters, seqnum] of [
      ["for version 1", decision({ "banana-decision-version": "1" }), settled(1, 1), 1],
      ["for version 2", decision({ "banana-decision-version": "2" }), settled(2, 1), 1],
      ["without a vocabulary", decision({ "initial-vocab-table-index": undefined }), settled(3, 0), 1],
      ["for vocabulary 0 with any hash", decision({ "initial-vocab-table-index": "0 zzzz" }), settled(3, 0), 1],
      ["without a connection", decision({ "current-connection": undefined }), settled(3, 1), undefined],
      ["with a strange connection", decision({ "current-connection": "strange" }), settled(3, 1), undefined],
      ["with the number 41", decision({ "current-connection": "x 41" }), settled(3, 1), 41]
    ] as const) {
      it.effect(`obeys a Decision ${claim} (${on}, N20)`, () =>
        Effect.gen(function* () {
          const { exit } = yield* converse(yield* side(low), on, facing(says))
          if (Exit.isFailure(exit)) return assert.fail(String(exit.cause))
          assert.deepStrictEqual(exit.value.parameters, parameters)
          assert.strictEqual(exit.value.seqnum, seqnum)
        })
      )
    }

    for (const [says, outcome, told] of [
      [decision({ "banana-decision-version": undefined }), "NoDecisionVersion", "No banana-decision-version value"],
      [decision({ "banana-decision-version": "" }), "NoDecisionVersion", "No banana-decision-version value"],
      // A Hello twice: the second stands where the Decision is awaited.
      [hello(high), "NoDecisionVersion", "No banana-decision-version value"],
      [
        decision({ "banana-decision-version": "4" }),
        "UnknownDecisionVersion",
        "I cannot handle banana-decision-version value of 4"
      ],
      [
        decision({ "banana-decision-version": "0" }),
        "UnknownDecisionVersion",
        "I cannot handle banana-decision-version value of 0"
      ],
      [
        decision({ "initial-vocab-table-index": "2 bb33" }),
        "VocabularyOutOfRange",
        "I can't handle initial vocab table index 2"
      ],
      [
        decision({ "initial-vocab-table-index": "1 0000" }),
        "VocabularyMismatch",
        "Our hash for vocab-table-index 1 (bb33) does not match your hash (0000)"
      ],
      [
        "nonsense\r\n\r\n",
        "MalformedBlock",
        "the peer sent a block that cannot be read: it has a line without a colon"
      ],
      ["x".repeat(4097), "HeaderTooLong", "the peer sent more than 4096 bytes without ending its header"]
    ] as const) {
      it.effect(
        `tells a Master that decided ${JSON.stringify(says.slice(0, 60))} in an ERROR token (${on}, N20, N23)`,
        () =>
          Effect.gen(function* () {
            const service = yield* side(low)
            const { exit, heard, outcome: found } = yield* converse(service, on, facing(says))
            assert.strictEqual(found, `Deciding ${outcome}`)
            assert.deepInclude(errorOf(exit), { side: on, peer: high.tubId })
            assert.strictEqual(heard.secret, ourHello + errorToken(told))
            assert.strictEqual((yield* converse(service, on, facing(decision()))).outcome, "connected as NonMaster")
          })
      )
    }

    it.effect(`names the value it cannot read (${on}, N20 rows 1 and 5)`, () =>
      Effect.gen(function* () {
        const { heard, outcome } = yield* converse(
          yield* side(low),
          on,
          facing(decision({ "initial-vocab-table-index": "1" }))
        )
        assert.strictEqual(outcome, "Deciding MalformedBlock")
        assert.match(heard.secret.slice(ourHello.length), /^.{1,2}\u008d.*expected a number and a hash, as in 1 bb33/s)
      })
    )

    it.effect(`does not answer the Master's refusal (${on}, N20 row 2, N24)`, () =>
      Effect.gen(function* () {
        const { exit, heard, outcome } = yield* converse(
          yield* side(low),
          on,
          facing(errorBlock("Duplicate connection"))
        )
        assert.strictEqual(outcome, "Deciding PeerRefused")
        assert.include(String(errorOf(exit)), "the peer refused: Duplicate connection")
        assert.strictEqual(heard.secret, ourHello)
      })
    )

    it.effect(`tells a Master of a defect in an ERROR token, without its text (${on}, N23)`, () =>
      Effect.gen(function* () {
        const connections = Layer.succeed(ConnectionTable)({
          lastConnection: () => Effect.succeed("none 0"),
          claim: () => Effect.die(new Error("our secret")),
          obey: () => Effect.die(new Error("our secret"))
        })
        const { exit, heard, outcome } = yield* converse(yield* side(low, { connections }), on, facing(decision()))
        assert.strictEqual(outcome, "defect")
        assert.include(String(errorOf(exit)), "our secret")
        assert.strictEqual(heard.secret, ourHello + errorToken("internal server error, see logs"))
      })
    )
  }
})
