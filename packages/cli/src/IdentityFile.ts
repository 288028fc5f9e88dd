/**
 * The file a Tub's identity lives in: Foolscap's `tub.pem`, readable by its owner only.
 */
import * as Certificate from "@effect-foolscap/node/Certificate"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import { UsageError } from "./UsageError.ts"

/**
 * Reads an identity that this command or Foolscap has written.
 */
export const read = Effect.fn("IdentityFile.read")(function* (
  path: string
): Effect.fn.Return<TubIdentity, UsageError, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const pem = yield* Effect.mapError(
    files.readFileString(path),
    (error) => new UsageError({ message: `cannot read the identity ${path}: ${because(error)}` })
  )
  return yield* Effect.mapError(
    Certificate.fromPem(pem),
    (error) => new UsageError({ message: `${path} is no identity: ${error.message}` })
  )
})

/**
 * Writes an identity into a file that must not exist yet: an identity that is overwritten is lost for good, and with it
 * every FURL of the Tub.
 */
export const create = Effect.fn("IdentityFile.create")(function* (
  path: string,
  identity: TubIdentity
): Effect.fn.Return<void, UsageError, FileSystem.FileSystem> {
  const files = yield* FileSystem.FileSystem
  const pem = Redacted.value(Certificate.toPem(identity))
  yield* Effect.mapError(
    files.writeFileString(path, pem, { flag: "wx", mode: 0o600 }),
    (error) => new UsageError({ message: `cannot write the identity ${path}: ${because(error)}` })
  )
})

const because = ({ reason }: PlatformError.PlatformError): string => {
  switch (reason._tag) {
    case "NotFound":
      return "there is no such file or folder"
    case "AlreadyExists":
      return "it exists already, and an identity is never overwritten"
    case "PermissionDenied":
      return "permission denied"
    // What Node says of a folder that is read as a file.
    case "BadResource":
      return "it is no file"
    default:
      return reason.message
  }
}
