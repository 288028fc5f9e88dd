import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as WhereaboutsHints from "../src/WhereaboutsHints.ts"
import * as Block from "../src/wire/Block.ts"
import * as Location from "../src/wire/Location.ts"
import * as Upgrade from "../src/wire/Upgrade.ts"
import { high } from "./Sides.ts"

const textsIn = (line: string) =>
  Result.match(WhereaboutsHints.parse(high.tubId, line), {
    onFailure: (problem) => problem,
    onSuccess: (hints) => hints.map(({ text }) => text).join(" ")
  })

const hosts = Schema.Literals(["example.org", "192.0.2.7", "[2001:db8::7]"])
const ports = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65535 }))
const hint = Schema.TemplateLiteral([Schema.Literals(["tcp:", "tor:"]), hosts, ":", ports])
const hints = Arbitrary.map(Arbitrary.schema(Schema.NonEmptyArray(hint)), (texts) =>
  Schema.decodeSync(Schema.NonEmptyArray(LocationHint.FromString))(texts)
)

/** `count` hints of 100 characters, of which the last one has `more`. */
const long = (count: number, more: number): WhereaboutsHints.WhereaboutsHints => {
  const text = (length: number) => LocationHint.tcp("a".repeat(length - "tcp::4711".length), 4711)
  return [text(100 + more), ...Array.from({ length: count - 1 }, () => text(100))]
}

/** How many characters are left in a 303 to 30 such hints. */
const spare = Block.limit - Upgrade.redirect(Location.format(high.tubId, long(30, 0))).length

describe("WhereaboutsHints", () => {
  it.prop("reads every line that it writes", [hints], ([hints]) => {
    assert.deepStrictEqual(WhereaboutsHints.parse(high.tubId, WhereaboutsHints.format(hints)), Result.succeed(hints))
  })

  for (const [line, expected] of [
    ["tcp:192.0.2.7:4711", "tcp:192.0.2.7:4711"],
    ["tcp:192.0.2.7:4711,tcp:example.org:4711", "tcp:192.0.2.7:4711 tcp:example.org:4711"],
    [" tcp:192.0.2.7:4711 ,\ttcp:example.org:4711\r", "tcp:192.0.2.7:4711 tcp:example.org:4711"],
    ["tcp:[2001:db8::7]:4711,tor:abc.onion:80", "tcp:[2001:db8::7]:4711 tor:abc.onion:80"],
    ["example.org:4711", "example.org:4711"]
  ] as const) {
    it(`reads what a person writes as ${JSON.stringify(line)}`, () => {
      assert.strictEqual(textsIn(line), expected)
    })
  }

  for (const [line, problem] of [
    ["", "a location hint is not empty"],
    ["tcp:a:1,", "a location hint is not empty"],
    ["tcp:a:1,tcp:b:99999", "99999 is not a port"],
    ["tcp:4711", "the host is missing"],
    ["tcp:2001:db8::7:4711", "an IPv6 address stands in square brackets"],
    ["tcp:a:1 tcp:b:1", "printable ASCII characters and no spaces"],
    [`pb://${high.tubId}@tcp:a:1/`, "holds no comma and no slash"],
    // What a later form of the entry may begin with.
    ['{"hints":["tcp:a:1"]}', ""]
  ] as const) {
    it(`says what is wrong with the line ${JSON.stringify(line)}`, () => {
      const read = WhereaboutsHints.parse(high.tubId, line)
      assert.include(Result.isFailure(read) ? read.failure : assert.fail("it was read"), problem)
    })
  }

  it("takes as many hints as a client reads in one 303, to the byte (N6)", () => {
    for (const [more, fits] of [
      [spare, true],
      [spare + 1, false]
    ] as const) {
      const hints = long(30, more)
      const answer = Upgrade.redirect(Location.format(high.tubId, hints))
      assert.strictEqual(Block.split(answer)._tag, fits ? "Complete" : "TooLong")
      assert.strictEqual(WhereaboutsHints.complaint(high.tubId, hints) === undefined, fits)
      assert.strictEqual(Result.isSuccess(WhereaboutsHints.parse(high.tubId, WhereaboutsHints.format(hints))), fits)
    }
  })

  it("says how long the redirect would be", () => {
    const hints = long(30, spare + 1)
    assert.strictEqual(
      WhereaboutsHints.complaint(high.tubId, hints),
      `a redirect to the 30 hints of ${high.tubId} takes 4097 bytes, and a client reads 4096`
    )
    assert.include(textsIn("tcp:a:1,".repeat(10_000)), "a line of 80000 characters")
  })
})
