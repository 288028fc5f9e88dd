/**
 * Finds a short path to what is wrong, given a long one.
 */
import { violation } from "./Invariant.ts"
import * as Liveness from "./Liveness.ts"
import type { Violation } from "./Search.ts"
import type { World } from "./World.ts"

/** Goes along a path, leaving out what cannot happen, to the first thing that is wrong then. */
export const follow = (begin: () => World, { path, when }: Pick<Violation, "path" | "when">): Violation | undefined => {
  const world = begin()
  const gone: Array<number> = []
  for (const event of path) {
    if (!world.enabled().includes(event)) continue
    world.apply(event)
    gone.push(event)
    const problem = violation(world)
    if (problem !== undefined) return { path: gone, when: "now", problem }
  }
  if (when === "now") return undefined
  const problem = Liveness.problem(world, world.enabled().length === 0)
  return problem === undefined ? undefined : { path: gone, when, problem }
}

/** Leaves out events one by one for as long as something is still wrong. What is wrong then may be another thing. */
export const shorten = (begin: () => World, found: Violation): Violation => {
  let shortest = found
  for (let at = 0; at < shortest.path.length;) {
    const shorter = follow(begin, { ...shortest, path: shortest.path.toSpliced(at, 1) })
    if (shorter !== undefined && shorter.path.length < shortest.path.length) {
      shortest = shorter
      at = 0
    } else at++
  }
  return shortest
}
