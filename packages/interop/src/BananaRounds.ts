/**
 * BananaRounds: many rounds of one experiment by chance, each from a seed of its own.
 *
 *     BANANA_ROUNDS=1000000 npm run test:interop -- Banana    a million of each kind
 *     BANANA_FROM=42 BANANA_ROUNDS=1 npm run test:interop -- Banana    this seed alone
 */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Dice } from "../../proof/src/simulate/Dice.ts"

/** So many at once: Foolscap is asked once for all of them. */
const atOnce = 250

/** How much of what is wrong is worth reading. */
const enough = 5

const numberFrom = (name: string, usual: number): number => {
  const text = process.env[name]
  if (text === undefined) return usual
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Error(`${name} takes a number, not ${text}`)
}

/** The first seed. */
const from = numberFrom("BANANA_FROM", 0)

/** How long all of them may take, in milliseconds. */
export const timeout = (usual: number): number => 60_000 + 50 * numberFrom("BANANA_ROUNDS", usual)

/**
 * Draws `usual` times, and gives what was drawn in batches to `judge`, which says for each what is wrong with it. Fails with
 * the seeds of what is.
 */
export const rounds = Effect.fnUntraced(function* <A>(
  usual: number,
  draw: (dice: Dice) => A,
  judge: (drawn: ReadonlyArray<A>) => Effect.Effect<ReadonlyArray<ReadonlyArray<string>>>
) {
  const problems: Array<string> = []
  const end = from + numberFrom("BANANA_ROUNDS", usual)
  for (let first = from; first < end && problems.length < enough; first += atOnce) {
    const seeds = Array.from({ length: Math.min(atOnce, end - first) }, (_, at) => first + at)
    const drawn = yield* Effect.forEach(seeds, (seed) => Effect.map(Dice.from(String(seed)), draw))
    const judged = yield* judge(drawn)
    judged.forEach((wrong, at) => {
      for (const each of wrong) problems.push(`BANANA_FROM=${first + at}: ${each}`)
    })
  }
  assert.strictEqual(problems.slice(0, enough).join("\n"), "")
})
