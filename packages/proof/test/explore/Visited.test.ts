import { assert, describe, it } from "@effect/vitest"
import { Visited } from "../../src/explore/Visited.ts"

const hashes = [0n, 1n, 0x1_0000_0000n, 0xffff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0x2_0000_0000n]

describe("The set of visited states", () => {
  it("counts a state once, also where several fall into one slot", () => {
    const visited = new Visited(4)
    const slots = hashes.map((hash) => visited.slotOf(hash))
    // The hash 0 and the hash 1 share a name: 0 marks what is free.
    assert.strictEqual(visited.size, hashes.length - 1)
    assert.deepStrictEqual(
      hashes.map((hash) => visited.slotOf(hash)),
      slots
    )
    assert.strictEqual(new Set(slots).size, hashes.length - 1)
  })

  it("gives each event of a state once", () => {
    const visited = new Visited(4)
    const slot = visited.slotOf(7n)
    for (const event of [0, 31, 32, 55]) {
      assert.isTrue(visited.claim(slot, event))
      assert.isFalse(visited.claim(slot, event))
    }
    assert.isTrue(visited.claim(visited.slotOf(8n), 0))
  })

  it("is empty again when it is cleared", () => {
    const visited = new Visited(4)
    visited.claim(visited.slotOf(7n), 1)
    visited.clear()
    assert.strictEqual(visited.size, 0)
    assert.isTrue(visited.claim(visited.slotOf(7n), 1))
  })

  it("says that it is too small before it is full", () => {
    const visited = new Visited(4)
    assert.throws(() => {
      for (let hash = 1n; hash < 20n; hash++) visited.slotOf(hash)
    }, /the table is too small/)
  })
})
