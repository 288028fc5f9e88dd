/**
 * What a person is told whose command line cannot be understood.
 *
 * In a few lines on standard error: Effect's own presenter prints the whole help on standard output, where `--json`
 * promises nothing but events.
 */
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Console from "effect/Console"

/**
 * How a person starts this command again: as it was started now. npm says what `npx` was asked for.
 */
export const command: string = /^['"]*tub\b/.test(process.env["npm_lifecycle_script"] ?? "") ? "npx tub" : "tub"

/**
 * The text without the names of the FURLs in it, each with all that follows on its line: a name may hold any character.
 */
export const withoutNames = (text: string): string => text.replace(/(pb:\/\/[^/\n]*\/)[^\n]*/g, "$1<redacted>")

/**
 * What a schema complains of, without the places in the value: whoever typed one word knows where to look.
 */
export const complaint = (message: string): string =>
  message.replace("Schema validation failed: ", "").replace(/\n\s*at \[.*\]/g, "")

const said = (error: CliError.CliError): string => {
  if (error._tag !== "InvalidValue" || error.value === "") return complaint(error.message)
  const what = error.kind === "flag" ? `--${error.option}` : `<${error.option}>`
  // The value comes last, because it may be a FURL.
  return `bad value for ${what}: ${complaint(error.expected)}, not "${error.value}"`
}

/**
 * Tells of a wrong invocation in a few lines. Help and version are printed as usual.
 */
export const layer = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          [
            ...event.errors.map((error) => `tub: ${withoutNames(said(error))}`),
            `usage: ${event.helpDoc.usage}`,
            `Try ${[command, ...event.commandPath.slice(1)].join(" ")} --help.`
          ].join("\n")
        )
      : CliOutput.defaultPresenter.present(event)
})
