import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Application from "../../src/policy/Application.ts"
import * as Parameter from "../../src/policy/Parameter.ts"
import { nothingElse } from "../Sides.ts"

/** A parameter that offers `said` and chooses it, whatever the other side offers. */
const saying = (said: string, key: string, decisionKey = key): Parameter.Parameter<string> =>
  Parameter.make({
    key,
    decisionKey,
    offer: Schema.String,
    choice: Schema.String,
    ours: said,
    decide: () => Result.succeed(said)
  })

const wanting = (...others: ReadonlyArray<Parameter.Parameter<string>>): Application.Application => ({
  ...nothingElse,
  others
})

describe("An application", () => {
  it("keeps no table of choices for a link where there is nothing of its own to choose", () => {
    const silence = new Map<string, string>()
    const decided = () => Result.getOrThrow(Application.decide(nothingElse, silence)).agreed
    const accepted = () => Result.getOrThrow(Application.accept(nothingElse, silence, silence))
    assert.strictEqual(decided().choices, decided().choices)
    assert.strictEqual(accepted().choices, accepted().choices)
    assert.strictEqual(decided().choices.size, 0)
  })

  it("is right with as many parameters as it likes, if each has keys of its own (N28)", () => {
    assert.isUndefined(Application.mistake(nothingElse))
    assert.isUndefined(Application.mistake(wanting(saying("x", "one"), saying("x", "two", "second"))))
  })

  for (const [claim, key, parameters] of [
    ["in the Hello", "one", [saying("x", "one", "first"), saying("x", "one", "second")]],
    ["in the Decision", "both", [saying("x", "one", "both"), saying("x", "two", "both")]],
    ["in one block and in the other", "two", [saying("x", "one", "two"), saying("x", "two", "second")]],
    ["with the built-in one, in the Hello", "application-protocols", [saying("x", "application-protocols", "other")]],
    ["with the built-in one, in the Decision", "application-protocol", [saying("x", "other", "application-protocol")]]
  ] as const) {
    it(`is mistaken if two parameters share a key ${claim}, and hears which (N5, N28)`, () => {
      assert.strictEqual(Application.mistake(wanting(...parameters)), `two application parameters have the key ${key}`)
    })
  }

  // `long: `, the value, CR LF.
  const longest = Application.room - "long: \r\n".length

  it("may fill its room in a Hello to the last byte, and no further (N6, N28)", () => {
    assert.isUndefined(Application.mistake(wanting(saying("x".repeat(longest), "long"))))
    assert.strictEqual(
      Application.mistake(wanting(saying("x".repeat(longest + 1), "long"))),
      "the application parameters take 3073 bytes of a Hello, 3072 are theirs"
    )
  })

  it("may fill its room in a Decision to the last byte, and no further (N6, N28)", () => {
    const decide = (said: string) => Application.decide(wanting(saying(said, "long")), new Map([["long", "y"]]))
    assert.isTrue(Result.isSuccess(decide("x".repeat(longest))))
    assert.strictEqual(
      String(Result.getFailure(decide("x".repeat(longest + 1)))),
      "some(NoAgreement: no agreement on long: what was chosen does not fit into a block)"
    )
  })
})
