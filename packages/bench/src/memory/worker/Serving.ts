/** Serving: one end of many links, which is asked to listen or to dial, and how much memory it holds. */
import { setFlagsFromString } from "node:v8"
import { answer } from "../../Answering.ts"
import { type Pem, vary } from "../../ManyIdentities.ts"
import { cpuMilliseconds, read } from "./Reading.ts"

// The engine forgets code that has not run for a while. That is megabytes, at a time of its choice, and nothing of a link's.
setFlagsFromString("--no-flush-bytecode")

/** Answers every link with the bytes that come over it. */
export interface Server {
  /** Gives the port. */
  readonly listen: (identity: Pem) => Promise<number>
  /** How many links it has. */
  readonly links: () => number
}

export interface Client {
  /** Makes everything that one Tub has before it has a link. */
  readonly prepare: (identity: Pem) => Promise<(target: Target) => Promise<Link>>
}

/** Who listens, and where. */
export interface Target {
  readonly tubId: string
  readonly port: number
}

/** A link of a client, which reads whatever comes. */
export interface Link {
  readonly isOpen: () => boolean
  /** Sends something and waits for an answer. */
  readonly ask: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Serves as whichever end the command line says. */
export const serve = (name: string, ends: { readonly server: Server; readonly client: Client }): Promise<void> =>
  process.argv[2] === "server" ? serveServer(name, ends.server) : serveClient(name, ends.client)

const serveServer = async (name: string, { links, listen }: Server): Promise<void> => {
  await answer(name, {
    listen: async ({ certificate, key }: Pem) => ({ port: await listen({ certificate, key }) }),
    links: () => ({ links: links() }),
    read
  })
  // Whoever asks is gone, and the links with them.
  process.exit()
}

const serveClient = async (name: string, { prepare }: Client): Promise<void> => {
  const diallers: Array<(target: Target) => Promise<Link>> = []
  let held: Array<Link> = []
  await answer(name, {
    prepare: async (request: Pem & { readonly count: number }) => {
      for (const identity of vary(request, request.count)) diallers.push(await prepare(identity))
      return {}
    },
    /** Opens links of the Tubs `from` to `to`. */
    open: async (request: { readonly target: Target; readonly from: number; readonly to: number }) => {
      const { from, target, to } = request
      const [start, before] = [performance.now(), cpuMilliseconds()]
      let next = from
      const dialSome = async () => {
        while (next < to) {
          const dial = diallers[next++]
          if (dial !== undefined) held.push(await dial(target))
        }
      }
      await Promise.all(Array.from({ length: atOnce }, dialSome))
      return { milliseconds: performance.now() - start, cpu: cpuMilliseconds() - before }
    },
    links: () => ({ links: held.filter((link) => link.isOpen()).length }),
    /** Asks over every `each`th link, one after the other. */
    ask: async ({ each }: { readonly each: number }) => {
      const asked = held.filter((_, at) => at % each === 0)
      for (const link of asked) await link.ask()
      return { answered: asked.length }
    },
    close: async () => {
      await Promise.all(held.map((link) => link.close()))
      held = []
      return {}
    },
    read
  })
  process.exit()
}

/** How many links are opened at a time. */
const atOnce = 32
