import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Dice } from "../../proof/src/simulate/Dice.ts"
import { compare } from "../src/BananaComparison.ts"
import { ours, theirs } from "../src/BananaHappening.ts"
import * as BananaPeer from "../src/BananaPeer.ts"
import { rounds, timeout } from "../src/BananaRounds.ts"
import * as BananaStreams from "../src/BananaStreams.ts"
import { describeWith } from "../src/Requirements.ts"

const usual = 10_000

const draw =
  (table: 0 | 1) =>
  (dice: Dice): BananaPeer.Input => {
    const bytes = BananaStreams.draw(dice, table)
    return { table, hex: Buffer.from(bytes).toString("hex"), cuts: BananaStreams.cutsOf(bytes) }
  }

describeWith(["python3-foolscap"], "Streams by chance", () => {
  for (const table of [0, 1] as const) {
    it.live(
      `are the same objects, Violations and ends here and in Foolscap, at the same byte, with vocabulary ${table}`,
      ({ annotate }) =>
        Effect.gen(function* () {
          const foolscap = yield* BananaPeer.start
          const counts = new Map<string, number>()
          const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
          yield* rounds(
            usual,
            draw(table),
            Effect.fnUntraced(function* (inputs) {
              const here = inputs.map(ours)
              const compared = (yield* foolscap.decode(inputs)).map((events, at) => {
                const there = theirs(events)
                for (const { what } of there) count(what)
                return compare(here[at] ?? [], there)
              })
              for (const { meant } of compared) for (const name of meant) count(name)
              const again = [...compared.keys()].filter((at) => compared[at]?.wrong !== undefined)
              const mended = yield* foolscap.decode(
                again.flatMap((at) => inputs[at] ?? []),
                "mended"
              )
              const wrong = new Map(
                again.map((at, number) => [at, compare(here[at] ?? [], theirs(mended[number] ?? [])).wrong])
              )
              return inputs.map(({ hex }, at) => {
                const found = wrong.get(at)
                if (found !== undefined) return [`${found} in ${hex}`]
                if (wrong.has(at)) count("reads what was sent, where Foolscap 21.7 does not")
                return []
              })
            })
          )
          yield* Effect.promise(() => annotate(Array.from(counts, ([name, times]) => `${times} ${name}`).join(", ")))
        }),
      timeout(usual)
    )
  }
})
