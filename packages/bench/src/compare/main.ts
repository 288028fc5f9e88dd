/**
 * Compares two revisions of ours: a commit with another one, or with the working tree as it is. Ends with 1 if something has
 * become slower.
 *
 *     npm run bench:compare -- [--quick] [--only codec] [--out FILE] BEFORE [AFTER]
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { machine, machineText } from "../Machine.ts"
import { planOf, progress } from "../Part.ts"
import { toText } from "../Table.ts"
import { type Compared, compare, tableOf, verdictOf } from "./Comparison.ts"
import { measures } from "./measures.ts"
import { checkOut, current, isCommit } from "./Revision.ts"

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    out: { type: "string" }
  }
})
const [beforeName, afterName, ...others] = positionals
const unknown = options.only.find((name) => !measures.has(name))
if (beforeName === undefined || others.length > 0 || unknown !== undefined) {
  console.error("npm run bench:compare -- [--quick] [--only PART] [--out FILE] BEFORE [AFTER]")
  console.error(`BEFORE and AFTER are commits, PART is one of ${[...measures.keys()].join(", ")}`)
  process.exit(2)
}
const missing = positionals.find((name) => !isCommit(name))
if (missing !== undefined) {
  console.error(`there is no commit ${missing}`)
  process.exit(2)
}

const before = checkOut(beforeName)
try {
  const after = afterName === undefined ? current : checkOut(afterName)
  try {
    console.log(`${machineText}\n\nbefore: ${before.label}\nafter:  ${after.label}\n`)
    const all: Array<Compared> = []
    for (const [part, some] of measures) {
      if (options.only.length > 0 && !options.only.includes(part)) continue
      for (const measure of some) {
        progress(measure.title)
        all.push(await compare(measure, planOf(options), { before: before.tree, after: after.tree }))
      }
    }
    console.log(toText(tableOf(all)))
    if (options.out !== undefined) {
      writeFileSync(
        options.out,
        `${JSON.stringify({ machine, before: before.label, after: after.label, all }, undefined, 2)}\n`
      )
    }
    if (all.some((compared) => verdictOf(compared) === "slower")) process.exitCode = 1
  } finally {
    after.remove()
  }
} finally {
  before.remove()
}
