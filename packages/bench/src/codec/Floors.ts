/** Floors: what the engine needs for things that no codec in JavaScript can leave out. */
import { startWorker } from "../Contender.ts"
import { type Findings, type Options, planOf } from "../Part.ts"
import * as Rounds from "../Rounds.ts"
import { figure } from "../Table.ts"

/** What is measured, each in a process of its own. */
export const titles = [
  "1 M byte strings: read how long each is",
  "1 M byte strings: make so many of 8 bytes",
  "1 M ints: one list, item by item",
  "100 k records: remember each list",
  "64 MiB: copy 64 KiB at a time into new memory"
] as const

export type Floor = (typeof titles)[number]

export const run = async (options: Options): Promise<Findings> => {
  const floors: Array<{ readonly title: Floor; readonly ms: number }> = []
  for (const title of titles) {
    const worker = await startWorker("codec/worker/floors.ts", title)
    try {
      const [times = []] = await Rounds.run(
        planOf(options),
        [worker],
        async () => (await worker.ask<{ readonly ms: number }>({ do: "measure" })).ms
      )
      floors.push({ title, ms: Rounds.median(times) })
    } finally {
      await worker.end()
    }
  }
  return {
    sections: [
      {
        title: "What no codec in JavaScript can leave out",
        table: { left: 1, rows: [["", "ms"], ...floors.map(({ ms, title }) => [title, figure(ms)])] },
        notes: [
          "Loops without any protocol, over the same values. To be 50 times as fast as Foolscap, all of the work has to fit into a " +
            "fiftieth of its time in the tables above."
        ]
      }
    ],
    data: floors
  }
}
