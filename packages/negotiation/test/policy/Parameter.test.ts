import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import type { NoAgreement } from "../../src/NegotiationError.ts"
import * as Application from "../../src/policy/Application.ts"
import * as Parameter from "../../src/policy/Parameter.ts"
import { nothingElse } from "../Sides.ts"

const bytes = Schema.FiniteFromString.check(Schema.isInt(), Schema.isGreaterThan(0))

/** A limit of which the lower one counts; the Master has a say in nothing. */
const largest = (ours: number, silent?: number): Parameter.Parameter<number> =>
  Parameter.make({
    key: "largest-message",
    offer: bytes,
    choice: bytes,
    ours,
    ...(silent === undefined ? {} : { silent }),
    decide: (master, other) => Result.succeed(Math.min(master, other))
  })

const Letters = Schema.String.check(Schema.isPattern(/^[a-e]{0,5}$/))

/** A choice in which the Master's order counts, so that the two sides may not mix up who is who. */
const letter = (ours: string, silent?: string): Parameter.Parameter<string> =>
  Parameter.make({
    key: "letters",
    decisionKey: "letter",
    offer: Letters,
    choice: Schema.Literals(["a", "b", "c", "d", "e"]),
    ours,
    ...(silent === undefined ? {} : { silent }),
    decide: (master, other) => {
      const [common] = master.split("").filter((letter) => other.includes(letter))
      return Result.fromNullishOr(
        (["a", "b", "c", "d", "e"] as const).find((letter) => letter === common),
        () => `the Master offers "${master}", the other side "${other}"`
      )
    }
  })

/** An application that knows these parameters. */
const knowing = (...others: ReadonlyArray<Parameter.Parameter<unknown>>): Application.Application => ({
  ...nothingElse,
  others
})

/** What each side has in the end, by the blocks that they exchange; a failure of the Master is one of the NonMaster. */
const negotiate = (master: Application.Application, nonMaster: Application.Application) =>
  Result.gen(function* () {
    const toMaster = new Map(Application.offers(nonMaster))
    const toNonMaster = new Map(Application.offers(master))
    yield* Application.check(master, toMaster)
    yield* Application.check(nonMaster, toNonMaster)
    const { agreed, lines } = yield* Application.decide(master, toMaster)
    const { choices } = yield* Application.accept(nonMaster, toNonMaster, new Map(lines))
    return { master: agreed.choices, nonMaster: choices, lines }
  })

const keyOf = (result: Result.Result<unknown, NoAgreement>) =>
  Result.isFailure(result) ? result.failure.key : undefined

const offers = Schema.Union([Letters, Schema.Undefined])

describe("A parameter of an application", () => {
  it("settles what silence leads to once for each role, and what a peer says every time", () => {
    const settled: Array<readonly [master: number, other: number]> = []
    const { decide } = Parameter.make({
      key: "largest-message",
      offer: bytes,
      choice: bytes,
      ours: 5,
      silent: 3,
      decide: (master, other) => {
        settled.push([master, other])
        return Result.succeed(master)
      }
    })
    const chosen = [undefined, "4", undefined, "4"].flatMap((theirs) =>
      (["Master", "NonMaster"] as const).map((role) => Result.getOrThrow(decide(role, theirs)).choice)
    )
    assert.deepStrictEqual(chosen, [5, 3, 5, 4, 5, 3, 5, 4])
    assert.deepStrictEqual(settled, [
      [5, 3],
      [3, 5],
      [5, 4],
      [4, 5],
      [5, 4],
      [4, 5]
    ])
  })

  it.prop(
    "is the same on both sides or fails with its key, for any two offers and any meaning of silence (N28)",
    [Letters, Letters, Letters],
    ([ours, theirs, silent]) => {
      const result = negotiate(knowing(letter(ours, silent)), knowing(letter(theirs, silent)))
      const [common] = ours.split("").filter((letter) => theirs.includes(letter))
      if (Result.isFailure(result)) {
        assert.strictEqual(common, undefined)
        assert.strictEqual(result.failure.key, "letters")
      } else {
        assert.strictEqual(result.success.master.get("letters"), common)
        assert.strictEqual(result.success.nonMaster.get("letters"), common)
      }
    }
  )

  it.prop(
    "is settled in silence with a peer that does not know it, or refused (N28)",
    [Letters, offers],
    ([ours, silent]) => {
      const parameter = letter(ours, silent)
      for (const [master, nonMaster] of [
        [knowing(parameter), knowing()],
        [knowing(), knowing(parameter)]
      ] as const) {
        const result = negotiate(master, nonMaster)
        if (Result.isFailure(result)) {
          assert.strictEqual(result.failure.key, "letters")
          assert.isTrue(silent === undefined || !ours.split("").some((letter) => silent.includes(letter)))
        } else {
          const mine = master.others.length === 0 ? result.success.nonMaster : result.success.master
          assert.include(silent ?? "", String(mine.get("letters")))
          assert.deepStrictEqual(result.success.lines, [], "and nothing is said in the Decision")
        }
      }
    }
  )

  it("is decided by the Master's order, on either side (N28)", () => {
    const [ab, ba] = [knowing(letter("ab")), knowing(letter("ba"))]
    assert.deepStrictEqual(Result.getOrThrow(negotiate(ab, ba)).lines, [["letter", "a"]])
    assert.deepStrictEqual(Result.getOrThrow(negotiate(ba, ab)).lines, [["letter", "b"]])
  })

  it("says nothing where silence says the same, and the choice is the same on both sides (N28)", () => {
    const [silent, speaking] = [knowing(letter("ab", "ab")), knowing(letter("ba", "ab"))]
    assert.deepStrictEqual(Application.offers(silent), [])
    for (const [master, nonMaster, choice] of [
      [silent, speaking, "a"],
      [speaking, silent, "b"],
      [silent, silent, "a"]
    ] as const) {
      const { master: here, nonMaster: there } = Result.getOrThrow(negotiate(master, nonMaster))
      assert.deepStrictEqual([here.get("letters"), there.get("letters")], [choice, choice])
    }
  })

  it("is what its line says, on both sides, also where that is less than what was chosen (N28)", () => {
    const Quiet = Schema.String.pipe(
      Schema.decodeTo(
        Schema.String,
        SchemaTransformation.transform({ decode: (text) => text.toLowerCase(), encode: (text) => text })
      )
    )
    const quiet = (ours: string, silent?: string) =>
      Parameter.make({
        key: "word",
        offer: Quiet,
        choice: Quiet,
        ours,
        ...(silent === undefined ? {} : { silent }),
        decide: (master, other) => Result.succeed(`${master}X${other}`)
      })
    for (const [master, other] of [
      [quiet("A"), quiet("B")],
      [quiet("A", "B"), quiet("B", "B")],
      [quiet("A", "A"), quiet("B", "A")]
    ] as const) {
      const agreed = Result.getOrThrow(negotiate(knowing(master), knowing(other)))
      assert.strictEqual(agreed.master.get("word"), agreed.lines.length > 0 ? "axb" : agreed.nonMaster.get("word"))
      assert.deepStrictEqual(agreed.master, agreed.nonMaster)
    }
  })

  it("is read from the choices by the parameter itself, with its type", () => {
    const parameter = largest(100)
    const { master } = Result.getOrThrow(negotiate(knowing(parameter), knowing(largest(70))))
    assert.deepStrictEqual(Parameter.choice(parameter, { choices: master }), Option.some(70))
    assert.deepStrictEqual(Parameter.choice(letter("a"), { choices: master }), Option.none())
    assert.deepStrictEqual(Parameter.choice(parameter, { choices: new Map([["largest-message", "x"]]) }), Option.none())
  })

  for (const [claim, theirs, problem] of [
    ["cannot be read", "many", "many"],
    ["breaks the Schema", "-4", "greater than 0"],
    ["is missing", undefined, "one side says nothing of it"]
  ] as const) {
    it(`is refused when the peer's offer ${claim}, in words that name it (N28)`, () => {
      const parameter = largest(100)
      const block = new Map(theirs === undefined ? [] : [["largest-message", theirs]])
      const application = knowing(parameter)
      const checked = Application.check(application, block)
      const decided = Application.decide(application, block)
      for (const result of [checked, Result.map(decided, () => {})]) {
        assert.strictEqual(keyOf(result), "largest-message")
        assert.include(String(Result.isFailure(result) && result.failure.message), problem)
      }
    })
  }

  it("is refused by the NonMaster when the Decision says nothing of what both have offered (N28)", () => {
    const result = Application.accept(knowing(largest(100)), new Map([["largest-message", "70"]]), new Map())
    assert.strictEqual(
      String(Result.getFailure(result)),
      "some(NoAgreement: no agreement on largest-message: the Decision says nothing of it)"
    )
  })

  it("is refused by the NonMaster when the Master chose what its Schema does not allow (N28)", () => {
    const decision = new Map([["largest-message", "0"]])
    assert.strictEqual(keyOf(Application.accept(knowing(largest(100)), new Map(), decision)), "largest-message")
    assert.strictEqual(keyOf(Application.accept(knowing(largest(100, 5)), new Map(), decision)), "largest-message")
  })

  it("is refused by the Master when the choice holds what a line of a block cannot (N5)", () => {
    for (const said of ["two\r\nlines", " space", "\u0000", "\ud800"]) {
      const parameter = Parameter.make({
        key: "words",
        offer: Schema.String,
        choice: Schema.String,
        ours: "x",
        decide: () => Result.succeed(said)
      })
      const result = Application.decide(knowing(parameter), new Map([["words", "y"]]))
      assert.strictEqual(
        String(Result.getFailure(result)),
        "some(NoAgreement: no agreement on words: the choice holds what a line of a block cannot)"
      )
    }
  })

  it("is refused by the Master when its line would be too much for the block (N6)", () => {
    const parameters = ["first", "second"].map((key) =>
      Parameter.make({
        key,
        offer: Schema.String,
        choice: Schema.String,
        ours: "x",
        decide: () => Result.succeed("é".repeat((Application.room - 30) / 4))
      })
    )
    const block = new Map([["first", "y"]])
    assert.isTrue(Result.isSuccess(Application.decide(knowing(...parameters.slice(0, 1)), block)))
    block.set("second", "y")
    assert.isTrue(Result.isSuccess(Application.decide(knowing(...parameters), block)))
    const third = Parameter.make({
      key: "third",
      offer: Schema.String,
      choice: Schema.String,
      ours: "x",
      decide: () => Result.succeed("twelve bytes, or so")
    })
    assert.strictEqual(keyOf(Application.decide(knowing(...parameters, third), block.set("third", "y"))), "third")
  })

  for (const key of [
    ...["banana-negotiation-range", "banana-negotiation-version", "initial-vocab-table-range", "last-connection"],
    ...["my-incarnation", "my-tub-id", "negotiation-forced", "error"],
    ...["banana-decision-version", "current-connection", "initial-vocab-table-index"]
  ]) {
    it(`cannot have the key ${key}, which belongs to the protocol (N13, N15, N20, N28)`, () => {
      const told = `the key ${key} belongs to the protocol`
      assert.throws(() => Parameter.make({ ...plain, key }), told)
      assert.throws(() => Parameter.make({ ...plain, key: "fine", decisionKey: key }), told)
    })
  }

  for (const key of ["Upper", "two words", "", "a:b", "-x", "7", "x".repeat(65)]) {
    it(`cannot have the key "${key}", which is no word of a block (N5, N28)`, () => {
      const told = `"${key}" is no key for a parameter`
      assert.throws(() => Parameter.make({ ...plain, key }), told)
      assert.throws(() => Parameter.make({ ...plain, key: "fine", decisionKey: key }), told)
    })
  }

  it("cannot offer, or take silence for, what its Schema does not write and read again (N28)", () => {
    assert.throws(() => largest(0), "our offer for largest-message: ")
    assert.throws(() => largest(1, 0), "our offer for largest-message: ")
    const told = "holds what a line of a block cannot"
    assert.throws(() => Parameter.make({ ...plain, key: "fine", ours: "two\nlines" }), told)
    assert.throws(() => Parameter.make({ ...plain, key: "fine", silent: "two\nlines" }), told)
  })
})

const plain = { offer: Schema.String, choice: Schema.String, ours: "x", decide: () => Result.succeed("x") }
