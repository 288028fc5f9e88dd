import { Decision, format as formatDecision, VocabularyChoice } from "@effect-foolscap/negotiation/wire/Decision"
import { format as formatHello, Hello } from "@effect-foolscap/negotiation/wire/Hello"
import * as Refusal from "@effect-foolscap/negotiation/wire/Refusal"
import * as Upgrade from "@effect-foolscap/negotiation/wire/Upgrade"
import { VersionRange } from "@effect-foolscap/negotiation/wire/VersionRange"
import { UnknownTubId } from "@effect-foolscap/negotiation/NegotiationError"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Timeline from "../../src/demo/Timeline.ts"
import { high, low } from "../Fixtures.ts"

const left: Timeline.Actor = { name: "Alice", tubId: low.tubId, place: "left" }
const right: Timeline.Actor = { name: "Bob", tubId: high.tubId, place: "right" }
const nameOf = (tubId: string) => (tubId === high.tubId ? "Bob" : "somebody else")
const ink = Timeline.blackAndWhite

const Said = Schema.String.check(Schema.isPattern(/^[ -~]{0,200}$/))
const At = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9999 }))

describe("Timeline", () => {
  it.prop("draws every step to the same width, whatever is said", { said: Said, at: At }, ({ at, said }) => {
    const drawn = [
      Timeline.arrow("left", at, said, ink),
      Timeline.arrow("right", at, said, ink),
      Timeline.across(said, "═", ink),
      Timeline.across(said, " ", ink)
    ]
    for (const line of drawn) {
      assert.strictEqual(line.length, 78)
      assert.strictEqual(line[10], "│")
      assert.strictEqual(line[77], "│")
    }
  })

  it("puts the heads over the life lines", () => {
    const head = Timeline.head(left, right, ink)
    assert.strictEqual(head.length, 78)
    assert.match(head, /^ {10}Alice bkwv3v… +p34dey… Bob$/)
  })

  it("points from whoever speaks to whoever listens", () => {
    assert.match(Timeline.arrow("left", 1.25, "hello", ink), /^ {3}1\.3 ms │─ hello ─+▶│$/)
    assert.match(Timeline.arrow("right", 12, "hello", ink), /^ {2}12\.0 ms │◀─+ hello ─│$/)
  })

  it("cuts what is too long, and shows that it did", () => {
    const line = Timeline.arrow("left", 0, "x".repeat(100), ink)
    assert.include(line, `${"x".repeat(59)}… `)
    assert.notInclude(line, "x".repeat(60))
  })

  it("colours only what a terminal is asked to colour", () => {
    const line = Timeline.arrow("left", 0, "hello", ink)
    assert.notInclude(line, "\u001b")
    const coloured = Timeline.arrow("left", 0, "hello", Timeline.colours)
    assert.include(coloured, "\u001b[2m")
    // oxlint-disable-next-line no-control-regex -- colours are control characters
    assert.strictEqual(coloured.replace(/\u001b\[\d+m/g, ""), line)
  })
})

describe("Timeline.steps", () => {
  const wrote = (actor: Timeline.Actor, at: number, bytes: Uint8Array): Timeline.Line => ({
    actor,
    moment: { _tag: "Wrote", at, bytes }
  })
  const secured = (actor: Timeline.Actor): Timeline.Line => ({
    actor,
    moment: { _tag: "Secured", at: 0, proven: undefined }
  })

  it("counts time from the beginning it is given", () => {
    const lines = [wrote(left, 1007.5, Upgrade.request(high.tubId, "localhost")), wrote(right, 1012, Upgrade.switching)]
    const drawn = Timeline.steps(lines, { start: 1000, nameOf, ink })
    assert.deepStrictEqual(
      drawn.map((line) => line.slice(0, 9)),
      ["   7.5 ms", "  12.0 ms"]
    )
  })

  it("draws TLS once, though both sides report it", () => {
    assert.strictEqual(Timeline.steps([secured(left), secured(right)], { start: 0, nameOf, ink }).length, 1)
  })
})

describe("Timeline.gist", () => {
  const gist = (bytes: Uint8Array) => Timeline.gist(bytes, nameOf)
  const hello = (lastConnection?: string) =>
    formatHello(
      new Hello({
        tubId: low.tubId,
        versions: new VersionRange({ min: 3, max: 3 }),
        vocabularies: new VersionRange({ min: 0, max: 1 }),
        incarnation: "2222222222222222",
        ...(lastConnection === undefined ? {} : { lastConnection })
      })
    )

  it("says who is asked for", () => {
    assert.strictEqual(gist(Upgrade.request(high.tubId, "localhost")), 'GET /id/p34dey…  "I want to talk to Bob"')
  })

  it("says what was answered", () => {
    assert.strictEqual(gist(Upgrade.switching), '101  "yes; let us go on under TLS"')
    const moved = Upgrade.redirect(`pb://${high.tubId}@tcp:127.0.0.1:4711,tcp:[::1]:4711/`)
    assert.strictEqual(gist(moved), '303  "Bob is at tcp:127.0.0.1:4711,tcp:[::1]:4711"')
    const reason = new UnknownTubId({ asked: low.tubId })
    assert.strictEqual(gist(Refusal.http(reason, reason.message)), "404 Not Found: unknown TubID bkwv3v…")
    assert.strictEqual(gist(Refusal.block("Duplicate connection")), "refused: Duplicate connection")
  })

  it("says what a Hello offers, and what its sender remembers", () => {
    assert.strictEqual(gist(hello()), "Hello: I am bkwv3v…, Banana 3")
    assert.strictEqual(gist(hello("none 0")), "Hello: I am bkwv3v…, Banana 3, no Decision of yours yet")
    assert.strictEqual(gist(hello("6666666666666666 4")), "Hello: I am bkwv3v…, Banana 3, your last Decision was #4")
  })

  it("says what was decided", () => {
    const decision = new Decision({
      version: 3,
      currentConnection: "6666666666666666 5",
      vocabulary: new VocabularyChoice({ index: 1, hash: "bb33" })
    })
    assert.strictEqual(gist(formatDecision(decision)), "Decision: Banana 3, vocabulary 1, connection #5")
  })
})
