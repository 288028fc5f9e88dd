/**
 * The fault matrix: what `faults/matrix.md` expects of every point at which a peer can misbehave, played. With
 * `FAULT_MATRIX=print` in the environment the whole table is printed as it came out.
 */
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Phase, Reason } from "../src/NegotiationError.ts"
import { play } from "./faults/Cell.ts"
import { faults, script } from "./faults/Faults.ts"
import { dash, dashes, keyOf, matrix, print, written } from "./faults/Matrix.ts"
import { points, positions } from "./faults/Points.ts"

const known = <A>(value: A | undefined): A => value ?? assert.fail("the table names what nobody plays")

/** Every cell of the table: one fault at one point, met in one position. */
const cells = matrix.sections.flatMap(({ rows, title }) =>
  rows.flatMap((row) =>
    row.cells.map((expected, column) => ({
      key: keyOf(title, row.fault, column),
      title,
      fault: known(faults.get(row.fault)),
      position: known(positions[column]),
      point: known(points.get(title))(known(positions[column])),
      expected
    }))
  )
)

/** How the cells came out that were played, by their keys. */
const outcomes = new Map<string, string>()

for (const title of points.keys()) {
  describe(`A peer that misbehaves ${title}`, () => {
    for (const { expected, fault, key, point, position } of cells.filter((cell) => cell.title === title)) {
      if (dash.test(expected)) continue
      it.effect(`and ${fault.verb} leaves us (${position.name}) with ${expected}`, () =>
        Effect.gen(function* () {
          const outcome = yield* play(position, script(fault, point), point.leaving)
          outcomes.set(key, outcome)
          assert.strictEqual(outcome, expected)
        })
      )
    }
  })
}

describe("The fault matrix", () => {
  it("has a cell for every fault at every point, for both ends and both roles", () => {
    const expected = [...points.keys()].flatMap((title) =>
      [...faults.keys()].flatMap((fault) => positions.map((_, column) => keyOf(title, fault, column)))
    )
    assert.deepStrictEqual(
      cells.map(({ key }) => key),
      expected
    )
  })

  it("has a dash only where it says why, and one wherever there is nothing to play", () => {
    const used = cells.flatMap(({ expected }) => dash.exec(expected)?.[1] ?? [])
    assert.deepStrictEqual(new Set(used), new Set(dashes.keys()))
    for (const { expected, fault, key, point } of cells) {
      if (fault.steps(point).length === 0) assert.match(expected, dash, key)
    }
  })

  it("names only reasons of NegotiationError, ends of a link, and forms in which a peer is told (N23)", () => {
    const phases = Phase.literals.join("|")
    const reasons = Reason.members.map(({ identifier }) => identifier).join("|")
    const told = String.raw`nothing|400|404|408|431|block|token|\(block\)|\(token\)`
    const failure = new RegExp(`^(?:${phases}) (?:${reasons}) → (?:${told})(?:, 5 s later)?$`)
    const link = /^link(?: → (?:ClosedByPeer|Lost|RefusedByPeer)|, held back)?$/
    for (const { expected, key } of cells) {
      const isKnown = [dash, failure, link].some((pattern) => pattern.test(expected))
      assert.isTrue(isKnown, `${key}: ${expected}`)
    }
  })

  it("is written the way it is printed", () => {
    assert.strictEqual(print(new Map(cells.map(({ expected, key }) => [key, expected]))), written)
  })
})

afterAll(() => {
  const size = `${points.size} points x ${faults.size} faults x ${positions.length} positions`
  const endings = new Set(outcomes.values()).size
  process.stdout.write(`Fault matrix: ${size}; ${outcomes.size} cells played, ${endings} different endings\n`)
  if (process.env["FAULT_MATRIX"] === "print") {
    process.stdout.write(print(new Map(cells.map(({ expected, key }) => [key, outcomes.get(key) ?? expected]))))
  }
})
