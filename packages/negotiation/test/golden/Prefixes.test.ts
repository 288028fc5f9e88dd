import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { clientCases, type RawCase, serverCases } from "./Fixtures.ts"
import { optionsFor } from "./RawClasses.ts"
import { play } from "./RawConversation.ts"

const rawCases = [...serverCases, ...clientCases]

const lengthSaid = (raw: RawCase): number =>
  raw.events.reduce((length, event) => (event.raw === "sent" ? length + event.bytes.length : length), 0)

/** The conversations that succeed, in both roles on both sides, with what we wait for during each of the peer's blocks. */
const complete = [
  { cases: serverCases, name: "hello-ok-raw-is-slave", awaiting: ["request", "Hello"] },
  { cases: serverCases, name: "hello-ok-raw-is-master", awaiting: ["request", "Hello", "Decision"] },
  { cases: clientCases, name: "ok-raw-server-is-slave", awaiting: ["answer", "Hello"] },
  { cases: clientCases, name: "ok-raw-server-is-master", awaiting: ["answer", "Hello", "Decision"] }
].map(({ awaiting, cases, name }) => {
  const raw = cases.find((other) => other.name === name)
  assert.isDefined(raw)
  return { raw, awaiting }
})

describe("A peer that closes in the middle of a block", () => {
  for (const { awaiting, raw } of complete) {
    it.effect(`${raw.name}: is PeerClosed after every proper prefix, with what was awaited`, () =>
      Effect.gen(function* () {
        let before = 0
        const blocks = raw.events.filter((event) => event.raw === "sent")
        assert.strictEqual(blocks.length, awaiting.length)
        for (const [index, { bytes }] of blocks.entries()) {
          for (let length = 0; length < bytes.length; length++) {
            const { ending, parameters } = yield* play(raw, { only: before + length })
            assert.strictEqual(ending.tag, "PeerClosed", `${before + length} bytes`)
            assert.strictEqual(ending.text, awaiting[index], `${before + length} bytes`)
            assert.isUndefined(parameters)
          }
          before += bytes.length
        }
      })
    )
  }

  it.effect.prop(
    "is a typed reason in every raw case, and never a defect, a wait or a connection too early",
    [Schema.Literals([...rawCases.keys()]), Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9999 }))],
    ([any, share]) =>
      Effect.forEach(rawCases.slice(any, any + 1), (raw) =>
        Effect.gen(function* () {
          const only = Math.floor((lengthSaid(raw) * share) / 10_000)
          const whole = yield* play(raw, optionsFor(raw))
          const { ending, tcp, tls } = yield* play(raw, { only })
          const where = `${raw.name} after ${only} bytes`
          // What comes of the whole may come of a part already; a TLS handshake that never begins has failed.
          assert.include(["PeerClosed", "TransportFailed", whole.ending.tag], ending.tag, where)
          assert.notStrictEqual(ending.tag, "Waiting", where)
          if (ending.tag === "PeerClosed") {
            assert.isTrue(whole.tcp.startsWith(tcp) && whole.tls.startsWith(tls), `${where}: nothing else is said`)
          }
        })
      ),
    { arbitrary: { runs: 200 } }
  )
})
