/**
 * The option that every command has for scripts.
 */
import * as Flag from "effect/cli/Flag"

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print one JSON object per line on standard output; sentences go to standard error"),
  Flag.withDefault(false)
)
