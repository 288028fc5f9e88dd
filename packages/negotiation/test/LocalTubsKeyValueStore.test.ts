import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Layer from "effect/Layer"
import { LocalTubs } from "../src/LocalTubs.ts"
import { NegotiationError } from "../src/NegotiationError.ts"
import * as WhereaboutsStore from "../src/WhereaboutsStore.ts"
import { clientHello, converse, get, underTls } from "./Peer.ts"
import { high, low, side, stranger } from "./Sides.ts"
import { converseToTheEnd } from "./Stalls.ts"
import * as Stores from "./Stores.ts"

const key = WhereaboutsStore.key(stranger.tubId)

/** A Listener for `high` that asks `made` for every other Tub. */
const listener = ({ store }: ReturnType<typeof Stores.make>) =>
  side(high, {
    tubs: LocalTubs.layerKeyValueStore({ here: [high] }).pipe(
      Layer.provide(Layer.succeed(KeyValueStore.KeyValueStore)(store))
    )
  })

/** A client that asks for a Tub that is not here. */
const asking = { clear: get(stranger.tubId) }

/** A client that asks for the Tub that is here. */
const linking = underTls("server", high, low.credentials, clientHello(low))

const tryAgain =
  `HTTP/1.1 503 Service Unavailable: cannot look up TubID ${stranger.tubId} now, try again later\r\n` +
  "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 75\r\nConnection: close\r\n\r\n" +
  `cannot look up TubID ${stranger.tubId} now, try again later\n`

describe("A Listener that shares a store with others", () => {
  it.effect("sends a client to where the store says, as the entry stands at that moment (N8, N11)", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      const service = yield* listener(made)
      const first = yield* converse(service, "server", asking)
      assert.strictEqual(first.outcome, "Plaintext UnknownTubId")

      made.entries.set(key, "tcp:192.0.2.7:4711,tcp:example.org:4711")
      const second = yield* converse(service, "server", asking)
      assert.strictEqual(second.outcome, "Redirect")
      assert.strictEqual(
        second.heard.clear,
        "HTTP/1.1 303 See Other\r\n" +
          `Location: pb://${stranger.tubId}@tcp:192.0.2.7:4711,tcp:example.org:4711/\r\n` +
          "Content-Length: 0\r\nConnection: close\r\n\r\n"
      )

      made.entries.delete(key)
      assert.strictEqual((yield* converse(service, "server", asking)).outcome, "Plaintext UnknownTubId")
    })
  )

  for (const state of ["up", "down", "hanging"] as const) {
    it.effect(`does not ask it for a Tub of its own, so it may be ${state} (N8)`, () =>
      Effect.gen(function* () {
        const made = Stores.make({ [WhereaboutsStore.key(high.tubId)]: "tcp:elsewhere.example.org:4711" })
        made.server.state = state
        const { outcome } = yield* converse(yield* listener(made), "server", linking)
        assert.strictEqual(outcome, "connected as Master")
        assert.strictEqual(made.server.asked, 0)
      })
    )
  }

  it.effect("asks it in the fiber of whoever negotiates, with that one's spans and clock", () =>
    Effect.gen(function* () {
      const Who = Context.Reference<string>("test/Who", { defaultValue: () => "nobody" })
      const heard: Array<string> = []
      const { store } = Stores.make()
      const noting: KeyValueStore.KeyValueStore = {
        ...store,
        get: () =>
          Effect.andThen(
            Effect.map(Who, (who) => heard.push(who)),
            Effect.undefined
          )
      }
      const { find } = yield* Effect.map(
        Layer.build(LocalTubs.layerKeyValueStore({ here: [] })),
        Context.get(LocalTubs)
      ).pipe(Effect.provideService(KeyValueStore.KeyValueStore, noting), Effect.provideService(Who, "the builder"))
      yield* Effect.provideService(find(stranger.tubId), Who, "the negotiator")
      assert.deepStrictEqual(heard, ["the negotiator"])
    })
  )

  it.effect("does not ask it for what is no TubId at all", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      const { outcome } = yield* converse(yield* listener(made), "server", { clear: get("../../etc/passwd") })
      assert.strictEqual(outcome, "Plaintext UnknownTubId")
      assert.strictEqual(made.server.asked, 0)
    })
  )

  it.effect("answers 503 while the store is down, tells its owner why and nobody else, and recovers with it (N8)", () =>
    Effect.gen(function* () {
      const made = Stores.make({ [key]: "tcp:192.0.2.7:4711" })
      const service = yield* listener(made)
      made.server.state = "down"
      const { exit, heard, outcome } = yield* converse(service, "server", asking)
      assert.strictEqual(outcome, "Plaintext LookupFailed")
      assert.strictEqual(heard.clear, tryAgain)
      const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      assert.instanceOf(error, NegotiationError)
      assert.include(error.message, Stores.secret)
      assert.include(error.message, stranger.tubId)

      assert.strictEqual((yield* converse(service, "server", linking)).outcome, "connected as Master")
      made.server.state = "up"
      assert.strictEqual((yield* converse(service, "server", asking)).outcome, "Redirect")
    })
  )

  it.effect("answers 503 to an entry that it cannot read, and not that it knows no such Tub (N8)", () =>
    Effect.gen(function* () {
      const { heard, outcome } = yield* converse(yield* listener(Stores.make({ [key]: "" })), "server", asking)
      assert.strictEqual(outcome, "Plaintext LookupFailed")
      assert.strictEqual(heard.clear, tryAgain)
    })
  )

  it.effect("answers 408 when the deadline passes over a store that says nothing (N27)", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      made.server.state = "hanging"
      const { heard, outcome } = yield* converseToTheEnd(yield* listener(made), "server", asking)
      assert.strictEqual(outcome, "Plaintext DeadlineExceeded")
      assert.match(heard.clear, /^HTTP\/1\.1 408 Request Timeout: not negotiated within 2m\r\n/)
    })
  )
})
