/**
 * Why an identity file could not be read or made.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { CertificateError } from "./CertificateError.ts"

/**
 * There is no such file.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoSuchFile extends Schema.TaggedError<NoSuchFile>("@effect-foolscap/node/NoSuchFile")("NoSuchFile", {}) {
  override readonly message =
    "there is no such file or folder: check the path, or make an identity there with `tub id create`"
}

/**
 * The folder that the file should come into does not exist. Nothing here makes folders.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoSuchFolder extends Schema.TaggedError<NoSuchFolder>("@effect-foolscap/node/NoSuchFolder")(
  "NoSuchFolder",
  {}
) {
  override readonly message = "its folder does not exist: make that first"
}

/**
 * The path is a folder, or leads through something that is none.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotAFile extends Schema.TaggedError<NotAFile>("@effect-foolscap/node/NotAFile")("NotAFile", {}) {
  override readonly message = "it is no file, or lies below something that is no folder: name the file itself"
}

/**
 * The file system does not let this user do that.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoPermission extends Schema.TaggedError<NoPermission>("@effect-foolscap/node/NoPermission")(
  "NoPermission",
  {}
) {
  override readonly message =
    "permission denied: run this as the user that the file or its folder belongs to, or give it to this user"
}

/**
 * There is something under this name, and an identity is never overwritten.
 *
 * @category errors
 * @since 0.1.0
 */
export class AlreadyExists extends Schema.TaggedError<AlreadyExists>("@effect-foolscap/node/AlreadyExists")(
  "AlreadyExists",
  {}
) {
  override readonly message =
    "it exists already, and an identity is never overwritten: choose another name, or move away what is there"
}

/**
 * The file system failed in another way: the disk is full, it can only be read, it is gone.
 *
 * @category errors
 * @since 0.1.0
 */
export class FileSystemFailed extends Schema.TaggedError<FileSystemFailed>("@effect-foolscap/node/FileSystemFailed")(
  "FileSystemFailed",
  { cause: Schema.Defect() }
) {
  override get message() {
    return this.cause instanceof Error ? this.cause.message : String(this.cause)
  }
}

/**
 * An identity file could not be read or made: which, and why. A `CertificateError` among the reasons says that the file
 * can be read and holds no identity, or that no new one could be made. Neither fields nor messages hold any part of a key.
 *
 * Recover from one reason with `Effect.catchReason("IdentityFileError", "NoSuchFile", ...)`.
 *
 * @category errors
 * @since 0.1.0
 */
export class IdentityFileError extends Schema.TaggedError<IdentityFileError>("@effect-foolscap/node/IdentityFileError")(
  "IdentityFileError",
  {
    path: Schema.String,
    operation: Schema.Literals(["read", "write"]),
    reason: Schema.Union([
      NoSuchFile,
      NoSuchFolder,
      NotAFile,
      NoPermission,
      AlreadyExists,
      FileSystemFailed,
      CertificateError
    ])
  }
) {
  override get message() {
    return this.operation === "read" && this.reason._tag === "CertificateError"
      ? `${this.path} is no identity: ${this.reason.message}`
      : `cannot ${this.operation} the identity ${this.path}: ${this.reason.message}`
  }
}
