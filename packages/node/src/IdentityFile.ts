/**
 * The file that a Tub's identity lives in: Foolscap's `tub.pem`, readable by its owner only.
 *
 * Whoever loses it loses the Tub and every FURL of it, so it is never overwritten, and never there by halves: it is
 * written under another name and gets its own when all of it is on the disk.
 *
 * ```text
 *   tub.pem.a8Xk2q/new  ── write, sync ──▶  link to tub.pem  ──▶  remove tub.pem.a8Xk2q
 *                                           fails if it exists
 * ```
 *
 * A program or machine that stops on the way leaves either no `tub.pem` or the whole of it, and maybe the temporary
 * folder, which nothing reads and which can be removed.
 *
 * A file system without hard links (FAT, some network mounts) cannot do that. There the name is taken by an empty file,
 * which is then replaced in one step; what stops just between the two leaves the empty file, which is refused as such.
 *
 * @since 0.1.0
 */
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Path from "node:path"
import * as Certificate from "./Certificate.ts"
import {
  AlreadyExists,
  FileSystemFailed,
  IdentityFileError,
  NoPermission,
  NoSuchFile,
  NoSuchFolder,
  NotAFile
} from "./IdentityFileError.ts"

/**
 * Reads an identity that this library or Foolscap has written.
 *
 * Logs a warning if the file belongs to this user and others may read or write it. ssh would refuse it, but Foolscap leaves
 * the mode to the umask, and most files of its making are like this. Files of other users pass without a warning, as with
 * ssh: this user could not change them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const read = Effect.fn("IdentityFile.read")(function* (
  path: string
): Effect.fn.Return<TubIdentity, IdentityFileError, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const [info, pem] = yield* Effect.mapError(Effect.all([files.stat(path), files.readFileString(path)]), (error) =>
    failed(path, "read", error)
  )
  const identity = yield* Effect.mapError(
    Certificate.fromPem(pem),
    (reason) => new IdentityFileError({ path, operation: "read", reason })
  )
  if (info.type === "File" && isOurs(info) && (info.mode & 0o077) !== 0) {
    yield* Effect.logWarning(
      `others may read the identity ${path} (its mode is ${(info.mode & 0o777).toString(8)}), and whoever has it can pass for ${identity.tubId}: chmod 600 it`
    )
  }
  return identity
})

// Where there are no user ids, as on Windows, the mode says nothing either.
const isOurs = ({ uid }: FileSystem.File.Info): boolean =>
  Option.match(uid, { onNone: () => false, onSome: (uid) => uid === process.getuid?.() })

/**
 * Writes an identity into a file that must not exist yet and that only its owner can read (mode 600). Cannot be
 * interrupted half-way.
 *
 * @category constructors
 * @since 0.1.0
 */
export const create = Effect.fn("IdentityFile.create")(
  function* (path: string, identity: TubIdentity): Effect.fn.Return<void, IdentityFileError, FileSystem.FileSystem> {
    const files = yield* FileSystem.FileSystem
    const pem = new TextEncoder().encode(Redacted.value(Certificate.toPem(identity)))
    const folder = Path.dirname(path)
    yield* Effect.acquireUseRelease(
      // In the same folder, because a link cannot lead to another file system.
      files.makeTempDirectory({ directory: folder, prefix: `${Path.basename(path)}.` }),
      Effect.fnUntraced(function* (temporary) {
        const whole = Path.join(temporary, "new")
        yield* Effect.scoped(
          Effect.gen(function* () {
            const file = yield* files.open(whole, { flag: "wx", mode: 0o600 })
            yield* file.writeAll(pem)
            yield* file.sync
          })
        )
        // Whoever let us make the folder lets us make the link, unless the name is taken, which the other way finds too, or
        // there are no hard links, for which each system has a code of its own.
        yield* Effect.catch(files.link(whole, path), () => replaceEmpty(files, whole, path))
      }),
      (temporary) => Effect.ignore(files.remove(temporary, { recursive: true }))
    ).pipe(Effect.mapError((error) => failed(path, "write", error)))
    // So that the name outlives a power failure as the content does. Not every system can do it.
    yield* Effect.ignore(Effect.scoped(Effect.flatMap(files.open(folder), ({ sync }) => sync)))
  },
  // A call to the operating system goes on when its fiber is interrupted. It must not meet a closed file.
  Effect.uninterruptible
)

const replaceEmpty = Effect.fnUntraced(function* (
  files: FileSystem.FileSystem,
  whole: string,
  path: string
): Effect.fn.Return<void, PlatformError.PlatformError> {
  yield* Effect.scoped(files.open(path, { flag: "wx", mode: 0o600 }))
  yield* Effect.onError(files.rename(whole, path), () => Effect.ignore(files.remove(path)))
})

/**
 * Reads the identity at `path`. Where there is none it makes one, with a key of this `kind` or `p256`, writes it there,
 * and logs that. Any number of programs that do so at once get the same identity.
 *
 * A file that is empty may be one that another program is about to fill, so that it fails only after a second.
 *
 * @category constructors
 * @since 0.1.0
 */
export const readOrCreate = Effect.fn("IdentityFile.readOrCreate")(function* (
  path: string,
  kind?: Certificate.KeyKind
): Effect.fn.Return<TubIdentity, IdentityFileError, FileSystem.FileSystem> {
  return yield* Effect.catchReason(readWhole(path), "IdentityFileError", "NoSuchFile", () =>
    Effect.catchReason(make(path, kind), "IdentityFileError", "AlreadyExists", () => readWhole(path))
  )
})

const make = Effect.fnUntraced(function* (
  path: string,
  kind: Certificate.KeyKind | undefined
): Effect.fn.Return<TubIdentity, IdentityFileError, FileSystem.FileSystem> {
  const identity = yield* Effect.mapError(
    Certificate.generate(kind === undefined ? {} : { key: kind }),
    (reason) => new IdentityFileError({ path, operation: "write", reason })
  )
  yield* create(path, identity)
  yield* Effect.logInfo(`made the identity ${path}: this is now the Tub ${identity.tubId}`)
  return identity
})

// Without hard links, whoever makes the file leaves it empty for a moment.
const readWhole = (path: string) =>
  Effect.retry(read(path), {
    while: ({ reason }) => reason._tag === "CertificateError" && reason.kind === "empty",
    schedule: Schedule.spaced("50 millis"),
    times: 20
  })

const failed = (
  path: string,
  operation: IdentityFileError["operation"],
  { reason }: PlatformError.PlatformError
): IdentityFileError => new IdentityFileError({ path, operation, reason: reasonOf(operation, reason) })

const reasonOf = (
  operation: IdentityFileError["operation"],
  reason: PlatformError.PlatformError["reason"]
): IdentityFileError["reason"] => {
  switch (reason._tag) {
    case "NotFound":
      return operation === "read" ? new NoSuchFile() : new NoSuchFolder()
    // What Effect makes of EISDIR, ENOTDIR and ELOOP.
    case "BadResource":
      return new NotAFile()
    case "PermissionDenied":
      return new NoPermission()
    case "AlreadyExists":
      return new AlreadyExists()
    default:
      // The operating system's own words say more than Effect's.
      return new FileSystemFailed({ cause: reason.cause instanceof Error ? reason.cause : reason })
  }
}
