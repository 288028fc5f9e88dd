/** Floors: what the engine needs for things that no codec in JavaScript can leave out, where that is more than there is time for. */
import { type Contender, startWorker } from "../Contender.ts"
import { type Findings, type Options, planOf } from "../Part.ts"
import * as Rounds from "../Rounds.ts"
import { figure } from "../Table.ts"
import type { operations, Result } from "./Speed.ts"
import { kinds, type Name } from "./Values.ts"

/** What is measured, each in a process of its own, and whose time it is a part of. */
const floors = {
  lengths: { title: "1 M byte strings out: read how long each is", values: "byte strings", operation: "encode" },
  views: { title: "1 M byte strings in: make so many views of 8 bytes", values: "byte strings", operation: "decode" },
  own: { title: "the same with memory of their own", values: "byte strings", operation: "decode" },
  blob: { title: "64 MiB in: copy 64 KiB at a time into new memory", values: "blob", operation: "decode" }
} satisfies {
  readonly [name: string]: {
    readonly title: string
    readonly values: Name
    readonly operation: (typeof operations)[number]
  }
}

export type Floor = keyof typeof floors

const floorList = Object.keys(floors) as ReadonlyArray<Floor> // its own keys

/** How many times as fast as Foolscap a codec is to be. */
const wanted = 50

export const run = async (options: Options, results: ReadonlyArray<Result>): Promise<Findings> => {
  const found: Array<{
    readonly title: string
    readonly ms: number
    readonly ours: number
    readonly foolscap: number
  }> = []
  for (const floor of floorList) {
    const { operation, title, values } = floors[floor]
    const foolscap = results.find((result) => result.values === values && result.label === "Foolscap")
    if (foolscap === undefined) throw new Error(`Foolscap has not coded ${values}`)
    const [loop, ours] = [
      await startWorker("codec/worker/floors.ts", floor),
      await startWorker("codec/worker/banana.ts")
    ]
    try {
      await ours.ask({ do: "prepare", values, count: kinds[values].count })
      const time = async (worker: Contender) =>
        (await worker.ask<{ readonly ms: number }>({ do: worker === ours ? operation : "measure" })).ms
      const [least = [], all = []] = await Rounds.run(planOf(options), [loop, ours], time)
      found.push({
        title,
        ms: Rounds.median(least),
        ours: Rounds.ratio(least, all),
        foolscap: foolscap[operation].median
      })
    } finally {
      await Promise.all([loop.end(), ours.end()])
    }
  }
  return {
    sections: [
      {
        title: "What no codec in JavaScript can leave out",
        table: {
          left: 1,
          rows: [
            ["", "ms", "ours takes", `Foolscap ÷ ${wanted}, ms`],
            ...found.map(({ foolscap, ms, ours, title }) => [
              title,
              figure(ms),
              `${figure(ours)} x`,
              figure(foolscap / wanted)
            ])
          ]
        },
        notes: [
          "A part of the work, over the same values, and how many times as long ours takes for all of it, in the same rounds. " +
            `To be ${wanted} times as fast as Foolscap, all of it has to be done in the time of the last column.`
        ]
      }
    ],
    data: found
  }
}
