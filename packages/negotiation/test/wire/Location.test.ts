import { TubId } from "@effect-foolscap/furl/TubId"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Location from "../../src/wire/Location.ts"
import { high, low } from "../Sides.ts"

const id = high.tubId
const other = low.tubId
const read = (location: string) =>
  Result.match(Location.read(id, location), {
    onFailure: ({ _tag }) => _tag,
    onSuccess: (hints) => hints.map(({ text }) => text).join(" ")
  })

describe("Location", () => {
  for (const [location, expected] of [
    [`pb://${id}@tcp:192.0.2.7:4711/`, "tcp:192.0.2.7:4711"],
    [`pb://${id}@tcp:192.0.2.7:4711,tcp:[2001:db8::7]:4711/`, "tcp:192.0.2.7:4711 tcp:[2001:db8::7]:4711"],
    [`pb://${id}@tcp:192.0.2.7:4711/anything/may follow?x`, "tcp:192.0.2.7:4711"],
    [`pb://${id}@tcp:192.0.2.7:4711`, "tcp:192.0.2.7:4711"],
    [`pb://${id}@192.0.2.7:4711/`, "192.0.2.7:4711"],
    [`pb://${id}-reserved@tcp:a:1/`, "tcp:a:1"],
    [`pb://${id}@tor:abc.onion:80,tcp:a:1/`, "tor:abc.onion:80 tcp:a:1"],
    [`http://192.0.2.7:4711/id/${id}`, "tcp:192.0.2.7:4711"],
    [`http://example.org/id/${id}`, "tcp:example.org:80"],
    [`http://example.org:80/id/${id}/`, "tcp:example.org:80"],
    [`HTTP://example.org:8080/id/${id}?x=y`, "tcp:example.org:8080"],
    [`http://[2001:db8::7]:4711/id/${id}`, "tcp:[2001:db8::7]:4711"],
    ["tcp:example.org:4711", "tcp:example.org:4711"],
    ["tcp:[2001:db8::7]:4711", "tcp:[2001:db8::7]:4711"]
  ] as const) {
    it(`reads ${location} as ${expected} (N11)`, () => {
      assert.strictEqual(read(location), expected)
    })
  }

  for (const location of [
    `pb://${other}@tcp:192.0.2.7:4711/`,
    `pb://${id.toUpperCase()}@tcp:a:1/`,
    `http://example.org/id/${other}`,
    `http://example.org/id/${id}x`,
    `http://example.org/id/x`
  ]) {
    it(`refuses ${location}: it names another Tub (N11)`, () => {
      assert.strictEqual(read(location), "RedirectedElsewhere")
    })
  }

  for (const location of [
    "",
    "pb://",
    `pb://${id}`,
    `pb://${id}/tcp:a:1`,
    `pb://${id}@/`,
    `pb://${id}@`,
    `pb://${id}@,tcp:a:1/`,
    `pb://${id}@tcp:a:1,/`,
    `pb://${id}@tcp:a:99999/`,
    `pb://${id}@tcp:a/`,
    `pb://abc@tcp:a:1/`,
    `PB://${id}@tcp:a:1/`,
    ` pb://${id}@tcp:a:1/`,
    `https://example.org/id/${id}`,
    `https://example.org:4711/id/${id}`,
    `http:/id/${id}`,
    `http://example.org:99999/id/${id}`,
    `http://example.org/${id}`,
    `http://example.org/id/`,
    `http://example.org/id/${id}/name`,
    `//example.org/id/${id}`,
    `/id/${id}`,
    "tcp:a:99999",
    "tcp:a",
    "tcp:a:1,tcp:b:2",
    "example.org",
    "nonsense",
    "\u0000",
    "tcp:a\r\nb:1"
  ]) {
    it(`refuses ${JSON.stringify(location)}: no place to go (N11)`, () => {
      assert.strictEqual(read(location), "BadRedirect")
    })
  }

  it("says of a bad Location what it was", () => {
    const failure = Result.flip(Location.read(id, "nonsense"))
    assert.include(Result.getOrThrow(failure).message, '"nonsense"')
    assert.include(Result.getOrThrow(Result.flip(Location.read(id, ""))).message, "without saying where to")
  })

  it.prop(
    "reads back what it wrote, for every Tub and all tcp hints",
    [TubId, Schema.NonEmptyArray(LocationHint.TcpHint)],
    ([tubId, hints]) => {
      const location = Location.format(tubId, hints)
      assert.deepStrictEqual(
        Result.getOrThrow(Location.read(tubId, location)).map(({ text }) => text),
        hints.map(({ text }) => text)
      )
    }
  )

  it.prop("gives hints or a reason for any text", [Schema.String], ([text]) => {
    for (const location of [text, `pb://${id}@${text}`, `http://${text}`, `http://a:1/id/${text}`, `tcp:${text}`]) {
      assert.isString(read(location))
    }
  })
})
