/**
 * The `tub` command as an effect: what it is given, what it says, how it fails. `bin` runs it.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import packageJson from "../package.json" with { type: "json" }
import { demo } from "./command/Demo.ts"
import { dial } from "./command/Dial.ts"
import { id } from "./command/Id.ts"
import { serve } from "./command/Serve.ts"
import * as Invocation from "./Invocation.ts"
import { UsageError } from "./UsageError.ts"

const tub = Command.make("tub").pipe(
  Command.withDescription("Open, answer and look at Foolscap connections"),
  Command.withSubcommands([demo, id, serve, dial])
)

// What the libraries warn a person of, in a line like the command's own. Standard output is for results.
const warning = Logger.withConsoleError(Logger.make(({ message }) => `tub: ${String(message)}`))
const logger = Logger.make((entry) => (entry.logLevel === "Warn" ? warning : Logger.defaultLogger).log(entry))

const runWith = Command.runWith(tub, { version: packageJson.version })

/**
 * Runs the command with these arguments. Of a failure everything has been said; what to exit with, `ExitCode` knows.
 */
export const run = (args: ReadonlyArray<string>): Effect.Effect<void, unknown> =>
  runWith(args).pipe(
    Effect.catchTag("IdentityFileError", ({ message }) => Effect.fail(new UsageError({ message }))),
    Effect.tapErrorTag("UsageError", ({ message }) => Console.error(`tub: ${Invocation.withoutNames(message)}`)),
    // What nobody has told of is a defect of ours.
    Effect.tapCause((cause) =>
      Cause.hasInterruptsOnly(cause) || !Runtime.getErrorReported(Cause.squash(cause))
        ? Effect.void
        : Effect.logError(cause)
    ),
    Effect.provideService(Logger.LogToStderr, true),
    Effect.provide([
      Logger.layer([logger]),
      NodeServices.layer,
      Invocation.layer,
      CliOutput.layer(CliOutput.defaultFormatter({ globalFlags: "summary" }))
    ])
  )
