/** Chance, drawn from a seed. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** One stream of random numbers. */
export class Dice {
  /** The stream itself, for programs. */
  readonly random: Random.Random

  constructor(random: Random.Random) {
    this.random = random
  }

  /** The stream of this seed. */
  static readonly from = (seed: string): Effect.Effect<Dice> =>
    Effect.map(Random.withSeed(Random.Random, seed), (random) => new Dice(random))

  /** An integer from `least` to `most`. */
  between(least: number, most: number): number {
    return least + Math.floor(this.random.nextDoubleUnsafe() * (most - least + 1))
  }

  /** Whether something happens that does with this probability. */
  chance(probability: number): boolean {
    return this.random.nextDoubleUnsafe() < probability
  }

  /** One of several. */
  one<A>(choices: ReadonlyArray<A>): A {
    const chosen = choices[this.between(0, choices.length - 1)]
    if (choices.length === 0) throw new Error("there is nothing to choose from")
    // `A` may well hold undefined.
    return chosen as A
  }
}
