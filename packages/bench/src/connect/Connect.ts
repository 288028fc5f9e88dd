/** Connect: how many new links a second, and what each costs. */
import type { KeyKind } from "@effect-foolscap/node/Certificate"
import type { Chart } from "../Chart.ts"
import type { Contender } from "../Contender.ts"
import { type Findings, type Goal, type Options, planOf, progress, type Section } from "../Part.ts"
import * as Rounds from "../Rounds.ts"
import { figure } from "../Table.ts"
import * as Agreement from "./Agreement.ts"
import { type Entry, missing, nameOf, present } from "./Contenders.ts"
import { cast, type Cast } from "./Identities.ts"
import * as Overhead from "./Overhead.ts"
import type { Place } from "./Serving.ts"

/** A contender whose server and client are running. With one process, both are the same. */
interface Running {
  readonly entry: Entry
  readonly name: string
  readonly server: Contender
  readonly client: Contender
}

/** One turn. */
interface Turn {
  readonly perSecond: number
  /** What a link takes of the processors, on both sides together, in milliseconds. */
  readonly processor: number
}

interface Result {
  readonly label: string
  readonly key: KeyKind
  readonly name: string
  readonly processes: 1 | 2
  readonly concurrent: number
  readonly turns: ReadonlyArray<Turn>
}

/** How many links at once, at most. */
const loops = 64

const turnMilliseconds = { full: 400, quick: 200 }

/**
 * How long everyone makes links before anything is counted. The engine compiles what runs often, and goes on with it for
 * thousands of links.
 */
const warmingMilliseconds = { full: 6000, quick: 400 }

export const run = async (options: Options): Promise<Findings> => {
  if (options.profile) return Overhead.profile()
  progress("making certificates")
  const casts = new Map<KeyKind, Cast>()
  for (const key of ["p256", "rsa2048", "ed25519"] as const) casts.set(key, await cast(key, loops))

  const results: Array<Result> = []
  await Agreement.check(casts)
  for (const processes of [2, 1] as const) {
    const running: Array<Running> = []
    try {
      const taking = present.filter((entry) => concurrencies(entry, processes, options).length > 0)
      for (const entry of taking) running.push(await begin(entry, processes, casts.get(entry.key)))
      progress(`warming up, ${processes === 1 ? "one process" : "two processes"}`)
      for (const one of running) await warm(one, options)
      for (const concurrent of [16, 1, 64]) {
        const some = running.filter(({ entry }) => concurrencies(entry, processes, options).includes(concurrent))
        if (some.length === 0) continue
        progress(`${concurrent} at once, ${processes === 1 ? "one process" : "two processes"}`)
        results.push(...(await measure(some, processes, concurrent, options)))
      }
    } finally {
      await Promise.all(running.flatMap(({ client, server }) => [...new Set([client, server])]).map((one) => one.end()))
    }
  }
  const overhead = await Overhead.run(options)
  return {
    sections: [sectionOf(results, planOf(options).counted), ...overhead.sections],
    goals: [...goalsOf(results), ...(overhead.goals ?? [])],
    charts: chartsOf(results),
    data: { results, overhead: overhead.data }
  }
}

const concurrencies = (entry: Entry, processes: 1 | 2, { quick }: Options): ReadonlyArray<number> => {
  const wanted = processes === 2 ? entry.two : entry.one
  return quick ? wanted.filter((concurrent) => concurrent === 16 && processes === 2) : wanted
}

const begin = async (entry: Entry, processes: 1 | 2, people: Cast | undefined): Promise<Running> => {
  if (people === undefined) throw new Error(`no ${entry.key} certificates were made`)
  const server = await entry.start()
  const client = processes === 1 ? server : await entry.start()
  const place = await server.ask<Place>({ do: "listen", identity: people.server })
  await client.ask({ do: "clients", identities: people.clients, place })
  return { entry, name: server.name, server, client }
}

const warm = async (one: Running, { quick }: Options): Promise<void> => {
  const until = performance.now() + (quick ? warmingMilliseconds.quick : warmingMilliseconds.full)
  while (performance.now() < until) await turnOf(one, 100, 16)
}

const measure = async (
  running: ReadonlyArray<Running>,
  processes: 1 | 2,
  concurrent: number,
  options: Options
): Promise<ReadonlyArray<Result>> => {
  const counts = new Map<Running, number>()
  for (const one of running) {
    // A first turn says how many links fit into the time.
    const { perSecond } = await turnOf(one, 100, concurrent)
    const milliseconds = options.quick ? turnMilliseconds.quick : turnMilliseconds.full
    counts.set(one, Math.max(concurrent, Math.ceil((perSecond * milliseconds) / 1000)))
  }
  const turns = await Rounds.gather(planOf(options), running, (one) =>
    turnOf(one, counts.get(one) ?? loops, concurrent)
  )
  return running.map(({ entry: { key, label }, name }, at) => ({
    label,
    key,
    name,
    processes,
    concurrent,
    turns: turns[at] ?? []
  }))
}

const turnOf = async ({ client, server }: Running, count: number, concurrent: number): Promise<Turn> => {
  const both = [...new Set([client, server])]
  const used = async () => {
    let sum = 0
    for (const one of both) sum += (await one.ask<{ readonly ms: number }>({ do: "processor" })).ms
    return sum
  }
  const before = await used()
  const { ms } = await client.ask<{ readonly ms: number }>({ do: "dial", count, concurrent })
  return { perSecond: (count / ms) * 1000, processor: ((await used()) - before) / count }
}

const find = (results: ReadonlyArray<Result>, label: string, key: KeyKind): Result | undefined =>
  results.find((one) => one.processes === 2 && one.concurrent === 16 && one.label === label && one.key === key)

/** How many times as many links a second as the other: the median of the rounds' own ratios. */
const ratio = (ours: Result, theirs: Result): number =>
  Rounds.median(ours.turns.map(({ perSecond }, round) => perSecond / (theirs.turns[round]?.perSecond ?? Number.NaN)))

const aims: ReadonlyArray<{ readonly label: string; readonly key: KeyKind; readonly atLeast: number }> = [
  { label: "plain Node, same bytes", key: "p256", atLeast: 0.95 },
  { label: "node:tls, its own settings", key: "p256", atLeast: 1 },
  { label: "Foolscap", key: "rsa2048", atLeast: 4 },
  { label: "libp2p, noise", key: "ed25519", atLeast: 3.5 }
]

const goalsOf = (results: ReadonlyArray<Result>): ReadonlyArray<Goal> => {
  const ours = find(results, "ours", "p256")
  return aims.flatMap(({ atLeast, key, label }) => {
    const theirs = find(results, label, key)
    if (ours === undefined || theirs === undefined) return []
    return [{ what: `links/s, ours with P-256 ÷ ${nameOf(theirs)}`, reached: ratio(ours, theirs), aim: { atLeast } }]
  })
}

const sectionOf = (results: ReadonlyArray<Result>, rounds: number): Section => ({
  title: "New links",
  table: {
    left: 2,
    rows: [
      ["contender", "processes", "at once", "links/s", "processor, ms", "ours is"],
      ...results.map((result) => {
        const ours = results.find(
          (one) =>
            one.label === "ours" &&
            one.key === result.key &&
            one.processes === result.processes &&
            one.concurrent === result.concurrent
        )
        return [
          nameOf(result),
          result.processes === 1 ? "one" : "two",
          `${result.concurrent}`,
          figure(Rounds.median(result.turns.map(({ perSecond }) => perSecond))),
          figure(Rounds.median(result.turns.map(({ processor }) => processor))),
          ours === undefined || ours === result ? "" : `${figure(ratio(ours, result))} x`
        ]
      })
    ]
  },
  notes: [
    `Medians of ${rounds} rounds; "ours is 2 x" means twice as many links a second with the same kind of key, the median of the rounds' own ratios.`,
    `${[...new Set(results.map(({ name }) => name))].join("; ")}.`,
    "From a new TCP connection until the link is established, and closed again; processor time is that of both ends.",
    ...missing
  ]
})

const chartsOf = (results: ReadonlyArray<Result>): ReadonlyArray<Chart> => [
  {
    title: "New links, 16 at once, two processes",
    unit: "links a second, more is better",
    bars: results
      .filter(({ concurrent, processes }) => processes === 2 && concurrent === 16)
      .map((result) => ({
        label: nameOf(result),
        value: Rounds.median(result.turns.map(({ perSecond }) => perSecond))
      }))
  }
]
