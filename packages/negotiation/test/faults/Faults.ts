/** What a peer can do wrong, the same at every point. */
import type { Point } from "./Points.ts"
import { finish, misbehave, reset, say, spell, type Step, wait } from "./Steps.ts"

/** Not UTF-8, not printable, and ended like a block, so that it is judged and not waited for. */
const garbage = "\u0000\u00ff\u00fe\r\n\r\n"

/** One byte more than a block or a header may have, without an end. */
const tooMuch = "x".repeat(4097)

interface Fault {
  /** What a peer with this fault does, for the names of the tests. */
  readonly verb: string
  /** Its steps at one point; none where the fault cannot be played there. */
  readonly steps: (point: Point) => ReadonlyArray<Step>
}

const saying = (textOf: (point: Point) => string): Fault["steps"] => {
  return (point) => [say((point.begun ?? "") + textOf(point))]
}

/** All faults by the names they have in the table. */
const faultsByName = {
  stall: { verb: "stalls", steps: (point) => [...saying(() => "")(point), wait] },
  close: { verb: "closes", steps: (point) => [...saying(() => "")(point), finish] },
  reset: { verb: "resets", steps: (point) => [...saying(() => "")(point), reset] },
  garbage: { verb: "sends garbage", steps: saying(() => garbage) },
  split: {
    verb: "sends every byte by itself",
    steps: ({ after = [], begun = "", due }) => (due === undefined ? [] : [say(begun), spell(due), ...after])
  },
  oversize: { verb: "sends too much", steps: saying(() => tooMuch) },
  "out of order": { verb: "sends what is not due", steps: saying(({ disorder }) => disorder) },
  repeat: {
    verb: "repeats itself",
    steps: (point) => [...saying(({ again }) => again)(point), ...(point.after ?? [])]
  }
} satisfies Readonly<Record<string, Fault>>

export const faults: ReadonlyMap<string, Fault> = new Map(Object.entries(faultsByName))

/** Everything the peer does at `point`. */
export const script = ({ steps }: Fault, point: Point): ReadonlyArray<Step> => [
  ...point.before,
  misbehave,
  ...steps(point)
]
