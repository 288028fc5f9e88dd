/**
 * Builds and packs what is published, and looks at the tarballs as a user would meet them: their manifests (publint),
 * their types (are-the-types-wrong), and a program that imports them in an empty project.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { libraries, type Package, published, report, root, run, sources } from "./workspace.ts"

const folder = mkdtempSync(join(tmpdir(), "effect-foolscap-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const tarball = ({ manifest }: Package) =>
  join(folder, `${manifest.name.slice(1).replace("/", "-")}-${manifest.version}.tgz`)

/** The output of a program, which has to succeed for the rest to make sense. */
const output = async (command: string, args: ReadonlyArray<string>, cwd = root): Promise<string> => {
  const ended = await run(command, args, { cwd })
  if (!ended.ok) throw new Error(`${command} ${args[0]}:\n${ended.output}`)
  return ended.output
}

const publint = (subject: Package) => output("publint", ["--strict", tarball(subject)])

const areTheTypesWrong = (library: Package) => {
  const modules = sources(library).map((path) => (path === "index.ts" ? "." : `./${path.slice(0, -".ts".length)}`))
  const options = ["--profile", "esm-only", "--no-definitely-typed", "--entrypoints", ...modules]
  return output("attw", [tarball(library), ...options])
}

/**
 * Installs the tarballs in an empty project, compiles consumer/main.ts there without this workspace's export condition,
 * and runs it. The project's lock is this workspace's with the tarballs for the packages, so that npm finds everything
 * in its cache and needs no network.
 */
const consumer = async (): Promise<void> => {
  const project = join(folder, "consumer")
  mkdirSync(project)
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"))
  const packages = Object.fromEntries(
    Object.entries(lock.packages).filter(([path]) => /^node_modules\/(?!@effect-foolscap\/)/.test(path))
  )
  const dependencies: Record<string, string> = {}
  for (const name of ["effect", "@effect/platform-node", "@types/node"]) {
    dependencies[name] = lock.packages[`node_modules/${name}`].version
  }
  for (const subject of published) {
    const resolved = `file:${tarball(subject)}`
    packages[`node_modules/${subject.manifest.name}`] = { ...subject.manifest, resolved }
    dependencies[subject.manifest.name] = resolved
  }
  const manifest = { private: true, type: "module", dependencies }
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest))
  const { lockfileVersion } = lock
  writeFileSync(
    join(project, "package-lock.json"),
    JSON.stringify({ lockfileVersion, packages: { "": manifest, ...packages } })
  )
  copyFileSync(join(root, "packages/scripts/consumer/main.ts"), join(project, "main.ts"))

  await output("npm", ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], project)
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"]
  const target = ["--target", "es2023", "--module", "nodenext", "--types", "node"]
  await output("tsc", [...strict, ...target, "main.ts"], project)
  await output("node", ["main.js"], project)
  for (const { manifest } of published) {
    for (const command of Object.keys(manifest.bin ?? {})) {
      const version = await output("npm", ["exec", "--offline", "--", command, "--version"], project)
      if (!version.includes(manifest.version)) throw new Error(`${command} --version:\n${version}`)
    }
  }
}

try {
  await output("npm", ["run", "--silent", "build"])
  await output("npm", ["pack", "--silent", "--pack-destination", folder, ...published.map((x) => `./${x.directory}`)])
  await Promise.all([consumer(), ...published.map(publint), ...libraries.map(areTheTypesWrong)])
  report([], `${published.length} packages install, compile and run elsewhere`)
} catch (error) {
  report([String(error)], "")
}
