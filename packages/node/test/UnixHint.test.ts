import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { HintHandler } from "@effect-foolscap/tub/HintHandler"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeHintHandler from "../src/NodeHintHandler.ts"
import * as UnixHint from "../src/UnixHint.ts"
import * as UnixPath from "../src/UnixPath.ts"
import { pullExactly } from "./TransportSuite.ts"
import { leaveSocket, socketPath } from "./UnixFolder.ts"

const decode = Schema.decodeSync(LocationHint.FromString)

const Path = Schema.String.check(Schema.makeFilter((rest) => UnixPath.problemOf(`/${rest}`) === undefined))

const connect = (hint: LocationHint.LocationHint) =>
  Effect.flatMap(HintHandler, (handler) => handler.connect(hint)).pipe(Effect.provide(NodeHintHandler.layer))

describe("UnixHint", () => {
  it("writes a path without slashes and commas", () => {
    assert.strictEqual(UnixHint.of("/run/a tub,1.sock").text, "unix:%2Frun%2Fa%20tub%2C1.sock")
  })

  it.prop("finds every path again, also when it comes out of a FURL or from a person", [Path], ([rest]) => {
    const hint = UnixHint.of(`/${rest}`)
    assert.strictEqual(UnixHint.pathOf(hint), `/${rest}`)
    assert.strictEqual(UnixHint.pathOf(decode(hint.text)), `/${rest}`)
    assert.strictEqual(UnixHint.pathOf(Schema.decodeSync(LocationHint.FromInput)(hint.text)), `/${rest}`)
  })

  for (const [path, problem] of [
    ["tub.sock", "absolute"],
    ["", "absolute"],
    ["/\0abstract", "zero bytes"],
    ["/\ud800", "well-formed"],
    [`/${"x".repeat(UnixPath.limit)}`, `has at most ${UnixPath.limit}`],
    [`/${"ü".repeat(UnixPath.limit / 2)}x`, `has at most ${UnixPath.limit}`]
  ] as const) {
    it(`is none for a path such as ${JSON.stringify(path.slice(0, 12))}, because it ${problem}`, () => {
      assert.throws(() => UnixHint.of(path), problem)
    })
  }

  for (const text of [
    "unix:%2",
    "unix:%FF",
    "unix:tub.sock",
    "unix:",
    "unix",
    `unix:%2F${"x".repeat(200)}`,
    "unix:%00a"
  ]) {
    it.live(`is malformed as ${text.slice(0, 20)}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(connect(decode(text)))
        assert.strictEqual(error._tag, "UnknownHint")
        assert.match(
          error.message,
          text === "unix" ? /^no handler here/ : /is malformed; a hint of this kind is unix:PATH/
        )
      })
    )
  }

  it.live("leads to whoever listens there", () =>
    Effect.gen(function* () {
      const endpoint = yield* NodeEndpoint.listenUnix({ path: yield* socketPath })
      const client = yield* connect(UnixHint.of(endpoint.address.path))
      assert.strictEqual(client.remoteAddress, endpoint.address.path)
      yield* Effect.forkChild(
        endpoint.run((transport) => Effect.orDie(transport.write(new TextEncoder().encode(transport.remoteAddress))))
      )
      const expected = `a client of ${endpoint.address.path}`
      assert.strictEqual(Buffer.from(yield* pullExactly(client, expected.length)).toString(), expected)
    })
  )

  it.live("says that there is no such socket", () =>
    Effect.gen(function* () {
      const hint = UnixHint.of(yield* socketPath)
      const error = yield* Effect.flip(connect(hint))
      assert.strictEqual(error._tag, "Unreachable")
      assert.match(
        error.message,
        /^cannot reach unix:.*: connect ENOENT \/.*; there is no such socket: is it running\?$/
      )
    })
  )

  it.live("says that nobody listens on a socket that a crash has left", () =>
    Effect.gen(function* () {
      const path = yield* socketPath
      yield* leaveSocket(path)
      const error = yield* Effect.flip(connect(UnixHint.of(path)))
      assert.strictEqual(error._tag, "Unreachable")
      assert.include(error.message, "ECONNREFUSED")
    })
  )
})
