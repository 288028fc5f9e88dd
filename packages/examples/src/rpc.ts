/**
 * Remote calls between two processes that have never met: starts the server, and a client that is given its FURL.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/rpc.ts
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { fileURLToPath } from "node:url"

/** Runs another program of this folder. */
const program = (name: string, ...args: ReadonlyArray<string>) => [
  ...process.execArgv,
  fileURLToPath(new URL(`rpc/${name}.ts`, import.meta.url)),
  ...args
]

const story = Effect.gen(function* () {
  const server = yield* ChildProcess.make(process.execPath, program("server"), { stderr: "inherit" })
  const lines = yield* Stream.toPull(server.stdout.pipe(Stream.decodeText, Stream.splitLines))
  // Behind what it may log before.
  const furl = yield* Effect.repeat(
    Effect.map(lines, (texts) => texts.find((text) => text.startsWith("pb://"))),
    { until: (found): found is string => found !== undefined }
  )
  yield* Console.log(`server: ${furl}`)
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.flatMap(
        lines,
        Effect.forEach((line) => Console.log(line))
      )
    )
  )

  const inherit = { stdout: "inherit", stderr: "inherit" } as const
  const client = yield* ChildProcess.make(process.execPath, program("client", furl), inherit)
  process.exitCode = yield* client.exitCode
}).pipe(Effect.scoped)

NodeRuntime.runMain(story.pipe(Effect.provide(NodeServices.layer)))
