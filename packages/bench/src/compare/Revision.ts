/** Revision: a copy of the workspace as it was, measured by the benchmarks of today. */
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { workspace } from "../Contender.ts"

export interface Revision {
  readonly label: string
  readonly tree: string
  readonly remove: () => void
}

/** What is in the working tree now, committed or not. */
export const current: Revision = { label: "the working tree", tree: workspace, remove: () => {} }

const git = (...args: ReadonlyArray<string>) => spawnSync("git", args, { cwd: workspace, maxBuffer: 2 ** 30 })

export const isCommit = (name: string): boolean =>
  git("rev-parse", "--quiet", "--verify", `${name}^{commit}`).status === 0

/**
 * The files of a commit in a folder of their own, with the dependencies that are installed here: those of its own lock file
 * may have been others.
 */
export const checkOut = (name: string): Revision => {
  const label = git("log", "-1", "--format=%h %s", name).stdout.toString().trim()
  const archive = git("archive", "--format=tar", name).stdout
  const tree = realpathSync(mkdtempSync(join(tmpdir(), "revision-")))
  const remove = () => rmSync(tree, { recursive: true, force: true })
  try {
    execFileSync("tar", ["-x", "-C", tree], { input: archive })
    rmSync(join(tree, "packages/bench"), { recursive: true, force: true })
    cpSync(join(workspace, "packages/bench"), join(tree, "packages/bench"), { recursive: true })
    linkDependencies(tree)
    return { label, tree, remove }
  } catch (cause) {
    remove()
    throw cause
  }
}

/** The packages of the workspace are the tree's own, all others those of the workspace. */
const linkDependencies = (tree: string): void => {
  const ours = "@effect-foolscap"
  const from = join(workspace, "node_modules")
  const to = join(tree, "node_modules")
  mkdirSync(join(to, ours), { recursive: true })
  for (const name of readdirSync(from)) if (name !== ours) symlinkSync(join(from, name), join(to, name))
  for (const name of readdirSync(join(tree, "packages")))
    symlinkSync(join(tree, "packages", name), join(to, ours, name))
}
