import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { byteByByte, cutBy, heard, Lengths, roomy as limits } from "../Stream.ts"
import { recorded } from "./Recorded.ts"

const AnyRecorded = Schema.Literals([...recorded.keys()])

describe("However it is cut,", () => {
  it.each(recorded)("$name gives the same, every byte alone", ({ bytes, table }) => {
    assert.deepStrictEqual(heard(bytes, { table, limits, cut: byteByByte }), heard(bytes, { table, limits }))
  })

  it.prop("a recorded stream gives the same", [AnyRecorded, Lengths], ([any, lengths]) => {
    for (const { bytes, name, table } of recorded.slice(any, any + 1)) {
      const cut = cutBy(lengths)
      assert.deepStrictEqual(heard(bytes, { table, limits, cut }), heard(bytes, { table, limits }), name)
    }
  })
})
