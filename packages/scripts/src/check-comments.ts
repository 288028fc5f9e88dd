/**
 * Every module of a library opens with a comment that has `@since`, and every exported item stands right below one that
 * has `@category` and `@since`. The formatter puts each export at the start of a line, so lines are enough to see it.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { libraries, report, root, sources } from "./workspace.ts"

const exported = /^export (?:declare |abstract |async )*(?:const|let|function\*?|class|interface|type|namespace) (\w+)/

const problems: Array<string> = []
let items = 0
for (const library of libraries) {
  for (const file of sources(library).filter((file) => file !== "index.ts")) {
    const path = join(library.directory, "src", file)
    const lines = readFileSync(join(root, path), "utf8").split("\n")

    if (lines[0] !== "/**" || !lines.slice(0, lines.indexOf(" */")).some((line) => line.startsWith(" * @since "))) {
      problems.push(`${path}:1: the module has no comment with @since at its top`)
    }
    let previous = ""
    lines.forEach((line, index) => {
      if (/^export (\{|\*|default )/.test(line)) {
        problems.push(`${path}:${index + 1}: export where it is declared, so that the documentation stands there`)
      }
      const name = exported.exec(line)?.[1]
      if (name === undefined) return
      // The further signatures of an overloaded function share the first one's comment.
      if (name === previous && line.startsWith("export function")) return
      previous = name
      items++
      const comment =
        lines[index - 1] === " */" ? lines.slice(lines.lastIndexOf("/**", index), index) : [lines[index - 1] ?? ""]
      if (!comment.some((text) => /^(?:\/\*\*| \*) +[^@\s*/]/.test(text))) {
        problems.push(`${path}:${index + 1}: ${name} has no sentence that says what it is`)
      }
      for (const tag of ["@category", "@since"]) {
        if (!comment.some((text) => new RegExp(`^(/\\*\\*| \\*) (.*)${tag} \\S`).test(text))) {
          problems.push(`${path}:${index + 1}: ${name} has no comment with ${tag}`)
        }
      }
    })
  }
}
report(problems, `${items} exported items are documented`)
