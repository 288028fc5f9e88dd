/**
 * Rounds: every contender once per round, in another order each time, so that what the machine does meanwhile falls on all
 * of them alike.
 */

/** How many rounds warm up, and how many count. */
export interface Plan {
  readonly warming: number
  readonly counted: number
}

/** What one contender needed, in milliseconds, round by round. */
export type Times = ReadonlyArray<number>

/** Runs all rounds and returns what each entry gave in those that count, in the order given. */
export const gather = async <Entry, Answer>(
  plan: Plan,
  entries: ReadonlyArray<Entry>,
  ask: (entry: Entry) => Promise<Answer>
): Promise<ReadonlyArray<ReadonlyArray<Answer>>> => {
  const answers = entries.map((): Array<Answer> => [])
  for (let round = 0; round < plan.warming + plan.counted; round++) {
    for (let turn = 0; turn < entries.length; turn++) {
      const at = (round + turn) % entries.length
      const answer = await ask(entries[at] as Entry) // below its length
      if (round >= plan.warming) answers[at]?.push(answer)
    }
  }
  return answers
}

/** The same for times. */
export const run: <Entry>(
  plan: Plan,
  entries: ReadonlyArray<Entry>,
  time: (entry: Entry) => Promise<number>
) => Promise<ReadonlyArray<Times>> = gather

export const median = (numbers: ReadonlyArray<number>): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  const half = sorted.length / 2
  const upper = sorted[Math.floor(half)] ?? Number.NaN
  return Number.isInteger(half) ? (upper + (sorted[half - 1] ?? Number.NaN)) / 2 : upper
}

/** How many times as long `theirs` took as `ours`: the median of the rounds' own ratios. */
export const ratio = (ours: Times, theirs: Times): number =>
  median(ours.map((milliseconds, round) => (theirs[round] ?? Number.NaN) / milliseconds))
