import { assert, describe, it } from "@effect/vitest"
import { byteByByte, decoder, heard, roomy as limits } from "../Stream.ts"
import { told } from "../Told.ts"
import { recorded, values } from "./Recorded.ts"

/** Every place of a short stream; of 70,000 bytes those where something could change. */
const cuts = ({ length }: Uint8Array): ReadonlyArray<number> =>
  Array.from({ length }, (_, at) => at).filter((at) => at < 3000 || length - at < 3 || at % 16_384 < 2)

describe("Cut short after any byte,", () => {
  it.each(values)("$name gives nothing yet", ({ bytes, table }) => {
    const decoding = decoder({ table, limits })
    const received = Array.from(byteByByte(bytes), (byte) => decoding.push(byte).length)
    assert.deepStrictEqual(received, [...Array.from({ length: bytes.length - 1 }, () => 0), 1])
  })

  it.each(values)("$name ends within an object", ({ bytes, table }) => {
    const decoding = decoder({ table, limits })
    const borders = Array.from(byteByByte(bytes), (byte) => {
      decoding.push(byte)
      return decoding.atBorder
    })
    assert.deepStrictEqual(borders, [...Array.from({ length: bytes.length - 1 }, () => false), true])
  })

  it.each(recorded)("$name gives what was complete, and the rest completes it", ({ bytes, table }) => {
    const whole = heard(bytes, { table, limits })
    for (const cut of cuts(bytes)) {
      const decoding = decoder({ table, limits })
      const before = decoding.push(bytes.subarray(0, cut)).map(told)
      const behind = decoding.push(bytes.subarray(cut)).map(told)
      assert.deepStrictEqual([...before, ...behind], whole, `cut after ${cut}`)
    }
  })
})
