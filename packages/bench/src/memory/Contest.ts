/** Contest: one contender holds many links between two processes, and both are looked at before and after. */
import { setTimeout } from "node:timers/promises"
import { type Contender, startPython, startWorker } from "../Contender.ts"
import type { Pem } from "../ManyIdentities.ts"
import type { Reading } from "./worker/Reading.ts"
import type { Target } from "./worker/Serving.ts"

/** Who listens. */
export interface Listener extends Pem {
  readonly tubId: string
}

/** A kind of link. */
export interface Entry {
  readonly label: string
  readonly server: () => Promise<Contender>
  readonly client: () => Promise<Contender>
}

const bothEnds = (label: string, program: string, ...args: ReadonlyArray<string>): Entry => ({
  label,
  server: () => startWorker(`memory/worker/${program}`, "server", ...args),
  client: () => startWorker(`memory/worker/${program}`, "client", ...args)
})

export const ours = bothEnds("ours", "ours.ts")
export const banana = bothEnds("ours, BananaLink", "ours.ts", "banana")
export const raw = bothEnds("raw Node, negotiated", "raw.ts")
export const bare = bothEnds("node:tls", "bare.ts")
export const bareWithOurs = bothEnds("node:tls, our settings", "bare.ts", "ours")
export const foolscap: Entry = { label: "Foolscap", server: () => startPython("memory.py"), client: raw.client }

/** As many as there are before the first reading: opened, closed, and opened again to stay. */
export const warming = 200

/** What one process held before the links and with them; a Python process knows nothing of a heap. */
export interface Sides<R> {
  readonly before: R
  readonly after: R
}

export interface Held {
  readonly label: string
  readonly links: number
  readonly server: Sides<Pick<Reading, "rss" | "peak" | "cpu"> & Partial<Reading>>
  readonly client: Sides<Reading>
  /** To open the links, and the processor time of the client for that. */
  readonly opening: { readonly milliseconds: number; readonly cpu: number; readonly serverCpu: number }
}

/** Holds so many links beside the first ones. Fails if one of them is not there, or does not answer in the end. */
export const hold = async (entry: Entry, listener: Listener, links: number): Promise<Held> => {
  const { label } = entry
  const { certificate, key, tubId } = listener
  const started = await Promise.allSettled([entry.server(), entry.client()])
  const contenders = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))
  try {
    const [server, client] = contenders
    if (server === undefined || client === undefined) throw new Error(`${label} does not start`)
    const all = warming + links
    const [{ port }] = await Promise.all([
      server.ask<{ readonly port: number }>({ do: "listen", certificate, key }),
      client.ask({ do: "prepare", certificate, key, count: all })
    ])
    const target: Target = { tubId, port }
    const open = async (from: number, to: number) => {
      const opened = await client.ask<{ readonly milliseconds: number; readonly cpu: number }>({
        do: "open",
        target,
        from,
        to
      })
      await settled(label, server, client, to)
      return opened
    }
    await open(0, warming)
    await client.ask({ do: "close" })
    await settled(label, server, client, 0)
    await open(0, warming)
    const read = () =>
      Promise.all([server.ask<Held["server"]["after"]>({ do: "read" }), client.ask<Reading>({ do: "read" })])
    const [serverBefore, clientBefore] = await read()
    const opened = await open(warming, all)
    const [serverAfter, clientAfter] = await read()

    await settled(label, server, client, all)
    await client.ask({ do: "ask", each: Math.ceil(all / asked) })
    await settled(label, server, client, all)
    return {
      label,
      links,
      server: { before: serverBefore, after: serverAfter },
      client: { before: clientBefore, after: clientAfter },
      opening: { ...opened, serverCpu: serverAfter.cpu - serverBefore.cpu }
    }
  } finally {
    await Promise.allSettled(contenders.map((contender) => contender.end()))
  }
}

/** So many links have to answer in the end. */
const asked = 50

const patience = 10_000

/** Waits until both sides see so many links: a client may be done with a negotiation before the server is. */
const settled = async (label: string, server: Contender, client: Contender, links: number): Promise<void> => {
  const start = performance.now()
  while (true) {
    const seen = await Promise.all([server, client].map((end) => end.ask<{ readonly links: number }>({ do: "links" })))
    if (seen.every((end) => end.links === links)) return
    const [theServer, theClient] = seen.map((end) => end.links)
    if (performance.now() - start > patience) {
      throw new Error(`${label}: ${links} links, of which the server sees ${theServer} and the client ${theClient}`)
    }
    await setTimeout(20)
  }
}

/** Raw Node speaks our protocol: it has to have links with us, whoever of the two listens. */
export const agree = async (listener: Listener): Promise<void> => {
  const crossed = [
    { label: "raw Node dials ours", server: ours.server, client: raw.client },
    { label: "ours dials raw Node", server: raw.server, client: ours.client }
  ]
  await Promise.all(crossed.map((entry) => hold(entry, listener, 1)))
}
