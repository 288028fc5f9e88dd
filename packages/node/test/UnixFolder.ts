/** A folder for Unix domain sockets, and what lies in it when things went wrong. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { once } from "node:events"
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** A path in a new folder, which is removed with the Scope. */
export const socketPath: Effect.Effect<string, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "foolscap-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => join(folder, "s")
)

/** Leaves a socket at `path` that nobody listens on, as a process does that crashes. */
export const leaveSocket = (path: string): Effect.Effect<void> =>
  Effect.promise(async () => {
    const server = Net.createServer().listen(`${path}2`)
    await once(server, "listening")
    // Closing removes a file of the old name.
    renameSync(`${path}2`, path)
    server.close()
    await once(server, "close")
  })

/** The Unix domain sockets of this process, when those that are being closed have had a turn of the event loop to go. */
export const pipes = Effect.promise(async () => {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  return process.getActiveResourcesInfo().filter((name) => /Pipe(Wrap|Server|ConnectWrap)/.test(name)).length
})
