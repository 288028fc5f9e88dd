import { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import { FLOAT } from "@effect-foolscap/banana/wire/TokenType"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Dice } from "../../proof/src/simulate/Dice.ts"
import { compare } from "../src/BananaComparison.ts"
import { drawWanted, FittingValues } from "../src/BananaConstraints.ts"
import { toValue } from "../src/BananaConversion.ts"
import { ours, theirs } from "../src/BananaHappening.ts"
import * as BananaPeer from "../src/BananaPeer.ts"
import { rounds, timeout } from "../src/BananaRounds.ts"
import * as BananaStreams from "../src/BananaStreams.ts"
import { describeWith } from "../src/Requirements.ts"

const usual = 10_000

/** A constraint, and what we send for three values that fit it, or nearly. */
const draw = (dice: Dice): BananaPeer.Input => {
  const table = dice.one([0, 1] as const)
  const wanted = drawWanted(dice, 3)
  const values = new FittingValues(dice)
  const encoder = new BananaEncoder({ vocabulary: Vocabulary.initial(table) })
  for (let left = 3; left > 0; left--) encoder.encode(toValue(values.value(wanted)))
  encoder.encode(9)
  const bytes = Uint8Array.from(Buffer.concat(encoder.take()))
  // A FLOAT that it refuses by its header Foolscap refuses again when the rest of it comes in another chunk.
  const cuts = BananaStreams.cutsOf(bytes).filter((cut) => bytes[cut - 1] !== FLOAT)
  return { table, wanted, hex: Buffer.from(bytes).toString("hex"), cuts }
}

describeWith(["python3-foolscap"], "Constraints by chance", () => {
  it.live(
    "refuse the same tokens here and in Foolscap, at the same byte and with the same texts",
    ({ annotate }) =>
      Effect.gen(function* () {
        const foolscap = yield* BananaPeer.start
        const counts = new Map<string, number>()
        const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
        yield* rounds(
          usual,
          draw,
          Effect.fnUntraced(function* (inputs) {
            const answers = yield* foolscap.decode(inputs)
            return inputs.map((input, at) => {
              const there = theirs(answers[at] ?? [])
              for (const { what } of there) count(what)
              const { meant, wrong } = compare(ours(input), there)
              for (const name of meant) count(name)
              return wrong === undefined ? [] : [`${wrong} in ${input.hex} for ${JSON.stringify(input.wanted)}`]
            })
          })
        )
        yield* Effect.promise(() => annotate(Array.from(counts, ([name, times]) => `${times} ${name}`).join(", ")))
      }),
    timeout(usual)
  )
})
