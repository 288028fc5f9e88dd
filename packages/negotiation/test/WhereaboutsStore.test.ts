import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import * as WhereaboutsStore from "../src/WhereaboutsStore.ts"
import { high, stranger } from "./Sides.ts"
import * as Stores from "./Stores.ts"

const hints = [LocationHint.tcp("192.0.2.7", 4711), LocationHint.tcp("2001:db8::7", 4711)] as const
const key = `foolscap-tub-${high.tubId}`
const entry = "tcp:192.0.2.7:4711,tcp:[2001:db8::7]:4711\nincarnation 6666666666666666\n"

const withStore = ({ store }: Pick<ReturnType<typeof Stores.make>, "store">) =>
  Effect.provideService(KeyValueStore.KeyValueStore, store)

/** Finds `high`, and says what came of it. */
const found = (made: ReturnType<typeof Stores.make>) =>
  WhereaboutsStore.find(high.tubId).pipe(
    Effect.match({
      onFailure: ({ cause, message }) => ({ cause, message }),
      onSuccess: (hints) => hints?.map(({ text }) => text)
    }),
    withStore(made)
  )

describe("WhereaboutsStore.announce", () => {
  it.effect("writes where a Tub is and which of its runs says so, and withdraws it when the Scope closes", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      yield* Effect.gen(function* () {
        yield* WhereaboutsStore.announce(high, hints)
        assert.deepStrictEqual([...made.entries], [[key, entry]])
        assert.deepStrictEqual(yield* WhereaboutsStore.find(high.tubId), hints)
      }).pipe(Effect.scoped, withStore(made))
      assert.deepStrictEqual([...made.entries], [])
      assert.isUndefined(yield* found(made))
    })
  )

  it("uses keys that are their own file names", () => {
    assert.strictEqual(WhereaboutsStore.key(high.tubId), key)
    assert.strictEqual(encodeURIComponent(key), key)
  })

  it.effect("replaces what was announced before, and leaves a newer announcement alone, also of the same place", () =>
    Effect.gen(function* () {
      const restarted = { ...high, incarnation: "7777777777777777" }
      for (const [newer, where] of [
        [high, [LocationHint.tcp("192.0.2.8", 4711)]],
        [restarted, hints]
      ] as const) {
        const made = Stores.make()
        const [before, after] = [yield* Scope.make(), yield* Scope.make()]
        yield* WhereaboutsStore.announce(high, hints).pipe(Scope.provide(before), withStore(made))
        yield* WhereaboutsStore.announce(newer, where).pipe(Scope.provide(after), withStore(made))
        yield* Scope.close(before, Exit.void)
        assert.deepStrictEqual(
          yield* found(made),
          where.map(({ text }) => text)
        )
        yield* Scope.close(after, Exit.void)
        assert.isUndefined(yield* found(made))
      }
    })
  )

  it.effect("keeps fleets apart that share a store under different prefixes", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      const [north, south] = [KeyValueStore.prefix(made.store, "north-"), KeyValueStore.prefix(made.store, "south-")]
      yield* Effect.gen(function* () {
        yield* WhereaboutsStore.announce(high, hints).pipe(withStore({ store: north }))
        assert.deepStrictEqual([...made.entries.keys()], [`north-${key}`])
        assert.deepStrictEqual(yield* withStore({ store: north })(WhereaboutsStore.find(high.tubId)), hints)
        assert.isUndefined(yield* withStore({ store: south })(WhereaboutsStore.find(high.tubId)))
      }).pipe(Effect.scoped)
    })
  )

  it.effect("says which Tub it could not announce, and what the store said", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      made.server.state = "down"
      const error = yield* WhereaboutsStore.announce(high, hints).pipe(Effect.flip, Effect.scoped, withStore(made))
      assert.strictEqual(
        error.message,
        `cannot announce where ${high.tubId} is: Unable to set item with key ${key}: ${Stores.secret}`
      )
      assert.instanceOf(error.cause, KeyValueStore.KeyValueStoreError)
    })
  )

  for (const [what, bad, problem] of [
    ["more hints than a 303 can carry", Array.from({ length: 210 }, () => hints[0]), "a redirect to the 210 hints"],
    [
      "a hint that a reader would not take",
      [Schema.decodeSync(LocationHint.FromString)("tcp:host")],
      "the port is missing"
    ]
  ] as const) {
    it.effect(`writes nothing if there is ${what}`, () =>
      Effect.gen(function* () {
        const made = Stores.make({ [key]: "tcp:a:1" })
        const [first = hints[0], ...more] = bad
        const error = yield* WhereaboutsStore.announce(high, [first, ...more]).pipe(
          Effect.flip,
          Effect.scoped,
          withStore(made)
        )
        assert.include(error.message, problem)
        assert.deepStrictEqual([...made.entries], [[key, "tcp:a:1"]])
      })
    )
  }

  it.effect("withdraws what was being written when it was interrupted", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      const arrivesAnyway: KeyValueStore.KeyValueStore = {
        ...made.store,
        set: (key, value) => Effect.andThen(made.store.set(key, value), Effect.never)
      }
      const announcing = yield* WhereaboutsStore.announce(high, hints).pipe(
        Effect.scoped,
        withStore({ store: arrivesAnyway }),
        Effect.forkChild({ startImmediately: true })
      )
      assert.strictEqual(made.entries.size, 1)
      yield* Fiber.interrupt(announcing)
      assert.strictEqual(made.entries.size, 0)
    })
  )

  for (const [state, wait, why] of [
    ["down", "0 seconds", `Unable to get item with key ${key}`],
    ["hanging", "5 seconds", "timed out after"]
  ] as const) {
    it.effect(`lets its Scope close after ${wait} and logs what it leaves behind if the store is ${state} then`, () =>
      Effect.gen(function* () {
        const logged: Array<string> = []
        const logger = Logger.make(({ logLevel, message }) => void logged.push(`${logLevel} ${String(message)}`))
        const made = Stores.make()
        const announcing = yield* WhereaboutsStore.announce(high, hints).pipe(
          Effect.andThen(Effect.sync(() => (made.server.state = state))),
          Effect.scoped,
          withStore(made),
          Effect.provide(Logger.layer([logger])),
          Effect.forkChild
        )
        yield* TestClock.adjust(wait)
        yield* Fiber.join(announcing)
        assert.strictEqual(logged.length, 1)
        assert.match(logged[0] ?? "", new RegExp(`^Warn ${key} could not be withdrawn: .*${why}`))
        assert.deepStrictEqual([...made.entries], [[key, entry]])
      })
    )
  }
})

describe("WhereaboutsStore.find", () => {
  for (const [what, text] of [
    ["with an editor", "tcp:192.0.2.7:4711,tcp:[2001:db8::7]:4711\n"],
    ["with redis-cli", "tcp:192.0.2.7:4711,tcp:[2001:db8::7]:4711"],
    ["on Windows, with a note", "tcp:192.0.2.7:4711, tcp:[2001:db8::7]:4711\r\nmoved by Ann\r\n"]
  ] as const) {
    it.effect(`reads an entry that a person wrote ${what}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(
          yield* found(Stores.make({ [key]: text })),
          hints.map(({ text }) => text)
        )
      })
    )
  }

  it.effect("knows no other Tub", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* found(Stores.make({ [WhereaboutsStore.key(stranger.tubId)]: entry })))
    })
  )

  it.effect("names the entry that it cannot read, and what would be one", () =>
    Effect.gen(function* () {
      const failure = yield* found(Stores.make({ [key]: "http://example.org/" }))
      assert.deepInclude(failure, {
        cause: new WhereaboutsStore.UnreadableEntry({
          key,
          problem: "a location hint is not empty and holds no comma and no slash\n  at [0]"
        }),
        message:
          `cannot look up where ${high.tubId} is: the entry ${key} does not begin with a line such as ` +
          "tcp:192.0.2.7:4711,tcp:example.org:4711: a location hint is not empty and holds no comma and no slash at [0]; " +
          "trying again later may help"
      })
    })
  )

  it.effect("says what the store said, and what that came from", () =>
    Effect.gen(function* () {
      const made = Stores.make()
      made.server.state = "down"
      assert.deepInclude(yield* found(made), {
        message:
          `cannot look up where ${high.tubId} is: Unable to get item with key ${key}: ${Stores.secret}; ` +
          "trying again later may help"
      })
    })
  )

  const pieces = Schema.Literals([
    "tcp:",
    "example.org",
    ":",
    "4711",
    ",",
    "\n",
    " ",
    "[",
    "::",
    "]",
    "{",
    '"',
    "%",
    "/",
    "é"
  ])
  for (const [what, text] of [
    ["any text", Arbitrary.schema(Schema.String)],
    ["pieces of hints", Arbitrary.map(Arbitrary.schema(Schema.Array(pieces)), (chosen) => chosen.join(""))]
  ] as const) {
    it.effect.prop(
      `takes ${what} for hints that can be sent to a client, or says that it cannot be read`,
      [text],
      ([text]) =>
        Effect.gen(function* () {
          const outcome = yield* WhereaboutsStore.find(high.tubId).pipe(
            withStore(Stores.make({ [key]: text })),
            Effect.result
          )
          if (outcome._tag === "Success") {
            assert.match(outcome.success?.join(",") ?? assert.fail("there is an entry"), /^[!-~]+$/)
          } else {
            assert.instanceOf(outcome.failure.cause, WhereaboutsStore.UnreadableEntry)
            assert.notMatch(outcome.failure.message, /[\p{C}\u2028\u2029]/u)
          }
        })
    )
  }
})
