/** Part: one benchmark of `npm run bench`, and what it has found. */
import type * as Rounds from "./Rounds.ts"
import type { Chart } from "./Chart.ts"
import { figure, type Table, toMarkdown, toText } from "./Table.ts"

/** How thorough to be, and about what. */
export interface Options {
  /** Fewer rounds and less data, to see whether something has changed much. */
  readonly quick: boolean
  /** Only these kinds of values; all if none is named. */
  readonly values: ReadonlyArray<string>
  /** Where the time goes, instead of how long it takes. */
  readonly profile: boolean
}

export const planOf = ({ quick }: Pick<Options, "quick">): Rounds.Plan =>
  quick ? { warming: 1, counted: 3 } : { warming: 2, counted: 7 }

/** A table, what it is about, and what is to be known about its figures. */
export interface Section {
  readonly title: string
  readonly table: Table
  readonly notes: ReadonlyArray<string>
}

/** A ratio that was aimed at, and what it was in this run. */
export interface Goal {
  /** "links a second, P-256: ours ÷ plain Node". */
  readonly what: string
  readonly reached: number
  readonly aim: { readonly atLeast: number } | { readonly atMost: number }
}

/** Sections and charts for people, and everything that was measured for programs. */
export interface Findings {
  readonly sections: ReadonlyArray<Section>
  readonly goals?: ReadonlyArray<Goal>
  readonly charts?: ReadonlyArray<Chart>
  readonly data: object
}

/** Which of the goals were reached. */
export const goalsSection = (goals: ReadonlyArray<Goal>): Section => ({
  title: "Goals",
  table: {
    left: 1,
    rows: [["what", "goal", "reached", ""], ...goals.map(goalRow)]
  },
  notes: [`${goals.filter(isReached).length} of ${goals.length} reached.`]
})

const isReached = ({ aim, reached }: Goal): boolean =>
  "atLeast" in aim ? reached >= aim.atLeast : reached <= aim.atMost

const goalRow = (goal: Goal): ReadonlyArray<string> => {
  const { aim, reached, what } = goal
  const text = "atLeast" in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`
  return [what, text, figure(reached), isReached(goal) ? "yes" : "no"]
}

export type Part = (options: Options) => Promise<Findings>

export const sectionToText = ({ notes, table, title }: Section): string =>
  [title, "", toText(table), "", ...notes.flatMap(wrap), ""].join("\n")

export const sectionToMarkdown = ({ notes, table, title }: Section): string =>
  [`### ${title}`, "", toMarkdown(table), "", ...notes.flatMap((note) => [`- ${note}`]), ""].join("\n")

const columns = 98

const wrap = (note: string): ReadonlyArray<string> =>
  note.split(" ").reduce((lines: ReadonlyArray<string>, word) => {
    const last = lines.at(-1)
    if (last === undefined) return [`- ${word}`]
    const longer = `${last} ${word}`
    return longer.length > columns ? [...lines, `  ${word}`] : [...lines.slice(0, -1), longer]
  }, [])

/** Tells whoever waits. */
export const progress = (text: string): void => void process.stderr.write(`${text}\n`)
