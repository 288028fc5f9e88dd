/**
 * The `tub` command.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import packageJson from "../package.json" with { type: "json" }
import { demo } from "./command/Demo.ts"
import { dial } from "./command/Dial.ts"
import { id } from "./command/Id.ts"
import { serve } from "./command/Serve.ts"
import * as ExitCode from "./ExitCode.ts"

const tub = Command.make("tub").pipe(
  Command.withDescription("Open, answer and look at Foolscap connections"),
  Command.withSubcommands([demo, id, serve, dial])
)

const onSignal = MutableRef.make(130)

// Whoever reads our output may stop reading, as `head` does. That is an end like any other.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", () => process.exit(0))
}

Command.run(tub, { version: packageJson.version }).pipe(
  Effect.tapErrorTag("UsageError", ({ message }) => Console.error(`tub: ${message}`)),
  Effect.provideService(ExitCode.OnSignal, onSignal),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain({ teardown: (exit, onExit) => onExit(ExitCode.ofExit(exit, MutableRef.get(onSignal))) })
)
