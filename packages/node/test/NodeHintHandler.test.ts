import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { HintHandler } from "@effect-foolscap/tub/HintHandler"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeHintHandler from "../src/NodeHintHandler.ts"

const decode = Schema.decodeSync(LocationHint.FromString)

const connect = (hint: LocationHint.LocationHint) =>
  Effect.flatMap(HintHandler, (handler) => handler.connect(hint)).pipe(Effect.provide(NodeHintHandler.layer))

describe("NodeHintHandler", () => {
  for (const host of ["127.0.0.1", "::1"]) {
    it.live(`reaches a tcp hint at ${host}`, () =>
      Effect.gen(function* () {
        const { address } = yield* NodeEndpoint.listen({ host, port: 0 })
        const hint = LocationHint.tcp(host, address.port)
        const transport = yield* connect(hint)
        assert.strictEqual(`tcp:${transport.remoteAddress}`, LocationHint.format(hint))
      })
    )
  }

  it.live("reaches a hint in the oldest form, which names no kind", () =>
    Effect.gen(function* () {
      const { address } = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
      yield* connect(decode(`localhost:${address.port}`))
    })
  )

  for (const text of ["tor:abc.onion:80", "i2p:abc.b32.i2p", "tcp:host", "tcp:127.0.0.1:70000", "nonsense"]) {
    it.live(`knows nothing about ${text}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(connect(decode(text)))
        assert.strictEqual(error._tag, "UnknownHint")
        assert.strictEqual(error.hint, text)
      })
    )
  }

  for (const host of ["127.0.0.1", "localhost"]) {
    it.live(`says that nobody listens on a port of ${host}`, () =>
      Effect.gen(function* () {
        const { address } = yield* Effect.scoped(NodeEndpoint.listen({ host: "127.0.0.1", port: 0 }))
        const text = `tcp:${host}:${address.port}`
        const error = yield* Effect.flip(connect(decode(text)))
        assert.strictEqual(error._tag, "Unreachable")
        assert.strictEqual(error.hint, text)
        assert.match(error.message, /^cannot reach tcp:.*ECONNREFUSED 127\.0\.0\.1/)
      })
    )
  }

  it.live("says that a name does not resolve", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(connect(decode("tcp:nothing.invalid:1")))
      assert.strictEqual(error._tag, "Unreachable")
      assert.match(error.message, /^cannot reach tcp:nothing\.invalid:1: getaddrinfo (ENOTFOUND|EAI_AGAIN)/)
    })
  )
})
