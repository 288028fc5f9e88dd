import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { bytes, bytesOf, nearBlocks, nearHttp, textOf } from "./Noise.ts"
import { clientHello, hello, underTls } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"
import { converseToTheEnd } from "./Stalls.ts"

/** What an HTTP answer may look like, whoever asked for it: one printable line, headers of ours alone, its own body. */
const anyAnswer =
  /^HTTP\/1\.1 [45]\d\d [A-Za-z ]+(?:: (?<reason>[ -~]{1,500}))?\r\n(?:(?:Allow|Upgrade|Connection|Content-Type): [ -~]+\r\n)+Content-Length: (?<length>\d+)\r\nConnection: close\r\n\r\n(?<body>[^]*)$/

const assertWellFormed = (heard: string) => {
  const { body, length, reason } = anyAnswer.exec(heard)?.groups ?? assert.fail(JSON.stringify(heard))
  assert.isBelow(heard.length, 4096)
  assert.strictEqual(Number(length), body?.length)
  if (reason !== undefined) assert.strictEqual(body, `${reason}\n`)
}

const word = Schema.String
const long = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 400 }))
/** Requests as HTTP has them, of any words of any length. */
const requests = Arbitrary.map(
  Arbitrary.schema(Schema.Tuple([word, Schema.Literals(["/", "/id/", ""]), word, long])),
  (parts) => {
    const [method, root, path, times] = parts
    return bytesOf(`${method || "GET"} ${root}${path.repeat(times)} HTTP/1.1\r\nUpgrade: TLS/1.0\r\n\r\n`)
  }
)

describe("Whatever a peer sends,", () => {
  for (const [what, said] of [
    ["bytes", bytes],
    ["pieces of HTTP", nearHttp],
    ["a request", requests]
  ] as const) {
    it.effect.prop(
      `${what} in place of a GET: the answer is short, and every line of it is ours (N8, N23)`,
      [said],
      ([said]) =>
        Effect.scoped(
          Effect.gen(function* () {
            const { heard } = yield* converseToTheEnd(yield* side(high), "server", { clear: textOf(said) })
            assertWellFormed(heard.clear)
          })
        )
    )
  }

  for (const on of ["client", "server"] as const) {
    for (const [what, said] of [
      ["bytes", bytes],
      ["pieces of blocks", nearBlocks]
    ] as const) {
      it.effect.prop(
        `${what} in place of a Hello: a ${on} says one short line in a block, or nothing (N23)`,
        [said],
        ([said]) =>
          Effect.scoped(
            Effect.gen(function* () {
              const script = underTls(on, high, low.credentials, textOf(said))
              const { heard } = yield* converseToTheEnd(yield* side(high), on, script)
              const ours = on === "client" ? clientHello(high) : hello(high)
              assert.match(
                heard.secret.slice(ours.length),
                /^(?:banana-decision-version: 1\r\nerror: [ -~]{1,500}\r\n\r\n)?$/
              )
            })
          )
      )

      it.effect.prop(
        `${what} in place of a Decision: a ${on} says one short line in a token, or nothing (N23)`,
        [said],
        ([said]) =>
          Effect.scoped(
            Effect.gen(function* () {
              const script = underTls(on, low, high.credentials, hello(high) + textOf(said))
              const { heard } = yield* converseToTheEnd(yield* side(low), on, script)
              const ours = on === "client" ? clientHello(low) : hello(low)
              assert.match(heard.secret.slice(ours.length), /^(?:[^]{1,2}\u008d[ -~]{1,500})?$/)
            })
          )
      )
    }
  }
})
