/** Questions: what there may be more of, in which steps, and what that should do to the cost of a negotiation. */

export const questions = {
  peers: { title: "Known peers", steps: [10, 1000, 100_000], expected: "flat" },
  tubs: { title: "Tubs behind one Listener", steps: [1, 10, 100, 1000], expected: "flat" },
  hints: { title: "Hints, of which only the last answers", steps: [1, 2, 4, 8], expected: "linear" },
  redirects: { title: "Redirects, one after another", steps: [1, 2, 3, 4, 5], expected: "linear" }
} as const

export type Question = keyof typeof questions

export const questionList = Object.keys(questions) as ReadonlyArray<Question> // exactly its keys

/** Where it is asked. */
export const placeNames = ["simulated", "sockets"] as const

export type PlaceName = (typeof placeNames)[number]
