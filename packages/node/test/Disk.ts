/** File systems to write identities to: a real folder, and what can go wrong with it. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import * as PlatformError from "effect/PlatformError"

/** A path in a folder of its own, where nothing is yet. */
export const freshPath = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/tub.pem`
})

/** What lies in the folder of `path`. */
export const beside = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  return yield* files.readDirectory(path.slice(0, path.lastIndexOf("/")))
})

/**
 * The same file system with `before` run before each call that changes it. Where that does not succeed, a write has come half of its
 * way, and any other call has not been made.
 */
export const watched = (
  files: FileSystem.FileSystem,
  before: (call: string) => Effect.Effect<void>
): FileSystem.FileSystem => ({
  ...files,
  makeTempDirectory: (options) => Effect.andThen(before("makeTempDirectory"), files.makeTempDirectory(options)),
  link: (from, to) => Effect.andThen(before("link"), files.link(from, to)),
  rename: (from, to) => Effect.andThen(before("rename"), files.rename(from, to)),
  remove: (path, options) => Effect.andThen(before("remove"), files.remove(path, options)),
  open: (path, options) =>
    Effect.map(Effect.andThen(before("open"), files.open(path, options)), (file) => ({
      [FileSystem.FileTypeId]: FileSystem.FileTypeId,
      stat: file.stat,
      seek: (offset, from) => file.seek(offset, from),
      read: (buffer, options) => file.read(buffer, options),
      readAlloc: (size, options) => file.readAlloc(size, options),
      truncate: (length) => file.truncate(length),
      write: (bytes) => file.write(bytes),
      sync: Effect.andThen(before("sync"), file.sync),
      writeAll: (bytes) =>
        Effect.gen(function* () {
          const half = bytes.length >> 1
          yield* file.writeAll(bytes.subarray(0, half))
          yield* before("writeAll")
          yield* file.writeAll(bytes.subarray(half))
        })
    }))
})

/** The same file system where the program is killed at call number `fatal`, counted from 1. */
export const killedAt = (files: FileSystem.FileSystem, fatal: number): FileSystem.FileSystem => {
  let calls = 0
  return watched(files, () => Effect.suspend(() => (++calls < fatal ? Effect.void : Effect.die("killed"))))
}

/** The same file system without hard links, as FAT has none. */
export const withoutLinks = (files: FileSystem.FileSystem): FileSystem.FileSystem => ({
  ...files,
  link: (from) =>
    Effect.fail(
      PlatformError.systemError({
        _tag: "PermissionDenied",
        module: "FileSystem",
        method: "link",
        pathOrDescriptor: from
      })
    )
})

/** What `effect` logs, as `LEVEL message`. */
export const logOf = Effect.fnUntraced(function* <E, R>(effect: Effect.Effect<unknown, E, R>) {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${message}`))
  yield* Effect.provide(effect, Logger.layer([logger]))
  return lines
})
