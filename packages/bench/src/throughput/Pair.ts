/** Pair: a server and a client of one contender, each a process, with an open connection between them. */
import type { Cast } from "../connect/Identities.ts"
import type { Place } from "../connect/Serving.ts"
import type { Contender } from "../Contender.ts"

export interface Pair {
  readonly label: string
  readonly server: Contender
  readonly client: Contender
}

export const open = async (
  label: string,
  start: () => Promise<Contender>,
  { clients: [identity], server: self }: Cast
): Promise<Pair> => {
  const server = await start()
  const client = await start()
  const place = await server.ask<Place>({ do: "listen", identity: self })
  await client.ask({ do: "open", identity, place })
  return { label, server, client }
}

export const close = async ({ client, server }: Pair): Promise<void> => {
  await client.end()
  await server.end()
}

/** What both processes have had of the processors, in milliseconds. */
export const used = async ({ client, server }: Pair): Promise<number> => {
  const [ours, theirs] = await Promise.all(
    [client, server].map((side) => side.ask<{ readonly ms: number }>({ do: "processor" }))
  )
  return (ours?.ms ?? 0) + (theirs?.ms ?? 0)
}

/** What one turn came to, for a second and for one of what is counted. */
export interface Turn {
  readonly perSecond: number
  readonly processor: number
}

/** Runs something that counts `count` of something. */
export const turn = async (pair: Pair, count: number, run: () => Promise<{ readonly ms: number }>): Promise<Turn> => {
  const before = await used(pair)
  const { ms } = await run()
  return { perSecond: (count / ms) * 1000, processor: ((await used(pair)) - before) / count }
}
