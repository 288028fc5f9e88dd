import { TubId } from "@effect-foolscap/furl/TubId"
import type { Credentials } from "@effect-foolscap/negotiation/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { inspect } from "node:util"
import { TubIdentity } from "../src/TubIdentity.ts"

const secret = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
const identity = new TubIdentity({
  tubId: TubId.make("5b633fkrmh5ljnyzrd43joa4f6gkcpz6"),
  certificate: "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
  privateKey: Redacted.make(secret)
})

describe("TubIdentity", () => {
  it("is what TLS takes as credentials", () => {
    const credentials: Credentials = identity
    assert.strictEqual(Redacted.value(credentials.privateKey), secret)
  })

  it("shows its TubId and never its key, whichever way it is printed", () => {
    for (const text of [
      String(identity),
      JSON.stringify(identity),
      inspect(identity, { depth: null, showHidden: true })
    ]) {
      assert.include(text, identity.tubId)
      assert.notInclude(text, "c2VjcmV0")
    }
  })

  it.effect("never shows its key in a log", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const capture = [Logger.formatJson, Logger.formatLogFmt, Logger.formatSimple].map((format) =>
        Logger.map(format, (line) => void lines.push(line))
      )
      yield* Effect.log("using", identity).pipe(
        Effect.annotateLogs("identity", identity),
        Effect.provide(Logger.layer(capture))
      )
      assert.strictEqual(lines.length, 3)
      for (const line of lines) assert.notInclude(line, "c2VjcmV0")
    })
  )

  it.effect("does not let its key be encoded to JSON, and does not show it in the refusal either", () =>
    Effect.gen(function* () {
      const error = yield* Schema.encodeEffect(Schema.toCodecJson(TubIdentity))(identity).pipe(Effect.flip)
      assert.include(String(error), "privateKey")
      assert.notInclude(inspect(error, { depth: null }), "c2VjcmV0")
    })
  )
})
