import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Trial from "../../src/mutate/Trial.ts"

const root = join(import.meta.dirname, "../../../..")

describe("A trial", () => {
  it("fails exactly the mutants that the tests notice, whatever it was asked before", async () => {
    const path = "packages/negotiation/src/policy/Master.ts"
    const source = readFileSync(join(root, path), "utf8")
    const mutant = (source: string) => ({ path, line: 1, before: "", after: "", source })
    const broken = mutant(source.replace("ours > theirs", "ours < theirs"))
    const same = mutant(`${source}// The same program.\n`)
    const trial = await Trial.make(root)
    const verdicts = []
    for (const [tests, given] of [
      ["packages/negotiation/test/policy/Master.test.ts", undefined],
      ["packages/negotiation/test/policy/Master.test.ts", broken],
      ["packages/negotiation/test/policy/Master.test.ts", same],
      ["packages/negotiation/test/policy/", broken],
      ["packages/negotiation/test/policy/Duplicate.test.ts", broken],
      ["packages/negotiation/test/policy/Master.test.ts", undefined],
      ["packages/negotiation/test/policy/Nobody.test.ts", broken]
    ] as const) {
      verdicts.push(await trial.run(tests, given))
    }
    await trial.close()
    assert.deepStrictEqual(verdicts, ["passed", "failed", "passed", "failed", "passed", "passed", "untested"])
  })
})
