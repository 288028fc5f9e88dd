/**
 * Whether a link can still come about: from a given state on nothing goes wrong any more, and the sides dial again.
 *
 * Using up a world: it cannot go on from where it was.
 */
import { parallelLimit } from "@effect-foolscap/negotiation/policy/Duplicate"
import * as Duration from "effect/Duration"
import { names } from "./Setup.ts"
import type { World } from "./World.ts"

/**
 * Whether there must be a link without a new dial: nothing was lost or late, and no process was restarted but a Master
 * between two negotiations. (What a process said before it died may arrive when the next one has a link already: its
 * Hello passes for one of a newer process, its Decision for a newer choice. A new dial mends that.)
 */
const mustBeLinked = ({ left, setup }: World): boolean =>
  left.demand === "link" &&
  left.losses === setup.losses &&
  names.every((name) => left.delays[name] === setup.delays[name])

/** The connection that both sides hold, if there is just the one. */
const common = ({ at }: World): string | undefined => {
  const [low, ...moreOfLow] = at.low.facts.live
  const [high, ...moreOfHigh] = at.high.facts.live
  if (low === undefined || high === undefined || moreOfLow.length + moreOfHigh.length > 0) return undefined
  return low.wire === high.wire ? low.wire : undefined
}

const holdings = ({ at }: World): string =>
  names.map((name) => `${name} holds ${at[name].facts.live.map(({ wire }) => wire).join(", ") || "none"}`).join("; ")

/**
 * Whether the Master must take a dial of `low` for a parallel attempt: it has a link with this very process of which
 * `low` does not know (N22), because the Decision was lost and nobody has said so yet.
 */
const missedDecision = ({ at }: World): boolean => {
  const [high, low] = [at.high.facts, at.low.facts]
  const [existing] = high.live
  if (existing === undefined || existing.incarnation !== low.incarnation) return false
  const [master, seqnum] = low.obeyed.split(" ")
  return master === "none" || (master === high.incarnation && Number(seqnum) !== existing.seqnum)
}

/**
 * What is wrong with the future of this world, `undefined` if nothing is. `isFinal` says that nothing more can happen in
 * it by itself.
 */
export const problem = (world: World, isFinal: boolean): string | undefined => {
  const { setup } = world
  const expected = setup.impostor === undefined
  if (isFinal && expected && mustBeLinked(world) && common(world) === undefined) {
    return `nothing was lost, and there is no one link (N22): ${holdings(world)}`
  }
  if (!world.settle({ timers: true })) return "the negotiations do not come to an end"

  // What comes later than this is no parallel attempt (N22).
  for (const name of names) world.pass(name, Duration.toMillis(parallelLimit))
  // Whoever knows the link that the Master has, or that it has none, need not wait until the Master has heard (N22).
  const mustWait = missedDecision(world)
  world.dialAgain("low")
  if (!world.settle({ timers: false })) return "a new dial does not come to an end"
  if (expected && !mustWait && common(world) === undefined) return `low dials again in vain: ${holdings(world)}`

  world.hear()
  if (!world.settle({ timers: true })) return "the negotiations do not come to an end"
  for (const name of names) world.dialAgain(name)
  if (!world.settle({ timers: false })) return "new dials do not come to an end"
  if (expected && common(world) === undefined) return `both dial again in vain: ${holdings(world)}`
  if (!expected && common(world) !== undefined) return `an impostor gets a link: ${holdings(world)}`
  return undefined
}
