import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { HintHandler, type KindHandler, UnknownHint, Unreachable } from "../src/HintHandler.ts"
import { hints } from "./Network.ts"

/** Fails with its name, so that a test sees who was asked. */
const named =
  (name: string): KindHandler =>
  ({ text }) =>
    Effect.fail(new Unreachable({ hint: text, cause: new Error(name) }))

const picky: KindHandler = ({ text }) => Effect.fail(new UnknownHint({ hint: text, form: "picky:NUMBER" }))

const refusal = (text: string, handlers: Readonly<Record<string, KindHandler>>) =>
  Effect.gen(function* () {
    const { connect } = yield* HintHandler
    const [hint] = hints(text)
    assert.isDefined(hint)
    return yield* Effect.flip(connect(hint))
  }).pipe(Effect.provide(HintHandler.layer(handlers)))

const three = { tcp: named("tcp"), unix: named("unix"), picky }

describe("HintHandler.layer", () => {
  for (const [text, kind] of [
    ["tcp:a:1", "tcp"],
    ["a:1", "tcp"],
    ["tcp:a", "tcp"],
    ["unix:%2Fa", "unix"]
  ] as const) {
    it.effect(`hands ${text} to the handler for ${kind}`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* refusal(text, three)).message, `cannot reach ${text}: ${kind}`)
      })
    )
  }

  it.effect("gives what the handler connected to", () =>
    Effect.gen(function* () {
      const network = yield* SimulatedNetwork.make({ hosts: ["a"], seed: 1 })
      const port = yield* network.listen("a", 0)
      const handler = HintHandler.layer({ memory: () => Effect.orDie(network.connect("a", port.address)) })
      const [hint] = hints("memory:a")
      assert.isDefined(hint)
      const transport = yield* Effect.flatMap(HintHandler, ({ connect }) => connect(hint)).pipe(Effect.provide(handler))
      assert.strictEqual(transport.remoteAddress, `a:${port.address.port}`)
    })
  )

  for (const text of ["tor:x.onion:1", "nonsense", "constructor:x", "__proto__:x", "TCP:a:1"]) {
    it.effect(`tells for ${text} which kinds there are handlers for`, () =>
      Effect.gen(function* () {
        const error = yield* refusal(text, three)
        assert.strictEqual(error.message, `no handler here connects to ${text}, only to tcp, unix and picky hints`)
        assert.strictEqual(error._tag, "UnknownHint")
        assert.deepStrictEqual(error._tag === "UnknownHint" && error.kinds, ["tcp", "unix", "picky"])
      })
    )
  }

  it.effect("tells a malformed hint from one of an unknown kind, and what it should look like", () =>
    Effect.gen(function* () {
      const error = yield* refusal("picky:x", three)
      assert.strictEqual(error.message, "picky:x is malformed; a hint of this kind is picky:NUMBER")
    })
  )

  it.effect("says so where there is no handler at all", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* refusal("tcp:a:1", {})).message, "no handler here connects to tcp:a:1")
    })
  )
})

describe("Unreachable", () => {
  for (const [said, advice] of [
    ["connect ECONNREFUSED 127.0.0.1:1", "; nothing listens there: is it running, and is the address right?"],
    ["connect ENOENT /run/tub.sock", "; there is no such socket: is it running?"],
    ["connect EACCES /run/tub.sock", "; this user may not connect to it"],
    ["getaddrinfo ENOTFOUND a", "; there is no such name"],
    ["connect ETIMEDOUT 192.0.2.1:1", ""]
  ] as const) {
    it(`adds to "${said}" what a person can do about it`, () => {
      const { message } = new Unreachable({ hint: "kind:x", cause: new Error(said) })
      assert.strictEqual(message, `cannot reach kind:x: ${said}${advice}`)
    })
  }
})
