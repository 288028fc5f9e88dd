/** What came of the inputs, for a reader who wonders whether they reached anything. */

/** What is counted, and how it is called in a report. */
export const labels = {
  inputs: "inputs",
  bytes: "bytes",
  noise: "of random bytes",
  tokens: "of random tokens",
  sequences: "of sequences with mistakes",
  recordings: "of recordings of Foolscap, changed",
  values: "of values, as they are sent",
  changedValues: "of values, changed on the way",
  withValues: "gave at least one value",
  withViolations: "gave a Violation",
  failed: "ended with an error that was found",
  told: "ended with an ERROR token",
  waiting: "wait for more at their end",
  delivered: "values delivered",
  again: "of these sent once more, and compared",
  cut: "inputs decoded a second time, in other chunks"
}

/** How often it happened. */
export type Counts = Record<keyof typeof labels, number>

/** In the order of a report. */
export const names = Object.keys(labels) as ReadonlyArray<keyof Counts> // the keys of a literal

/** Nothing has happened yet. */
export const none = (): Counts => ({
  inputs: 0,
  bytes: 0,
  noise: 0,
  tokens: 0,
  sequences: 0,
  recordings: 0,
  values: 0,
  changedValues: 0,
  withValues: 0,
  withViolations: 0,
  failed: 0,
  told: 0,
  waiting: 0,
  delivered: 0,
  again: 0,
  cut: 0
})
