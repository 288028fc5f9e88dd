/** The plain way to every state, to compare the search with. */
import type { Setup } from "../../src/explore/Setup.ts"
import { plain } from "../../src/explore/Setups.ts"
import { textOf } from "../../src/explore/State.ts"
import { World } from "../../src/explore/World.ts"

/** The world at the end of a path, which was run from its beginning. */
export const at = (setup: Setup, path: ReadonlyArray<number>): World => {
  const world = new World(setup)
  for (const event of path) world.apply(event)
  return world
}

/**
 * Every state, found without leaving anything out and without remembering anything. `meet` hears of every way that
 * leads to one.
 */
export const everyState = (
  setup: Setup,
  meet: (text: string, path: ReadonlyArray<number>) => void
): ReadonlySet<string> => {
  const seen = new Set<string>()
  const paths: Array<ReadonlyArray<number>> = [[]]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const world = at(setup, path)
    const text = textOf(world)
    meet(text, path)
    if (seen.has(text)) continue
    seen.add(text)
    for (const event of world.enabled()) paths.push([...path, event])
  }
  return seen
}

const once = { low: 1, high: 0 }
/** Few enough states for that. */
export const small: ReadonlyArray<Setup> = [
  plain,
  { ...plain, name: "1+0, a delay each", dials: { low: 1, high: 0 }, delays: { low: 1, high: 1 } },
  { ...plain, name: "1+0, a restart of low and a loss", dials: { low: 1, high: 0 }, restarts: once, losses: 1 }
]
