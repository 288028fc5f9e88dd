/** Writes `dist` of every published package anew, so that nothing of a deleted source stays in it. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { published, report, root, run } from "./workspace.ts"

for (const { directory } of published) {
  rmSync(join(root, directory, "dist"), { recursive: true, force: true })
}
const { ok, output } = await run("tsc", ["-b", ...published.map(({ directory }) => directory)])
report(ok ? [] : [output], `${published.length} packages built`)
