/**
 * The command was given something it cannot work with.
 */
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as ExitCode from "./ExitCode.ts"

/**
 * A bad FURL, a bad option value, an identity that cannot be read or written. The message says which and why.
 */
export class UsageError extends Schema.TaggedError<UsageError>("@effect-foolscap/cli/UsageError")("UsageError", {
  message: Schema.String
}) {
  override readonly [Runtime.errorExitCode] = ExitCode.usage
  // `bin` tells it; it need not be logged too.
  override readonly [Runtime.errorReported] = false
}
