/** Memory: what a link costs that nobody uses, in the process that listens and in the one that dials. */
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type Findings, type Options, progress, type Section } from "../Part.ts"
import { median } from "../Rounds.ts"
import { figure } from "../Table.ts"
import * as Contest from "./Contest.ts"

const some = 1000
const many = 10_000
const repetitions = 3

/** The first is ours. */
const withSome = [
  Contest.ours,
  Contest.banana,
  Contest.bare,
  Contest.bareWithOurs,
  Contest.raw,
  Contest.foolscap
] as const
const withMany = [Contest.ours, Contest.bare, Contest.bareWithOurs, Contest.raw] as const

const aim = 1.1

export const run = async ({ quick }: Options): Promise<Findings> => {
  const listener = await Effect.runPromise(makeListener)
  await Contest.agree(listener)
  const few = await holdAll(withSome, listener, some, quick ? 1 : repetitions)
  const hasRoom = mostFiles() >= many + Contest.warming + spareFiles
  const all = quick || !hasRoom ? [] : await holdAll(withMany, listener, many, 1)

  const goalAt = (links: number, held: ReadonlyArray<Result>) => ({
    what: `server memory per idle link, ${links.toLocaleString("en")} links: ours ÷ node:tls`,
    reached: held.find(({ label }) => label === Contest.ours.label)?.ratio ?? Number.NaN,
    aim: { atMost: aim }
  })
  const left = quick || hasRoom ? [] : [`Not measured with ${many} links: this process may not open so many files.`]
  return {
    sections: [
      sectionOf(`Memory per idle link, ${some.toLocaleString("en")} links`, few, [...notes, ...left]),
      ...(all.length === 0 ? [] : [sectionOf(`Memory per idle link, ${many.toLocaleString("en")} links`, all, [])]),
      ...(all.length === 0 ? [] : [openingSection(all)])
    ],
    goals: [goalAt(some, few), ...(all.length === 0 ? [] : [goalAt(many, all)])],
    charts: [
      {
        title: `Server memory per idle link, ${some.toLocaleString("en")} links`,
        unit: "KB resident, less is better",
        bars: few.map(({ label, server }) => ({ label, value: server.rss }))
      }
    ],
    data: { [some]: few, [many]: all }
  }
}

/** In the middle of all TubIds: it decides about one half of its links, and its peers about the other. */
const makeListener: Effect.Effect<Contest.Listener> = Certificate.generate().pipe(
  Effect.repeat({ until: ({ tubId }) => tubId.startsWith("j") || tubId.startsWith("k") }),
  Effect.map(({ certificate, privateKey, tubId }) => ({ tubId, certificate, key: Redacted.value(privateKey) })),
  Effect.orDie
)

/** What a process has open beside its links. */
const spareFiles = 100

/** How many files a worker may open. Node raises that as far as the system lets it, and its children inherit it. */
const mostFiles = (): number => {
  const { userLimits }: { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } } =
    process.report.getReport()
  const limit = userLimits?.open_files?.soft
  return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit)
}

/** Kilobytes for each link. A Python process knows nothing of a heap. */
interface Side {
  readonly rss: number
  readonly heap: number | undefined
}

/** Medians of all repetitions, and the repetitions. */
interface Result {
  readonly label: string
  readonly server: Side
  readonly client: Side
  /** How many times as much as bare node:tls the server needs: the median of the repetitions' own. */
  readonly ratio: number
  readonly repetitions: ReadonlyArray<Contest.Held>
}

const holdAll = async (
  entries: ReadonlyArray<Contest.Entry>,
  listener: Contest.Listener,
  links: number,
  times: number
): Promise<ReadonlyArray<Result>> => {
  const held = entries.map((): Array<Contest.Held> => [])
  for (let repetition = 0; repetition < times; repetition++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const at = (repetition + turn) % entries.length
      const entry = entries[at] as Contest.Entry // below its length
      progress(`${links} links, ${entry.label}`)
      held[at]?.push(await Contest.hold(entry, listener, links))
    }
  }
  const bare = held[entries.indexOf(Contest.bare)] ?? []
  return entries.map(({ label }, at) => {
    const own = held[at] ?? []
    return {
      label,
      server: sideOf(own, ({ server }) => server),
      client: sideOf(own, ({ client }) => client),
      ratio: median(
        own.map((each, repetition) => {
          const other = bare[repetition]
          return other === undefined ? Number.NaN : perLink(each, each.server).rss / perLink(other, other.server).rss
        })
      ),
      repetitions: own
    }
  })
}

const sideOf = (held: ReadonlyArray<Contest.Held>, of: (each: Contest.Held) => Contest.Held["server"]): Side => {
  const sides = held.map((each) => perLink(each, of(each)))
  const heaps = sides.flatMap(({ heap }) => (heap === undefined ? [] : [heap]))
  return { rss: median(sides.map(({ rss }) => rss)), heap: heaps.length === 0 ? undefined : median(heaps) }
}

const perLink = ({ links }: Contest.Held, { after, before }: Contest.Held["server"]): Side => ({
  rss: (after.rss - before.rss) / links / 1024,
  heap: after.heap === undefined || before.heap === undefined ? undefined : (after.heap - before.heap) / links / 1024
})

const sectionOf = (title: string, results: ReadonlyArray<Result>, notes: ReadonlyArray<string>): Section => ({
  title,
  table: {
    left: 1,
    rows: [
      ["contender", "server KB", "÷ node:tls", "in its JS heap", "client KB", "in its JS heap"],
      ...results.map(({ client, label, ratio, server }) => [
        label,
        figure(server.rss),
        figure(ratio),
        shown(server.heap),
        figure(client.rss),
        shown(client.heap)
      ])
    ]
  },
  notes: [...notes, verdict(results)]
})

const shown = (heap: number | undefined): string => (heap === undefined ? "" : figure(heap))

const verdict = (results: ReadonlyArray<Result>): string => {
  const reached = results.find(({ label }) => label === Contest.ours.label)?.ratio ?? Number.NaN
  return `Goal of ${aim} x node:tls in the server: ${reached <= aim ? "reached" : "not reached"} (${figure(reached)}).`
}

const notes = [
  `Resident memory, after all garbage was collected, with the links less without them; ${Contest.warming} more are open both times. The server is one process, the client another.`,
  "Each link is of a Tub of its own in the client, with a certificate of its own, and all of them reach one Tub in the server. What these Tubs cost themselves is not in the figures.",
  "Every link reads: in ours a fiber waits for bytes, in BananaLink for a value. Before it ends, every link is counted at both ends, and 50 of them carry a question and its answer.",
  "Foolscap's server is held by the client of raw Node."
]

const openingSection = (results: ReadonlyArray<Result>): Section => ({
  title: `Opening ${many.toLocaleString("en")} links, 32 at a time`,
  table: {
    left: 1,
    rows: [
      ["contender", "seconds", "server CPU ms each", "client CPU ms each", "server MB in the end", "at most"],
      ...results.flatMap(({ label, repetitions }) =>
        repetitions.map(({ links, opening, server }) => [
          label,
          figure(opening.milliseconds / 1000),
          figure(opening.serverCpu / links),
          figure(opening.cpu / links),
          figure(server.after.rss / 2 ** 20),
          figure(server.after.peak / 2 ** 20)
        ])
      )
    ]
  },
  notes: [
    "The time is the client's, and ends with its last negotiation. The processor time of the server includes the counting of links and the collection of garbage afterwards.",
    "The memory is that of the whole process, with the program itself."
  ]
})
