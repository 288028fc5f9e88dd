import { assert, describe, it } from "@effect/vitest"
import { canonical } from "../Canonical.ts"
import { encode, heard, roomy as limits, type Table, valueIn } from "../Stream.ts"
import { toHex } from "../Tokens.ts"
import { isShared, valueOf } from "./Described.ts"
import { streams, vectors } from "./Fixtures.ts"

const tables: ReadonlyArray<readonly [Table, "table0" | "table1"]> = [
  [0, "table0"],
  [1, "table1"]
]

describe("A value (B6)", () => {
  for (const [table, key] of tables) {
    for (const { name, value: described, [key]: bytes } of vectors) {
      const value = valueOf(described, isShared(name))

      it(`${name} is sent as the bytes Foolscap sends with table ${table}`, () => {
        assert.strictEqual(toHex(encode([value], table)), toHex(bytes))
      })

      it(`${name} is what these bytes are with table ${table}, and goes back as them`, () => {
        const back = valueIn(bytes, { table, limits })
        assert.strictEqual(canonical(back), canonical(value))
        assert.strictEqual(toHex(encode([back], table)), toHex(bytes))
      })
    }
  }
})

describe("A stream", () => {
  for (const { hex: bytes, name, table, values: described } of streams) {
    const values = described.map((each) => valueOf(each))

    it(`of ${name} is sent as the bytes Foolscap sends with table ${table}, its OPENs numbered through`, () => {
      assert.strictEqual(toHex(encode(values, table)), toHex(bytes))
    })

    it(`of ${name} is what these bytes are with table ${table}`, () => {
      assert.deepStrictEqual(heard(bytes, { table, limits }), values.map(canonical))
    })
  }
})
