/** Serving: a contender that listens in one process, and dials from the same one or from another. */
import { answer } from "../Answering.ts"
import { processorMilliseconds } from "../Stopwatch.ts"
import type { Identity } from "./Identities.ts"

/** Where a server is. */
export interface Place {
  readonly port: number
  /** A TubId, or what else names it. */
  readonly server: string
}

/** What a link turned out to be, as one side sees it. */
export interface Seen {
  /** Who the other side has proven to be. */
  readonly peer: string
  /** What was agreed on, where something was. */
  readonly parameters?: string
  /** Version, cipher and key share, where they can be seen. */
  readonly tls?: string
}

/** What is measured. */
export interface Dialler {
  readonly name: string
  readonly listen: (identity: Identity) => Promise<Place>
  /** One client that dials the place, and closes the link again once it is established. */
  readonly client: (identity: Identity, place: Place) => Promise<Client>
  /** What the server has seen of its latest link. */
  readonly seen: () => Seen | undefined
}

/** Makes one link, and no other before that is closed. */
export type Client = () => Promise<Seen>

/** Answers until nobody asks any more, and ends the process. */
export const serve = async (dialler: Dialler): Promise<void> => {
  let clients: ReadonlyArray<Client> = []
  await answer(dialler.name, {
    listen: ({ identity }: { readonly identity: Identity }) => dialler.listen(identity),
    clients: async ({ identities, place }: { readonly identities: ReadonlyArray<Identity>; readonly place: Place }) => {
      clients = await Promise.all(identities.map((identity) => dialler.client(identity, place)))
      return {}
    },
    dial: async ({ concurrent, count }: { readonly concurrent: number; readonly count: number }) => {
      let left = count
      const start = performance.now()
      await Promise.all(
        clients.slice(0, concurrent).map(async (client) => {
          while (left-- > 0) await client()
        })
      )
      return { ms: performance.now() - start }
    },
    one: async () => {
      const [client] = clients
      if (client === undefined) throw new Error("there are no clients")
      return client()
    },
    seen: () => dialler.seen() ?? {},
    processor: () => ({ ms: processorMilliseconds() })
  })
  process.exit()
}
