/**
 * Every rule of docs/protocol.md (N) and docs/banana.md (B) is cited by a test that claims it, in its name or in a comment beside it, and whoever
 * cites a rule cites one that exists. Harnesses do not count as tests: they claim nothing.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { report, root } from "./workspace.ts"

const documents = ["docs/protocol.md", "docs/banana.md"]
const rules: ReadonlyArray<string> = documents.flatMap(
  (document) => readFileSync(join(root, document), "utf8").match(/(?<=^\*\*)[NB]\d+(?=\.\*\* )/gm) ?? []
)

const problems: Array<string> = []
rules.forEach((rule, at) => {
  if (rules.indexOf(rule) !== at) problems.push(`there are two rules ${rule}`)
})

const untested = new Set(rules)
let citations = 0
for (const path of globSync(["packages/*/{src,test}/**/*.{ts,md}", "{docs/**/,}*.md"], { cwd: root }).sort()) {
  readFileSync(join(root, path), "utf8")
    .split("\n")
    .forEach((line, index) => {
      for (const [rule] of line.matchAll(/\b[NB]\d+\b/g)) {
        citations++
        if (!rules.includes(rule)) problems.push(`${path}:${index + 1}: there is no rule ${rule}`)
        if (path.endsWith(".test.ts")) untested.delete(rule)
      }
    })
}
for (const rule of untested) problems.push(`no test cites rule ${rule}`)

report(problems, `${rules.length} rules are tested; they are cited ${citations} times`)
