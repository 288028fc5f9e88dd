/**
 * Compiles every `ts` block of the README, of CONTRIBUTING, of docs/ and of the comments in the packages' sources. Each
 * block stands alone: it has its own imports. What is not a program is fenced as `text`.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { report, root, run } from "./workspace.ts"

// Inside this package, so that a block's imports resolve as they do in the workspace.
const folder = join(root, "packages/scripts/.blocks")

const fence = /^(\s*(?:\* ?)?)```(\S*)(.*)$/

/** The text of the blocks of `path`, each at its own lines and columns, so that errors point into `path`. */
const blocks = (path: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  const lines = readFileSync(join(root, path), "utf8").split("\n")
  for (let at = 0; at < lines.length; at++) {
    const [, margin = "", language] = fence.exec(lines[at] ?? "") ?? []
    if (language === undefined) continue
    const end = lines.findIndex((line, index) => index > at && fence.exec(line)?.[2] === "")
    if (end === -1) break
    if (language === "ts" || language === "typescript") {
      const body = lines.slice(at + 1, end).map((line) => " ".repeat(margin.length) + line.slice(margin.length))
      found.push("\n".repeat(at + 1) + body.join("\n") + "\nexport {}\n")
    }
    at = end
  }
  return found
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

const origins = new Map<string, string>()
const documents = ["README.md", "CONTRIBUTING.md"].filter((path) => existsSync(join(root, path)))
for (const path of [
  ...documents,
  ...globSync(["docs/**/*.md", "packages/*/{README.md,src/**/*.ts}"], { cwd: root }).sort()
]) {
  for (const text of blocks(path)) {
    const name = `${origins.size + 1}.ts`
    origins.set(name, path)
    writeFileSync(join(folder, name), text)
  }
}
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false },
    files: [...origins.keys()],
    include: []
  })
)

const problems: Array<string> = []
if (origins.size > 0) {
  const { ok, output } = await run("tsc", ["-p", folder, "--pretty", "false"])
  if (!ok) {
    problems.push(
      output.replaceAll(/^packages\/scripts\/\.blocks\/(\d+\.ts)/gm, (_, name) => origins.get(name) ?? name)
    )
  }
}
report(problems, `${origins.size} code blocks compile`)
