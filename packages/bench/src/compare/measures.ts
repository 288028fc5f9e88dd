/** What two revisions are compared by: the work of one process or two, all of it ours. */
import { startWorkerIn } from "../Contender.ts"
import { kinds, nameList } from "../codec/Values.ts"
import type { Prepared } from "../codec/worker/Serving.ts"
import { cast } from "../connect/Identities.ts"
import type { Place, Seen } from "../connect/Serving.ts"
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

const linksInTurn = 200

/** Old revisions are asked by the same worker, so it may use only what they have. */
const connect: ReadonlyArray<Measure> = [
  {
    title: "a new link, 16 at once, ms of the processor on both sides",
    start: async (tree) => {
      const people = await cast("p256", 16)
      const server = await startWorkerIn(tree, "connect/worker/tub.ts")
      const client = await startWorkerIn(tree, "connect/worker/tub.ts")
      const place = await server.ask<Place>({ do: "listen", identity: people.server })
      await client.ask({ do: "clients", identities: people.clients, place })
      const { parameters } = await client.ask<Seen>({ do: "one" })
      const used = async () =>
        (
          await Promise.all([server, client].map((side) => side.ask<{ readonly ms: number }>({ do: "processor" })))
        ).reduce((sum, { ms }) => sum + ms, 0)
      return {
        did: `${parameters}`,
        time: async () => {
          const before = await used()
          await client.ask({ do: "dial", count: linksInTurn, concurrent: 16 })
          return ((await used()) - before) / linksInTurn
        },
        end: async () => {
          await client.end()
          await server.end()
        }
      }
    }
  }
]

export const measures: ReadonlyMap<string, ReadonlyArray<Measure>> = new Map([
  ["codec", codec],
  ["connect", connect]
])
