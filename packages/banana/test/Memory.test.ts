import { assert, describe, it } from "@effect/vitest"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { decoder } from "./Stream.ts"
import { abort, close, int, join, list, open, reference, repeat, set, string } from "./Tokens.ts"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

/** Bytes in use. What a turn has touched lives until its end. */
const used = async (): Promise<number> => {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise(setImmediate)
    collect()
  }
  const { external, heapUsed } = process.memoryUsage()
  return external + heapUsed
}

/** How many more there are after what `make` has made, and kept nothing of. */
const keptBy = async (make: () => void): Promise<number> => {
  const before = await used()
  make()
  return (await used()) - before
}

describe("A decoder between two objects", () => {
  const body = 10_000_000
  const limits = { body: 2 * body }

  const ends = { "was delivered": close(0), "was dropped": join(abort(0), close(0)) }
  for (const [end, bytes] of Object.entries(ends)) {
    it(`keeps nothing of a text that ${end}`, async () => {
      const decoding = decoder({ limits })
      assert.isBelow(
        await keptBy(() => {
          decoding.push(join(open(0, "unicode"), string(new Uint8Array(body).fill(0x7a))))
          assert.lengthOf(decoding.push(bytes), 1)
        }),
        body / 10
      )
      assert.isTrue(decoding.atBorder)
    })

    it(`keeps nothing of what a reference stood for in an object that ${end}`, async () => {
      const decoding = decoder()
      const long = list(repeat(1_000_000, int(1)))
      assert.isBelow(
        await keptBy(() => {
          decoding.push(join(open(0, "list"), long, reference(1)))
          assert.lengthOf(decoding.push(bytes), 1)
        }),
        1_000_000
      )
      assert.isTrue(decoding.atBorder)
    })
  }
})

describe("A set of long byte strings", () => {
  it("takes what is counted for it", async () => {
    const members = Array.from({ length: 5000 }, (_, at) =>
      string(
        new Uint8Array(1000)
          .fill(0x7a)
          .fill(at, 0, 1)
          .fill(at >> 8, 1, 2)
      )
    )
    const whole = set(...members)
    const size = 256 + 5000 * (208 + 1000 + 96 + 1002)
    const received: Array<unknown> = []
    const kept = await keptBy(() => received.push(...decoder({ limits: { size } }).push(whole)))
    assert.lengthOf(received, 1)
    assert.isBelow(kept, 1.5 * size)
  })
})
