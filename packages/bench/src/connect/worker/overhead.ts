/** Ours and plain Node in one process, block by block. */
import { answer } from "../../Answering.ts"
import { profiled } from "../../Cpu.ts"
import { processorMilliseconds } from "../../Stopwatch.ts"
import type { Cast } from "../Identities.ts"
import type { Block, Variant } from "../Overhead.ts"
import { plainDialler } from "../PlainDialler.ts"
import type { Client } from "../Serving.ts"
import { tubDialler } from "../TubDialler.ts"

const diallers = {
  "plain Node": plainDialler({ protocol: "negotiated", settings: "ours" }),
  ours: tubDialler
}
const clients = new Map<Variant, Client>()

const clientOf = (variant: Variant): Client => {
  const client = clients.get(variant)
  if (client === undefined) throw new Error("prepare comes first")
  return client
}

const links = async (variant: Variant, count: number): Promise<void> => {
  for (let link = 0; link < count; link++) await clientOf(variant)()
}

await answer(`Node ${process.versions.node}`, {
  prepare: async ({ people }: { readonly people: Cast }) => {
    const [one] = people.clients
    if (one === undefined) throw new Error("nobody dials")
    for (const variant of ["plain Node", "ours"] as const) {
      const dialler = diallers[variant]
      clients.set(variant, await dialler.client(one, await dialler.listen(people.server)))
    }
    return {}
  },
  block: async ({ count, variant }: { readonly count: number; readonly variant: Variant }): Promise<Block> => {
    const used = processorMilliseconds()
    const start = performance.now()
    await links(variant, count)
    return { wall: (performance.now() - start) / count, processor: (processorMilliseconds() - used) / count }
  },
  profile: async ({ milliseconds }: { readonly milliseconds: number }) => {
    await links("ours", 1000)
    return profiled(milliseconds, () => links("ours", 40))
  }
})
process.exit()
