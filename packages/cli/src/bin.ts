/**
 * Runs the `tub` command in this process: its arguments, its signals, its exit code.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as MutableRef from "effect/MutableRef"
import * as ExitCode from "./ExitCode.ts"
import * as Main from "./Main.ts"

const onSignal = MutableRef.make(130)

// Whoever reads our output may stop reading, as `head` does. That is an end like any other.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))
}

Main.run(process.argv.slice(2)).pipe(
  Effect.provideService(ExitCode.OnSignal, onSignal),
  NodeRuntime.runMain({
    // `Main` has reported it, and the runtime would do so on standard output.
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(ExitCode.ofExit(exit, MutableRef.get(onSignal)))
  })
)
