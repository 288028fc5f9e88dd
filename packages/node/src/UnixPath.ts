/**
 * UnixPath: the file that a Unix domain socket is.
 *
 * It outlives a process that crashes, and then nobody can listen there until it is removed. Whether somebody is still
 * behind it shows when one connects: the system refuses at once if nobody is.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { lstatSync, statSync, unlinkSync } from "node:fs"
import * as Net from "node:net"
import { dirname } from "node:path"

/**
 * How many bytes the path of a Unix domain socket may have: 107 on Linux, 103 elsewhere. The system keeps it in a field
 * of 108 or 104 bytes that ends with a zero.
 *
 * @category constants
 * @since 0.1.0
 */
export const limit: number = process.platform === "linux" ? 107 : 103

/**
 * Why there can be no Unix domain socket at `path`, `undefined` if there can.
 *
 * A path is absolute, as it is read by programs that run in other folders. One with a zero in it is no file: on Linux it
 * would be a name in the abstract namespace, which has no owner and no permissions.
 *
 * @category formatting
 * @since 0.1.0
 */
export const problemOf = (path: string): string | undefined => {
  if (!path.startsWith("/")) return "the path of a Unix domain socket is absolute"
  if (path.includes("\0")) return "the path of a Unix domain socket holds no zero bytes"
  // Half a surrogate pair would become another character on the way to the file system.
  if (Buffer.from(path).toString() !== path) return "the path of a Unix domain socket is well-formed Unicode"
  const length = Buffer.byteLength(path)
  return length > limit
    ? `a path of ${length} bytes is too long; the path of a Unix domain socket has at most ${limit}`
    : undefined
}

/**
 * Says what is wrong with the folder of `path`, `undefined` if nothing is. Node reports a folder that is missing as a
 * lack of permission.
 *
 * @category combinators
 * @since 0.1.0
 */
export const problemOfFolder = (path: string): string | undefined => {
  const folder = dirname(path)
  try {
    return statSync(folder, { throwIfNoEntry: false }) === undefined ? `there is no folder ${folder}` : undefined
  } catch {
    // Whoever may not look there may not listen there either, and is told so then.
    return undefined
  }
}

/**
 * Removes the socket at `path` if nobody listens on it any more: then a process has left it that did not end in good
 * order. Succeeds too if there is nothing.
 *
 * Somebody who listens there is connected to for a moment, and hears of a connection that ends at once. Of two processes
 * that find the same leftover in the same instant the second may remove what the first has just put there; it looks once
 * more right before it removes anything, but the system has no way to do both in one step.
 *
 * Fails if somebody listens, if that cannot be found out, and if what is there is not a socket.
 *
 * @category combinators
 * @since 0.1.0
 */
export const removeStale = Effect.fn("UnixPath.removeStale")(function* (path: string): Effect.fn.Return<void, Error> {
  const found = yield* attempt(() => lstatSync(path, { bigint: true, throwIfNoEntry: false }))
  if (found === undefined) return
  if (!found.isSocket()) return yield* Effect.fail(new Error("there is a file that is not a socket"))
  const refusal = yield* refusalAt(path)
  if (refusal === undefined) return yield* Effect.fail(new Error("EADDRINUSE: another process listens there"))
  if (refusal.code === "ENOENT") return
  if (refusal.code !== "ECONNREFUSED") {
    return yield* Effect.fail(
      new Error(`there is a socket, and whether it is in use cannot be seen: ${refusal.message}`)
    )
  }
  yield* attempt(() => {
    const now = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    if (now !== undefined && now.ino === found.ino && now.ctimeNs === found.ctimeNs) unlinkSync(path)
  })
})

const attempt = <A>(evaluate: () => A): Effect.Effect<A, Error> =>
  Effect.try({ try: evaluate, catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause))) })

/** Why nobody answers at a socket, `undefined` if somebody does. */
const refusalAt = (path: string) =>
  Effect.callback<NodeJS.ErrnoException | undefined>((resume) => {
    const socket = Net.connect({ path })
    socket.on("error", (error) => resume(Effect.succeed(error)))
    socket.on("connect", () => {
      socket.destroy()
      resume(Effect.undefined)
    })
    return Effect.sync(() => void socket.destroy())
  })
