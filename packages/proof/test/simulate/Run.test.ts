import { assert, describe, it } from "@effect/vitest"
import { play } from "../../src/simulate/Run.ts"

describe("a simulated run", () => {
  it("ends with everybody connected, once and in both directions, whatever went wrong before (seeds 1 to 50)", () => {
    const outcomes = Array.from({ length: 50 }, (_, index) => play(index + 1))
    for (const { problems, seed } of outcomes)
      assert.deepStrictEqual(problems, [], `npm run simulate -- --seed ${seed}`)
    const total = (name: "links" | "replaced" | "duplicates" | "redirects" | "restarts" | "faults") =>
      outcomes.reduce((sum, { counts }) => sum + counts[name], 0)
    assert.isAbove(total("links"), 100)
    for (const name of ["replaced", "duplicates", "redirects", "restarts", "faults"] as const) {
      assert.isAbove(total(name), 0, name)
    }
  })

  it("is the same each time", () => {
    const told = (seed: number) => {
      const lines: Array<string> = []
      const outcome = play(seed, (line) => void lines.push(line))
      return { lines, outcome }
    }
    for (const seed of [3, 4, 5]) {
      const first = told(seed)
      assert.isAbove(first.lines.length, 10)
      assert.deepStrictEqual(told(seed), first)
    }
  })
})
