/** What happened in a run, for a reader who wonders whether it was an empty one. */

/** What is counted, and how it is called in a report. */
export const labels = {
  negotiations: "negotiations, each side for itself",
  links: "links made",
  replaced: "of these replaced by a newer one",
  duplicates: "duplicates refused",
  redirects: "redirects followed",
  failures: "attempts that failed, each side for itself",
  restarts: "Tubs restarted",
  faults: "faults injected"
}

/** How often it happened. */
export type Counts = Record<keyof typeof labels, number>

/** Nothing has happened yet. */
export const none = (): Counts => ({
  negotiations: 0,
  links: 0,
  replaced: 0,
  duplicates: 0,
  redirects: 0,
  failures: 0,
  restarts: 0,
  faults: 0
})
