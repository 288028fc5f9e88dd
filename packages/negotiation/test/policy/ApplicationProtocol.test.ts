import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Application from "../../src/policy/Application.ts"
import * as ApplicationProtocol from "../../src/policy/ApplicationProtocol.ts"

type Names = readonly [string, ...ReadonlyArray<string>]

const speaking = (...names: Names): Application.Application => ({
  protocol: ApplicationProtocol.parameter(names),
  others: []
})

/** What each side speaks in the end. */
const negotiate = (master: Names, nonMaster: Names) =>
  Result.gen(function* () {
    const [here, there] = [speaking(...master), speaking(...nonMaster)]
    const { agreed, lines } = yield* Application.decide(here, new Map(Application.offers(there)))
    const accepted = yield* Application.accept(there, new Map(Application.offers(here)), new Map(lines))
    return [agreed.applicationProtocol, accepted.applicationProtocol] as const
  })

const someNames = Schema.NonEmptyArray(Schema.Literals(["banana", "rpc/1", "rpc/2", "cluster"]))

describe("The application protocol", () => {
  it.prop(
    "is the Master's first that the other side speaks too, the same on both sides, or none (N29)",
    [someNames, someNames],
    ([master, nonMaster]) => {
      const common = master.find((name) => nonMaster.includes(name))
      const agreed = Result.getOrUndefined(negotiate(master, nonMaster))
      assert.deepStrictEqual<unknown>(agreed, common === undefined ? undefined : [common, common])
    }
  )

  it("is not mentioned by a Tub that speaks Banana alone, as Foolscap mentions none (N13, N29)", () => {
    assert.deepStrictEqual(Application.offers(speaking("banana")), [])
    assert.deepStrictEqual(Application.offers(speaking("rpc/1", "banana")), [["application-protocols", "rpc/1 banana"]])
    assert.deepStrictEqual(Application.offers(speaking("rpc/1")), [["application-protocols", "rpc/1"]])
  })

  it("fails with the key and both sides' names where there is none in common (N29)", () => {
    const failure = Result.getOrThrow(Result.flip(negotiate(["rpc/1", "rpc/2"], ["banana"])))
    assert.strictEqual(
      failure.message,
      "no agreement on application-protocols: the Master speaks rpc/1, rpc/2, the other side banana"
    )
  })

  for (const offer of ["", " ", "a b\u0007", "x".repeat(65), "bäcker"]) {
    it(`is refused when the offer is ${JSON.stringify(offer)} (N29)`, () => {
      const block = new Map([["application-protocols", offer]])
      const result = Application.check(speaking("banana"), block)
      assert.isTrue(Result.isFailure(result))
    })
  }

  it("is read from an offer with any white space between the names (N5, N29)", () => {
    const block = new Map([["application-protocols", "rpc/2 \t  rpc/1 "]])
    const { agreed, lines } = Result.getOrThrow(Application.decide(speaking("rpc/1", "rpc/2"), block))
    assert.deepStrictEqual([agreed.applicationProtocol, lines], ["rpc/1", [["application-protocol", "rpc/1"]]])
  })

  it("is refused when the Master chose what was not offered to it (N29)", () => {
    const decision = new Map([["application-protocol", "rpc/3"]])
    const result = Application.accept(speaking("rpc/1", "banana"), new Map(), decision)
    assert.include(String(Result.getFailure(result)), "expected one of rpc/1, banana")
  })
})
