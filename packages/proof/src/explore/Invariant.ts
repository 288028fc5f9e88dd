/**
 * What must hold in every state, whatever has happened.
 */
import { type Name, names, otherThan, stranger, tubIds } from "./Setup.ts"
import type { World } from "./World.ts"

const provenBy = ({ setup }: World, name: Name) => (setup.impostor === name ? stranger : tubIds[name])

const wrongPeer = (world: World, name: Name): string | undefined => {
  const proven = provenBy(world, otherThan(name))
  const wrong = world.at[name].facts.connections.find(({ peer }) => peer !== proven)
  return wrong && `${name} takes the other end of ${wrong.wire} for ${wrong.peer}, which it has not proven (N16)`
}

const disagreement = ({ at: { high, low } }: World): string | undefined => {
  for (const ours of low.facts.connections) {
    const theirs = high.facts.connections.find(({ wire }) => wire === ours.wire)
    if (theirs === undefined) continue
    const { parameters, role, seqnum, wire } = ours
    if (theirs.role === role) return `on ${wire} both sides are ${role} (N17)`
    if (theirs.seqnum !== seqnum) return `on ${wire} the sides count ${seqnum} and ${theirs.seqnum} (N21)`
    if (theirs.parameters !== parameters) return `on ${wire} the sides use ${parameters} and ${theirs.parameters} (N20)`
  }
  return undefined
}

/**
 * An attempt that began before the link did, or without knowing of it, must not pass for one that comes to replace it
 * (N21). A process that has been killed meanwhile cannot be asked any more.
 */
const wrongReplacement = ({ at: { high, low } }: World): string | undefined => {
  for (const { by, seqnum } of high.facts.replacements) {
    const remembered = low.facts.remembered[by] ?? ""
    const [master, number] = remembered.split(" ")
    if (master !== "none" && (master !== high.facts.incarnation || Number(number) === seqnum)) continue
    return `${by} replaced link ${seqnum}, and when it was dialled low remembered ${remembered} (N21)`
  }
  return undefined
}

/** The first thing that is wrong, `undefined` if nothing is. */
export const violation = (world: World): string | undefined => {
  for (const name of names) {
    const { problem } = world.at[name].facts
    if (problem !== undefined) return `${name}: ${problem}`
    const peer = wrongPeer(world, name)
    if (peer !== undefined) return peer
  }
  return disagreement(world) ?? wrongReplacement(world)
}
