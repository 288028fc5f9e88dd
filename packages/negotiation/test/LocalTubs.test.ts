import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as LocalTub from "../src/LocalTub.ts"
import { LocalTubs, Whereabouts } from "../src/LocalTubs.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import { high, low, stranger } from "./Sides.ts"

describe("LocalTubs", () => {
  const identity = { tubId: low.tubId, ...MemoryTransport.credentials(low.tubId) }

  it.effect("gives a Tub an incarnation of 16 lower-case hex digits, new for every process (N21)", () =>
    Effect.gen(function* () {
      const incarnations = new Set<string>()
      for (let i = 0; i < 200; i++) {
        const { incarnation } = yield* LocalTub.make(identity)
        assert.match(incarnation, /^[0-9a-f]{16}$/)
        incarnations.add(incarnation)
      }
      assert.strictEqual(incarnations.size, 200)
      assert.strictEqual(new Set([...incarnations].join("")).size, 16, "every digit occurs")
    })
  )

  it.effect("takes the incarnation from the Random service", () =>
    Effect.gen(function* () {
      const seeded = LocalTub.make(identity).pipe(Random.withSeed("a seed"))
      assert.strictEqual((yield* seeded).incarnation, (yield* seeded).incarnation)
    })
  )

  it.effect("knows which Tubs are here, which are elsewhere, and no others (N8)", () =>
    Effect.gen(function* () {
      const hints = [LocationHint.tcp("192.0.2.7", 4711)] as const
      const elsewhere = new Map([
        [high.tubId, hints],
        [low.tubId, hints]
      ])
      const found = (tubId: TubId) => LocalTubs.use((tubs) => tubs.find(tubId))
      yield* Effect.gen(function* () {
        // What is here is not sent elsewhere.
        assert.deepStrictEqual(yield* found(low.tubId), Whereabouts.Here({ tub: low }))
        assert.deepStrictEqual(yield* found(high.tubId), Whereabouts.Elsewhere({ hints }))
        assert.deepStrictEqual(yield* found(stranger.tubId), Whereabouts.Unknown())
      }).pipe(Effect.provide(LocalTubs.layer({ here: [low], elsewhere })))
    })
  )

  it.effect("dies when it is built with more hints for a Tub than a 303 can carry (N6)", () =>
    Effect.gen(function* () {
      const place = LocationHint.tcp("192.0.2.7", 4711)
      const built = (count: number) => {
        const hints = [place, ...Array.from({ length: count - 1 }, () => place)] as const
        return Effect.exit(Layer.build(LocalTubs.layer({ here: [], elsewhere: new Map([[high.tubId, hints]]) })))
      }
      assert.isTrue(Exit.isSuccess(yield* built(100)))
      const tooMany = yield* built(300)
      assert.isTrue(Exit.isFailure(tooMany) && Cause.hasDies(tooMany.cause))
      assert.include(
        String(Exit.isFailure(tooMany) && Cause.squash(tooMany.cause)),
        `the 300 hints of ${high.tubId} takes`
      )
    })
  )
})
