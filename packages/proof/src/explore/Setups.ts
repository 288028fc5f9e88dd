/**
 * What `npm run explore` explores.
 */
import type { Loss, Setup } from "./Setup.ts"

const nothing = { low: 0, high: 0 }
const once = { low: 1, high: 1 }

const anyLoss: ReadonlyArray<Loss> = ["everybody", "nobody", "client", "server"]

/** Each side dials once over one hint, and nothing goes wrong. */
export const plain: Setup = {
  name: "1+1",
  dials: once,
  hints: once,
  losses: 0,
  heardBy: anyLoss,
  restarts: nothing,
  delays: nothing
}

const setup = (name: string, differences: Partial<Setup>): Setup => ({ ...plain, ...differences, name })

/** A slice of every kind that is small enough for the tests. */
export const slice: ReadonlyArray<Setup> = [
  plain,
  setup("1+0, a loss, a restart of low", { dials: { low: 1, high: 0 }, losses: 1, restarts: { low: 1, high: 0 } }),
  setup("1+0, a loss, a delay each", { dials: { low: 1, high: 0 }, losses: 1, delays: once }),
  setup("1+1, a restart of low", { restarts: { low: 1, high: 0 } }),
  setup("2+0 dials, a restart of low", { dials: { low: 2, high: 0 }, restarts: { low: 1, high: 0 } }),
  setup("2+0 dials, a restart of high", { dials: { low: 2, high: 0 }, restarts: { low: 0, high: 1 } }),
  setup("2+1 hints", { hints: { low: 2, high: 1 } }),
  setup("impostor low", { impostor: "low" }),
  setup("impostor high", { impostor: "high" })
]

/** Half a minute on four cores. */
export const quick: ReadonlyArray<Setup> = [
  ...slice,
  setup("1+1, a loss", { losses: 1 }),
  setup("1+1, a delay each", { delays: once }),
  setup("2+1 dials", { dials: { low: 2, high: 1 } }),
  setup("1+1, two losses", { losses: 2 }),
  setup("1+1, a loss, a delay each", { losses: 1, delays: once }),
  setup("1+1, a loss, a restart each", { losses: 1, restarts: once }),
  setup("1+1, two delays each", { delays: { low: 2, high: 2 } }),
  setup("1+1, impostor high, a loss, a delay each", { impostor: "high", losses: 1, delays: once }),
  setup("1+2 dials", { dials: { low: 1, high: 2 } }),
  setup("2+2 dials", { dials: { low: 2, high: 2 } }),
  setup("2+2 hints", { hints: { low: 2, high: 2 } }),
  setup("3+1 hints", { hints: { low: 3, high: 1 } }),
  setup("2+1 hints, a loss", { hints: { low: 2, high: 1 }, losses: 1 }),
  setup("2+1 dials, a loss", { dials: { low: 2, high: 1 }, losses: 1 }),
  setup("2+0 dials over two hints, a restart of high", {
    dials: { low: 2, high: 0 },
    hints: { low: 2, high: 1 },
    restarts: { low: 0, high: 1 }
  })
]

/** About two minutes on four cores. */
export const full: ReadonlyArray<Setup> = [
  ...quick,
  setup("2+1 hints, a delay each", { hints: { low: 2, high: 1 }, delays: once }),
  setup("2+1 dials, a delay each", { dials: { low: 2, high: 1 }, delays: once }),
  setup("2+1 dials, a restart each", { dials: { low: 2, high: 1 }, restarts: once }),
  setup("2+1 hints, a loss, a delay each", { hints: { low: 2, high: 1 }, losses: 1, delays: once }),
  setup("2+2 hints, a delay each", { hints: { low: 2, high: 2 }, delays: once }),
  setup("2+1 dials, a loss, a restart each", { dials: { low: 2, high: 1 }, losses: 1, restarts: once }),
  setup("3+2 hints", { hints: { low: 3, high: 2 } })
]
