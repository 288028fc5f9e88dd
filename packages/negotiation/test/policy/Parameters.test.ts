import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { NextProtocol } from "../../src/NextProtocol.ts"
import * as Parameters from "../../src/policy/Parameters.ts"
import { Decision, VocabularyChoice } from "../../src/wire/Decision.ts"
import { Hello } from "../../src/wire/Hello.ts"
import { VersionRange } from "../../src/wire/VersionRange.ts"
import { nothingElse, settled } from "../Sides.ts"

const range = (min: number, max: number) => new VersionRange({ min, max })

/** A block that says nothing to the application. */
const silence = new Map<string, string>()

const decision = (version: number, index?: number, hash = "bb33") =>
  new Decision({
    version,
    ...(index === undefined ? {} : { vocabulary: new VocabularyChoice({ index, hash }) })
  })

describe("Parameters.accept", () => {
  const accept = (decision: Decision) =>
    Effect.map(NextProtocol, (ours) =>
      Result.match(Parameters.accept({ ...ours, ...nothingElse }, silence, decision, silence), {
        onFailure: (reason) => `${reason._tag}: ${reason.message}`,
        onSuccess: ({ version, vocabulary }) => `version ${version}, vocabulary ${vocabulary}`
      })
    ).pipe(Effect.provide(NextProtocol.layerBanana))

  for (const [given, expected] of [
    [decision(3, 1), "version 3, vocabulary 1"],
    [decision(2, 1), "version 2, vocabulary 1"],
    [decision(1, 1), "version 1, vocabulary 1"],
    [decision(0, 1), "UnknownDecisionVersion: I cannot handle banana-decision-version value of 0"],
    [decision(4, 1), "UnknownDecisionVersion: I cannot handle banana-decision-version value of 4"],
    [decision(4, 7), "UnknownDecisionVersion: I cannot handle banana-decision-version value of 4"],
    [decision(3), "version 3, vocabulary 0"],
    [decision(3, 0, "da39"), "version 3, vocabulary 0"],
    [decision(3, 0, "0000"), "version 3, vocabulary 0"],
    [decision(3, -1), "VocabularyOutOfRange: I can't handle initial vocab table index -1"],
    [decision(3, 2), "VocabularyOutOfRange: I can't handle initial vocab table index 2"],
    [
      decision(3, 1, "0000"),
      "VocabularyMismatch: Our hash for vocab-table-index 1 (bb33) does not match your hash (0000)"
    ],
    [
      decision(3, 1, "BB33"),
      "VocabularyMismatch: Our hash for vocab-table-index 1 (bb33) does not match your hash (BB33)"
    ]
  ] as const) {
    const { vocabulary, version } = given
    it.effect(
      `answers version ${version}, vocabulary ${vocabulary?.index} ${vocabulary?.hash} with ${expected} (N20)`,
      () =>
        Effect.gen(function* () {
          assert.strictEqual(yield* accept(given), expected)
        })
    )
  }
})

const tiny = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
const hash = Schema.Literals(["aaaa", "bbbb"])
const sides = Schema.Struct({
  versions: Schema.Tuple([tiny, tiny]),
  vocabularies: Schema.Tuple([tiny, tiny]),
  hashes: Schema.Tuple([hash, hash, hash, hash])
})

const capabilitiesOf = ({ hashes, versions, vocabularies }: typeof sides.Type): Parameters.Capabilities => ({
  versions: range(...versions),
  understood: range(0, 3),
  vocabularies: range(...vocabularies),
  hashOf: (index) => hashes[index] ?? ""
})
const helloOf = ({ versions, vocabularies }: Parameters.Capabilities) => new Hello({ versions, vocabularies })

/** Both sides of a negotiation, as far as parameters go: what each ends with, `undefined` where it gives up. */
const settle = (master: Parameters.Capabilities, nonMaster: Parameters.Capabilities) => {
  const here = Parameters.version(master, helloOf(nonMaster))
  const there = Parameters.version(nonMaster, helloOf(master))
  const nobody = { master: undefined, nonMaster: undefined }
  assert.strictEqual(Result.isSuccess(here), Result.isSuccess(there), "both complain, or neither")
  if (Result.isFailure(here)) return nobody
  const decided = Parameters.decide({ ...master, ...nothingElse }, helloOf(nonMaster), silence, here.success)
  // The Master's error block ends the NonMaster, too.
  if (Result.isFailure(decided)) return nobody
  const { parameters, vocabulary } = decided.success
  const decision = new Decision({ version: parameters.version, vocabulary })
  const accepted = Parameters.accept({ ...nonMaster, ...nothingElse }, silence, decision, silence)
  // So does the NonMaster's ERROR token end the Master.
  return Result.isFailure(accepted) ? nobody : { master: parameters, nonMaster: accepted.success }
}

describe("Parameters", () => {
  it.prop("are the same on both sides, or neither has any (N18, N19)", [sides, sides], ([a, b]) => {
    const { master, nonMaster } = settle(capabilitiesOf(a), capabilitiesOf(b))
    assert.deepStrictEqual(master, nonMaster)
  })

  it.prop("are the best that both offered, where the hashes agree (N18, N19)", [sides, sides], ([a, b]) => {
    const common = (x: readonly [number, number], y: readonly [number, number]) =>
      [0, 1, 2, 3].filter((n) => x[0] <= n && n <= x[1] && y[0] <= n && n <= y[1]).at(-1)
    const version = common(a.versions, b.versions)
    const vocabulary = common(a.vocabularies, b.vocabularies)
    const agree = vocabulary === 0 || (vocabulary !== undefined && a.hashes[vocabulary] === b.hashes[vocabulary])
    assert.deepStrictEqual(
      settle(capabilitiesOf(a), capabilitiesOf(b)).master,
      version !== undefined && vocabulary !== undefined && agree ? settled(version, vocabulary) : undefined
    )
  })

  it.prop("do not depend on who is the Master", [sides, sides], ([a, b]) => {
    const [left, right] = [capabilitiesOf(a), capabilitiesOf(b)]
    assert.deepStrictEqual(settle(left, right).master, settle(right, left).master)
  })

  it("tell in the Master's words which vocabulary is missing (N19)", () => {
    const ours = capabilitiesOf({ versions: [3, 3], vocabularies: [1, 2], hashes: ["aaaa", "aaaa", "aaaa", "aaaa"] })
    for (const [theirs, unable, best] of [
      [range(0, 0), "ours", 0],
      [range(3, 3), "theirs", 2]
    ] as const) {
      const failure = Result.getOrThrow(
        Result.flip(
          Parameters.decide(
            { ...ours, ...nothingElse },
            new Hello({ versions: range(3, 3), vocabularies: theirs }),
            silence,
            3
          )
        )
      )
      if (failure._tag !== "NoOverlap") return assert.fail(failure._tag)
      assert.deepStrictEqual([failure.what, failure.unable, failure.best], ["initial vocab set", unable, best])
    }
  })
})
