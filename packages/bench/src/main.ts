/**
 * Runs the benchmarks: all, or the parts that are named. The README says what they measure.
 *
 *     npm run bench -- [codec] [--quick] [--values ints] [--profile] [--markdown] [--out FILE]
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Codec from "./codec/Codec.ts"
import { machine, machineText } from "./Machine.ts"
import { type Part, sectionToMarkdown, sectionToText } from "./Part.ts"

const parts = new Map<string, Part>([["codec", Codec.run]])

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    values: { type: "string", multiple: true, default: [] },
    profile: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    out: { type: "string" }
  }
})
const wanted = positionals.length > 0 ? positionals : [...parts.keys()]

const found = new Map<string, object>()
const start = performance.now()
console.log(`${machineText}\n`)
for (const name of wanted) {
  const part = parts.get(name)
  if (part === undefined) {
    console.error(`there is no part ${name}; there is ${[...parts.keys()].join(", ")}`)
    process.exit(2)
  }
  const { data, sections } = await part(options)
  found.set(name, data)
  for (const section of sections) console.log((options.markdown ? sectionToMarkdown : sectionToText)(section))
}
const seconds = Math.round((performance.now() - start) / 1000)
console.log(`${wanted.join(", ")} in ${seconds} s`)

if (options.out !== undefined) {
  const all = { machine, arguments: process.argv.slice(2), seconds, ...Object.fromEntries(found) }
  writeFileSync(options.out, `${JSON.stringify(all, undefined, 2)}\n`)
}
