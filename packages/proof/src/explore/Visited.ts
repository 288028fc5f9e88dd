/**
 * The states that any worker has met, and which of their events somebody has taken on: a hash table in shared memory,
 * with open addressing.
 */

/** What a worker needs to open the table of another. */
export interface Shared {
  readonly keys: SharedArrayBuffer
  readonly claims: SharedArrayBuffer
  readonly count: SharedArrayBuffer
}

// 0 marks a free slot, so the one hash that is 0 gets another name.
const nonZero = (hash: bigint): bigint => BigInt.asIntN(64, hash === 0n ? 1n : hash)

export class Visited {
  readonly shared: Shared
  private readonly keys: BigInt64Array
  /** 64 bits for each slot: the events of that state that are taken. */
  private readonly claims: Int32Array
  private readonly count: Int32Array

  constructor(shared: Shared) {
    this.shared = shared
    this.keys = new BigInt64Array(shared.keys)
    this.claims = new Int32Array(shared.claims)
    this.count = new Int32Array(shared.count)
  }

  /** A table for 2 ** `bits` slots of 16 bytes, of which three in four may be used. */
  static make(bits: number): Visited {
    const slots = 2 ** bits
    return new Visited({
      keys: new SharedArrayBuffer(slots * 8),
      claims: new SharedArrayBuffer(slots * 8),
      count: new SharedArrayBuffer(4)
    })
  }

  /** Forgets all of them. Nobody may be using the table. */
  clear(): void {
    this.keys.fill(0n)
    this.claims.fill(0)
    this.count.fill(0)
  }

  /** How many distinct states there are. */
  get size(): number {
    return Atomics.load(this.count, 0)
  }

  /** The slot of a state, which is noted if it is new. */
  slotOf(hash: bigint): number {
    const key = nonZero(hash)
    const mask = this.keys.length - 1
    let slot = Number(BigInt.asUintN(32, key)) & mask
    for (;;) {
      const found = Atomics.compareExchange(this.keys, slot, 0n, key)
      if (found === key) return slot
      if (found === 0n) {
        const size = Atomics.add(this.count, 0, 1) + 1
        if (size > this.keys.length * 0.75) throw new Error(`more than ${size} states: the table is too small`)
        return slot
      }
      slot = (slot + 1) & mask
    }
  }

  /** Takes on an event of a state. False if somebody has. */
  claim(slot: number, event: number): boolean {
    const bit = 1 << (event & 31)
    return (Atomics.or(this.claims, slot * 2 + (event >>> 5), bit) & bit) === 0
  }
}
