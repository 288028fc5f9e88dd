import { assert, describe, it } from "@effect/vitest"
import { heard, type Table } from "../Stream.ts"
import { vectors } from "./Fixtures.ts"

const large = vectors.filter(({ name }) => /^(?:bytes 1001|bytes 70000|int big\(8001 bits\))$/.test(name))

describe("By default (B23)", () => {
  const tables: ReadonlyArray<Table> = [0, 1]
  for (const table of tables) {
    it.each(large)(`$name is over the 1000 bytes that Foolscap takes of a number, with table ${table}`, (vector) => {
      const bytes = table === 0 ? vector.table0 : vector.table1
      if (vector.name === "int big(8001 bits)") {
        assert.deepStrictEqual(heard(bytes, { table }), ["Violated <RootUnslicer>: LONGINT token too large: 1001>1000"])
      } else {
        const { length } = vector.table0
        const size = length - (length > 70_000 ? 4 : 3)
        assert.deepStrictEqual(heard(bytes, { table }), [
          `Violated <RootUnslicer>: STRING token too large: ${size}>1000`
        ])
      }
    })
  }

  it("every other recorded value is within the limits", () => {
    for (const vector of vectors.filter((each) => !large.includes(each))) {
      assert.notMatch(heard(vector.table1).join(), /Violated/, vector.name)
    }
  })
})
