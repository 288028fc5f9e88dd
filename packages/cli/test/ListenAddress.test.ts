import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { hintsOf, ListenAddress } from "../src/ListenAddress.ts"

const decode = Schema.decodeUnknownEffect(ListenAddress)

describe("ListenAddress", () => {
  for (const [text, host, port] of [
    ["tcp:4711", "0.0.0.0", 4711],
    ["tcp:0", "0.0.0.0", 0],
    ["tcp:65535:interface=127.0.0.1", "127.0.0.1", 65535],
    ["tcp:4711:interface=localhost", "localhost", 4711],
    ["tcp:4711:interface=::", "::", 4711],
    ["tcp:4711:interface=[::1]", "::1", 4711],
    // As Twisted escapes it.
    ["tcp:4711:interface=\\:\\:1", "::1", 4711]
  ] as const) {
    it.effect(`takes ${text}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* decode(text), { host, port })
      })
    )
  }

  for (const text of [
    "",
    "4711",
    "tcp:",
    "tcp:-1",
    "tcp:http",
    "tcp:1:interface=",
    "tcp:1:host=x",
    "udp:1",
    "tcp:1 "
  ]) {
    it.effect(`rejects "${text}" with an example of what to write`, () =>
      Effect.gen(function* () {
        assert.include((yield* Effect.flip(decode(text))).message, "tcp:PORT:interface=ADDR")
      })
    )
  }

  it.effect("rejects a port beyond 65535", () =>
    Effect.gen(function* () {
      assert.include((yield* Effect.flip(decode("tcp:65536"))).message, "a port from 0 to 65535")
    })
  )

  it.effect("writes an address the way it is read", () =>
    Effect.gen(function* () {
      for (const host of ["127.0.0.1", "::1", "localhost"]) {
        const text = yield* Schema.encodeEffect(ListenAddress)({ host, port: 1 })
        assert.deepStrictEqual(yield* decode(text), { host, port: 1 })
      }
    })
  )
})

describe("hintsOf", () => {
  const textsOf = (host: string) => hintsOf({ host, port: 4711 }).map(({ text }) => text)

  it("names the address that is listened on", () => {
    assert.deepStrictEqual(textsOf("192.0.2.7"), ["tcp:192.0.2.7:4711"])
    assert.deepStrictEqual(textsOf("::1"), ["tcp:[::1]:4711"])
  })

  for (const wildcard of ["0.0.0.0", "::"]) {
    it(`names real addresses for ${wildcard}, loopback last and once`, () => {
      const texts = textsOf(wildcard)
      assert.strictEqual(texts.at(-1), "tcp:127.0.0.1:4711")
      assert.strictEqual(new Set(texts).size, texts.length)
      assert.notInclude(texts, `tcp:${wildcard}:4711`)
    })
  }
})
