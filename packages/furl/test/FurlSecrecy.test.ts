import { inspect } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { format, formatJson } from "effect/Formatter"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Furl, FurlFromString } from "../src/Furl.ts"
import * as LocationHint from "../src/LocationHint.ts"
import { TubId } from "../src/TubId.ts"

const tubId = TubId.make("5b633fkrmh5ljnyzrd43joa4f6gkcpz6")
const name = "w2wwkaxii6mbejby6kj4hdz3qvr2x5bu"
const shown = `pb://${tubId}@tcp:host:80,tor:abc.onion:80/<redacted>`

const furl = Furl.make({
  tubId,
  hints: [LocationHint.tcp("host", 80), LocationHint.OtherHint.make({ text: "tor:abc.onion:80" })],
  name: Redacted.make(name)
})

/** Every way in which a value ends up in front of somebody's eyes. */
const appearances = (value: unknown): ReadonlyArray<string> => [
  String(value),
  JSON.stringify(value) ?? "",
  JSON.stringify({ value }),
  inspect(value, { depth: null }),
  inspect({ value }, { depth: null, showHidden: true }),
  inspect(value, { depth: null, customInspect: false }),
  format(value),
  formatJson(value),
  Cause.pretty(Cause.fail(value)),
  Cause.pretty(Cause.die(value))
]

// The name (or what may be one) in every place of a malformed FURL, alone and very long.
const malformed = [name, name.repeat(100)].flatMap((secret) => [
  secret,
  ` pb://${tubId}@tcp:host:80/${secret}`,
  `pb:/${tubId}@tcp:host:80/${secret}`,
  `pb://${tubId}/${secret}`,
  `pb://${tubId}@${secret}`,
  `pb://${secret}!@tcp:host:80/${secret}`.replace("pb://", "pb://!"),
  `pb://short@tcp:host:80/${secret}`,
  `pb://${tubId}@tcp:host:80,,tcp:host:81/${secret}`,
  `pb://${tubId}@,${secret}/${secret}`,
  `pb://${tubId}@tcp:host:80/${secret}\n${secret}`,
  [`pb://${tubId}@tcp:host:80/${secret}`],
  { furl: `pb://${tubId}@tcp:host:80/${secret}` }
])

describe("The name of a Furl", () => {
  it("appears in none of the ways to show a Furl (N3)", () => {
    for (const appearance of [...appearances(furl), ...appearances([furl]), ...appearances(new Map([[furl, furl]]))]) {
      assert.notInclude(appearance, name)
    }
    assert.notInclude(Schema.toFormatter(Furl)(furl), name)
  })

  it("has a placeholder where the Furl is shown with its TubId and hints", () => {
    assert.strictEqual(String(furl), shown)
    assert.strictEqual(JSON.stringify(furl), JSON.stringify(shown))
    assert.strictEqual(inspect(furl), shown)
    assert.strictEqual(format(furl), shown)
  })

  it.effect("is not logged (N3)", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const formats = [Logger.formatSimple, Logger.formatLogFmt, Logger.formatJson]
      const capture = formats.map((logger) => Logger.map(logger, (line) => void lines.push(line)))
      yield* Effect.logError("cannot reach", furl, { furl }, Cause.fail(furl)).pipe(
        Effect.annotateLogs({ furl }),
        Effect.provide(Logger.layer(capture))
      )
      assert.lengthOf(lines, formats.length)
      for (const line of lines) {
        assert.include(line, tubId)
        assert.notInclude(line, name)
      }
    })
  )

  it("is in no error about a malformed FURL", () => {
    const decode = Schema.decodeUnknownResult(FurlFromString)
    const decodeNested = Schema.decodeUnknownResult(Schema.Struct({ furl: FurlFromString }))
    for (const input of malformed) {
      for (const result of [
        decode(input),
        decode(input, { errors: "all" }),
        Result.map(decodeNested({ furl: input }), ({ furl }) => furl)
      ]) {
        if (Result.isSuccess(result)) return assert.fail(`decoded ${String(input)}`)
        for (const appearance of [...appearances(result.failure), ...appearances(result.failure.issue)]) {
          assert.notInclude(appearance, name)
        }
      }
    }
  })

  it("is in no message even if the parser is asked to report its input", () => {
    const decode = Schema.decodeUnknownResult(FurlFromString)
    for (const input of malformed) {
      const result = decode(input, { errors: "all", reportInput: true })
      assert.notInclude(Result.isFailure(result) ? result.failure.message : name, name)
    }
  })

  it("is in no error about a Furl that cannot be built", () => {
    const attempts = [
      () => Furl.make({ tubId, hints: [], name: Redacted.make(`${name}\n${name}`) }),
      () => Furl.make({ tubId, tubIdSuffix: "@", hints: [], name: Redacted.make(name) }),
      () => new Furl({ tubId, hints: [], name: Redacted.make(`\n${name}`) })
    ]
    for (const attempt of attempts) {
      const result = Result.try(attempt)
      if (Result.isSuccess(result)) return assert.fail("built")
      for (const appearance of appearances(result.failure)) assert.notInclude(appearance, name)
    }
  })

  it("is written out where somebody encodes the Furl", () => {
    assert.strictEqual(Schema.encodeSync(FurlFromString)(furl), `pb://${tubId}@tcp:host:80,tor:abc.onion:80/${name}`)
  })
})
