/**
 * The states that were met, and which of their events were tried: a hash table with open addressing, which takes a third
 * of the memory of a Map.
 */

// 0 marks a free slot, so the one hash that is 0 gets another name.
const nonZero = (hash: bigint): bigint => BigInt.asUintN(64, hash === 0n ? 1n : hash)

export class Visited {
  private readonly keys: BigUint64Array
  /** 64 bits for each slot: the events of that state that were tried. */
  private readonly claims: Int32Array
  private count = 0

  /** A table for 2 ** `bits` slots of 16 bytes, of which three in four may be used. */
  constructor(bits: number) {
    const slots = 2 ** bits
    this.keys = new BigUint64Array(slots)
    this.claims = new Int32Array(slots * 2)
  }

  /** Forgets all of them. */
  clear(): void {
    this.keys.fill(0n)
    this.claims.fill(0)
    this.count = 0
  }

  /** How many distinct states there are. */
  get size(): number {
    return this.count
  }

  /** The slot of a state, which is noted if it is new. */
  slotOf(hash: bigint): number {
    const key = nonZero(hash)
    const mask = this.keys.length - 1
    let slot = Number(BigInt.asUintN(32, key)) & mask
    for (;;) {
      const found = this.keys[slot]
      if (found === key) return slot
      if (found === 0n) {
        this.keys[slot] = key
        this.count++
        if (this.count > this.keys.length * 0.75) {
          throw new Error(`more than ${this.count} states: the table is too small`)
        }
        return slot
      }
      slot = (slot + 1) & mask
    }
  }

  /** Notes that an event of a state is tried. False if it was before. */
  claim(slot: number, event: number): boolean {
    const at = slot * 2 + (event >>> 5)
    const bit = 1 << (event & 31)
    const claims = this.claims[at] ?? 0
    this.claims[at] = claims | bit
    return (claims & bit) === 0
  }
}
