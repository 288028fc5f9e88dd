/**
 * Runs every program of packages/examples: it has to end by itself within half a minute, with exit code 0. One that
 * serves until it is stopped says so in a line `// Runs until stopped.`, and is only compiled.
 */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { report, root, run } from "./workspace.ts"

const programs = globSync("packages/examples/src/*.ts", { cwd: root })
  .sort()
  .filter((path) => !/^\/\/ Runs until stopped\.$/m.test(readFileSync(join(root, path), "utf8")))

const problems = await Promise.all(
  programs.map(async (path) => {
    const { ok, output } = await run("node", ["--conditions=@effect-foolscap/source", path], { timeout: 30_000 })
    return ok ? [] : [`${path} did not end well within 30 s (see CONTRIBUTING.md for examples that serve):\n${output}`]
  })
)
report(problems.flat(), `${programs.length} examples ran`)
