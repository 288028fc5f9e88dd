/** Chance, drawn from a number: some nanoseconds for each choice, which `simulate/Dice` is too slow for. */
import type { Choose } from "../../../banana/test/Values.ts"

/** The choices of a seed. Seeds beside each other have nothing in common. */
export const choicesOf = (seed: number): Choose => {
  // mulberry32: passes the tests that matter at this size, and is five lines.
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
