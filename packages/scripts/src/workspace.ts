/** The packages of this workspace, and how its scripts start other programs. */
import { spawn } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** The folder of the root package.json. */
export const root = join(import.meta.dirname, "../../..")

/** What the scripts read of a package.json. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly private?: boolean
  readonly bin?: Record<string, string>
  readonly exports?: Record<string, unknown>
}

/** A package under packages/. */
export interface Package {
  /** From the root, such as `packages/furl`. */
  readonly directory: string
  readonly manifest: Manifest
}

const packages: ReadonlyArray<Package> = globSync("packages/*/package.json", { cwd: root })
  .sort()
  .map((path) => ({ directory: dirname(path), manifest: JSON.parse(readFileSync(join(root, path), "utf8")) }))

/** What goes to the registry. */
export const published = packages.filter(({ manifest }) => manifest.private !== true)

/** What is published to be imported, which `cli` is not. */
export const libraries = published.filter(({ manifest }) => manifest.exports !== undefined && "." in manifest.exports)

/** The TypeScript files below a folder of a package, from that folder, sorted. */
export const sources = (from: Package, folder = "src"): ReadonlyArray<string> =>
  globSync("**/*.ts", { cwd: join(root, from.directory, folder) }).sort()

/** How a program ended, with everything it wrote, in order. */
export interface Ended {
  readonly ok: boolean
  readonly output: string
}

/** Runs a program to its end, from the root if `cwd` is not given. `timeout` is in milliseconds. Nothing is printed. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options?: { readonly cwd?: string; readonly timeout?: number }
): Promise<Ended> =>
  new Promise((resolve) => {
    const chunks: Array<Uint8Array> = []
    const child = spawn(command, args, { cwd: root, ...options, stdio: ["ignore", "pipe", "pipe"] })
    child.stdout.on("data", (chunk: Uint8Array) => chunks.push(chunk))
    child.stderr.on("data", (chunk: Uint8Array) => chunks.push(chunk))
    child.on("error", (error) => resolve({ ok: false, output: `${command}: ${error.message}` }))
    child.on("close", (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString().trim() }))
  })

/** Ends a check: prints what is wrong and fails, or says in one line what was looked at. */
export const report = (problems: ReadonlyArray<string>, looked: string): void => {
  if (problems.length === 0) {
    console.log(looked)
    return
  }
  console.error(problems.join("\n"))
  process.exitCode = 1
}
