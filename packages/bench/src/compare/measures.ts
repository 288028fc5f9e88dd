/** What two revisions are compared by: the work of one process or two, all of it ours. */
import { startWorkerIn } from "../Contender.ts"
import { kinds, nameList } from "../codec/Values.ts"
import type { Prepared } from "../codec/worker/Serving.ts"
import type { Measure } from "./Comparison.ts"

const both = ["encode", "decode"] as const

/** To encode a long byte string takes no time. */
const handedOver = ["decode"] as const

const codec: ReadonlyArray<Measure> = nameList.flatMap((values) =>
  (values === "blob" ? handedOver : both).map((operation) => ({
    title: `${operation} ${kinds[values].title}, ms`,
    start: async (tree) => {
      const worker = await startWorkerIn(tree, "codec/worker/banana.ts")
      const { count } = kinds[values]
      const prepared = await worker.ask<Prepared>({ do: "prepare", values, count })
      return {
        did: JSON.stringify(prepared),
        time: async () => (await worker.ask<{ readonly ms: number }>({ do: operation })).ms,
        end: worker.end
      }
    }
  }))
)

export const measures: ReadonlyMap<string, ReadonlyArray<Measure>> = new Map([["codec", codec]])
