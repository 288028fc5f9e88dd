/** Comparison: the same work by two revisions, in turns. */
import * as Rounds from "../Rounds.ts"
import { figure, type Table } from "../Table.ts"

/** One thing that is measured of a revision. */
export interface Measure {
  readonly title: string
  /** Starts it with the packages of this tree. */
  readonly start: (tree: string) => Promise<Running>
}

export interface Running {
  /** What it did, in a form that two revisions have in common. They have to say the same. */
  readonly did: string
  /** The milliseconds, or another cost, of one turn. */
  readonly time: () => Promise<number>
  readonly end: () => Promise<void>
}

/** What one turn of each cost, start by start and round by round. */
export interface Compared {
  readonly title: string
  readonly starts: ReadonlyArray<{ readonly before: Rounds.Times; readonly after: Rounds.Times }>
}

/** How many times both are started anew: the engine does not compile the same program in the same way each time. */
const starts = 5

export const compare = async (
  measure: Measure,
  plan: Rounds.Plan,
  trees: { readonly before: string; readonly after: string }
): Promise<Compared> => {
  const found: Array<Compared["starts"][number]> = []
  for (let start = 0; start < starts; start++) {
    const running: Array<Running> = []
    try {
      for (const tree of [trees.before, trees.after]) running.push(await measure.start(tree))
      const [first, second] = running
      if (first?.did !== second?.did) throw new Error(`${measure.title}: the two revisions do not do the same`)
      const [before = [], after = []] = await Rounds.run(plan, running, (one) => one.time())
      found.push({ before, after })
    } finally {
      await Promise.all(running.map((one) => one.end()))
    }
  }
  return { title: measure.title, starts: found }
}

/** Less than this is the machine's. */
const noise = 0.03

export type Verdict = "slower" | "faster" | "the same"

/** Something has changed if it has in every start. */
export const verdictOf = (compared: Compared): Verdict => {
  const { least, most } = ratiosOf(compared)
  return least > 1 + noise ? "slower" : most < 1 - noise ? "faster" : "the same"
}

export const tableOf = (all: ReadonlyArray<Compared>): Table => ({
  left: 1,
  rows: [
    ["", "before", "after", "after ÷ before", "starts", ""],
    ...all.map((compared) => {
      const { least, median, most } = ratiosOf(compared)
      return [
        compared.title,
        figure(Rounds.median(compared.starts.flatMap(({ before }) => before))),
        figure(Rounds.median(compared.starts.flatMap(({ after }) => after))),
        median.toFixed(3),
        `${least.toFixed(3)} to ${most.toFixed(3)}`,
        verdictOf(compared)
      ]
    })
  ]
})

/** One ratio for each start, the median of its rounds. */
const ratiosOf = ({ starts }: Compared) => {
  const ratios = starts.map(({ after, before }) => Rounds.ratio(before, after))
  return { least: Math.min(...ratios), median: Rounds.median(ratios), most: Math.max(...ratios) }
}
