/**
 * Runs the benchmarks: all, or the parts that are named. The README says what they measure.
 *
 *     npm run bench -- [PART ...] [--quick] [--values ints] [--profile] [--markdown] [--out FILE] [--chart FILE]
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { type Chart, toSvg } from "./Chart.ts"
import * as Codec from "./codec/Codec.ts"
import { nameList } from "./codec/Values.ts"
import * as Connect from "./connect/Connect.ts"
import * as Growth from "./growth/Growth.ts"
import { machine, machineText } from "./Machine.ts"
import * as Memory from "./memory/Memory.ts"
import { type Goal, goalsSection, type Part, type Section, sectionToMarkdown, sectionToText } from "./Part.ts"
import * as Throughput from "./throughput/Throughput.ts"

const parts = new Map<string, Part>([
  ["connect", Connect.run],
  ["memory", Memory.run],
  ["growth", Growth.run],
  ["codec", Codec.run],
  ["throughput", Throughput.run]
])

const usage = `npm run bench -- [PART ...] [--quick] [--values NAME] [--profile] [--markdown] [--out FILE] [--chart FILE]

parts:   ${[...parts.keys()].join(", ")}
values:  ${nameList.join(", ")}; of the codec, once for each`

/** Says what is wrong with the arguments, and ends. */
const reject = (problem: string): never => {
  console.error(`${problem}\n\n${usage}`)
  process.exit(2)
}

const given = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        values: { type: "string", multiple: true, default: [] },
        profile: { type: "boolean", default: false },
        markdown: { type: "boolean", default: false },
        out: { type: "string" },
        chart: { type: "string" }
      }
    })
  } catch (error) {
    return reject(error instanceof Error ? error.message : String(error))
  }
}

const { positionals, values: options } = given()
if (options.help) {
  console.log(usage)
  process.exit(0)
}
const wanted = positionals.length > 0 ? positionals : [...parts.keys()]
const unknown = wanted.find((name) => !parts.has(name))
if (unknown !== undefined) reject(`there is no part ${unknown}`)
const unknownValues = options.values.find((name) => !nameList.some((known) => known === name))
if (unknownValues !== undefined) reject(`there are no values ${unknownValues}`)

const show = (section: Section) => console.log((options.markdown ? sectionToMarkdown : sectionToText)(section))

const found = new Map<string, object>()
const goals: Array<Goal> = []
const charts: Array<Chart> = []
const start = performance.now()
console.log(`${machineText}\n`)
for (const [name, run] of parts) {
  if (!wanted.includes(name)) continue
  const findings = await run(options)
  found.set(name, findings.data)
  goals.push(...(findings.goals ?? []))
  charts.push(...(findings.charts ?? []))
  if (options.markdown) console.log(`## ${name}\n`)
  for (const section of findings.sections) show(section)
}
if (goals.length > 0) show(goalsSection(goals))
const seconds = Math.round((performance.now() - start) / 1000)
console.log(`${wanted.join(", ")} in ${seconds} s`)

if (options.out !== undefined) {
  const all = { machine, arguments: process.argv.slice(2), seconds, goals, charts, ...Object.fromEntries(found) }
  writeFileSync(options.out, `${JSON.stringify(all, undefined, 2)}\n`)
}
if (options.chart !== undefined) {
  writeFileSync(options.chart, toSvg(`effect-foolscap on ${machineText}`, charts))
}
