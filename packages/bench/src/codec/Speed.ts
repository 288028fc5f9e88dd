/** Speed: how long each contender takes for each kind of values, and how many times as long as ours. */
import { type Contender, startPython, startWorker } from "../Contender.ts"
import { type Options, planOf, progress } from "../Part.ts"
import * as Rounds from "../Rounds.ts"
import * as Agreement from "./Agreement.ts"
import { kinds, type Name } from "./Values.ts"
import type { Prepared } from "./worker/Serving.ts"

interface Entry {
  readonly label: string
  readonly format: string
  readonly start: () => Promise<Contender>
  readonly carries: (name: Name) => boolean
}

const all = () => true

/** The first is ours. */
const entries: ReadonlyArray<Entry> = [
  { label: "ours", format: "Banana", start: () => startWorker("codec/worker/banana.ts"), carries: all },
  { label: "Foolscap", format: "Banana", start: () => startPython("codec.py"), carries: all },
  { label: "msgpackr", format: "MessagePack", start: () => startWorker("codec/worker/msgpackr.ts"), carries: all },
  {
    label: "msgpackr, records",
    format: "MessagePack with records",
    start: () => startWorker("codec/worker/msgpackr.ts", "records"),
    // Its records are objects. Without any it does the same as without records.
    carries: (name) => name === "dicts"
  },
  {
    label: "msgpackr, references",
    format: "MessagePack with references",
    start: () => startWorker("codec/worker/msgpackr.ts", "references"),
    carries: (name) => name === "records" || name === "dicts"
  },
  {
    label: "JSON",
    format: "JSON",
    start: () => startWorker("codec/worker/json.ts"),
    carries: (name) => !kinds[name].bytes
  }
]

export const operations = ["encode", "decode"] as const

/** What one contender needed for one kind of values, scaled to all of them. */
export interface Result {
  readonly values: Name
  readonly label: string
  readonly name: string
  /** How many items it was given. */
  readonly count: number
  readonly bytes: number
  readonly encode: Timing
  readonly decode: Timing
}

interface Timing {
  readonly milliseconds: Rounds.Times
  readonly median: number
  /** How many times as long as ours. */
  readonly ratio: number
}

/** Measures one kind of values after the other. */
export const run = async (names: ReadonlyArray<Name>, options: Options): Promise<ReadonlyArray<Result>> => {
  const results: Array<Result> = []
  for (const name of names) {
    progress(kinds[name].title)
    results.push(...(await measure(name, options)))
  }
  return results
}

const measure = async (name: Name, options: Options): Promise<ReadonlyArray<Result>> => {
  const { count, foolscapPart } = kinds[name]
  const taking = entries.filter((entry) => entry.carries(name))
  const entrants: Array<Agreement.Entrant> = []
  try {
    for (const { format, label, start } of taking) entrants.push({ label, format, contender: await start() })
    const countOf = ({ label }: Agreement.Entrant) => (label === "Foolscap" ? count * foolscapPart : count)

    // All of them about what Foolscap gets, then the others about everything.
    const prepared = new Map<Agreement.Entrant, Prepared>()
    for (const amount of new Set([count * foolscapPart, count])) {
      const some = amount < count ? entrants : entrants.filter((entrant) => countOf(entrant) === amount)
      const answers = await Agreement.prepare(some, name, amount)
      some.forEach((entrant, at) => prepared.set(entrant, answers[at] as Prepared)) // one for each
    }

    const timings = new Map<string, ReadonlyArray<Timing>>()
    for (const operation of operations) {
      const times = await Rounds.run(planOf(options), entrants, async (entrant) => {
        const { ms } = await entrant.contender.ask<{ readonly ms: number }>({ do: operation })
        return (ms * count) / countOf(entrant)
      })
      const ours = times[0] ?? []
      timings.set(
        operation,
        times.map((milliseconds) => ({
          milliseconds,
          median: Rounds.median(milliseconds),
          ratio: Rounds.ratio(ours, milliseconds)
        }))
      )
    }
    const timing = (operation: string, at: number) => timings.get(operation)?.[at] as Timing // set above for each
    return entrants.map((entrant, at) => ({
      values: name,
      label: entrant.label,
      name: entrant.contender.name,
      count: countOf(entrant),
      bytes: ((prepared.get(entrant)?.bytes ?? 0) * count) / countOf(entrant),
      encode: timing("encode", at),
      decode: timing("decode", at)
    }))
  } finally {
    await Promise.all(entrants.map(({ contender }) => contender.end()))
  }
}
