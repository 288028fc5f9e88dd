/** Contender: a process of its own that is asked one thing at a time. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** A running one. */
export interface Contender {
  /** What it calls itself, with its versions. */
  readonly name: string
  /** The answer of a worker, whose type is a matter between it and whoever asks. */
  readonly ask: <Answer>(request: { readonly do: string; readonly [field: string]: unknown }) => Promise<Answer>
  readonly end: () => Promise<void>
}

/** Debian's, for which python3-foolscap is packaged. */
export const python = "/usr/bin/python3"

/** Starts a Python program of this package. */
export const startPython = (program: string): Promise<Contender> =>
  start(python, ["-B", pathOf(`../python/${program}`)])

/** Starts a worker of this package, which can collect its garbage before it times anything. */
export const startWorker = (program: string, ...args: ReadonlyArray<string>): Promise<Contender> =>
  startWorkerIn(workspace, program, ...args)

/** The same with the packages of another copy of the workspace. */
export const startWorkerIn = (tree: string, program: string, ...args: ReadonlyArray<string>): Promise<Contender> =>
  start(process.execPath, [
    "--expose-gc",
    // What a contender's own code does with its listeners is not our concern.
    "--disable-warning=MaxListenersExceededWarning",
    "--conditions=@effect-foolscap/source",
    join(tree, "packages/bench/src", program),
    ...args
  ])

/** The folder of all packages that this program is a part of. */
export const workspace = fileURLToPath(new URL("../../..", import.meta.url))

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))

const start = async (command: string, args: ReadonlyArray<string>): Promise<Contender> => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })
  // That it is gone is told by the end of its answers.
  child.stdin.on("error", () => {})
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", () => resolve())
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const hear = async () => {
    const { done, value } = await lines.next()
    if (done === true) {
      await ended
      throw new Error(`${[command, ...args].join(" ")} ended with ${child.exitCode ?? child.signalCode}`)
    }
    return JSON.parse(value)
  }
  const { name }: { readonly name: string } = await hear()
  return {
    name,
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return hear()
    },
    end: () => {
      child.stdin.end()
      return ended
    }
  }
}
