/**
 * A cluster of two runners: two processes, two Tubs that have never met. What they share is a database; no authority says
 * who they are. One of them is killed, and the other takes over what lived there.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/cluster.ts
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Array, Console, Effect, FileSystem, References, Schedule, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { fileURLToPath } from "node:url"
import * as Runner from "./cluster/Runner.ts"

const ids = Array.makeBy(30, (index) => `counter ${index}`)

/** Asks every counter, until they live in so many processes, and says where they do. */
const ask = Effect.fn(function* (processes: number) {
  const counter = yield* Runner.Counter.client
  const homes = yield* Effect.forEach(ids, (id) => counter(id).Increment()).pipe(
    Effect.map(Array.groupBy((answer) => `process ${answer.process}`)),
    Effect.map(Object.entries),
    Effect.repeat({ until: ({ length }) => length === processes, schedule: Schedule.spaced("500 millis") })
  )
  const found = homes.map(([home, answers]) => `${answers.length} in ${home}`)
  const fresh = homes.flatMap(([, answers]) => answers).filter(({ count }) => count === 1)
  yield* Console.log(`process ${process.pid} finds ${found.join(" and ")}; ${fresh.length} of them begin with 1`)
})

/** The first runner, which starts the other one and kills it. */
const first = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const database = `${yield* files.makeTempDirectoryScoped()}/cluster.db`
  const program = [...process.execArgv, fileURLToPath(import.meta.url), database]
  yield* Effect.gen(function* () {
    yield* ask(1)
    const other = yield* ChildProcess.make(process.execPath, program, { stderr: "inherit" })
    yield* Console.log(`process ${other.pid} joins`)
    const lines = Stream.splitLines(Stream.decodeText(other.stdout))
    yield* Stream.runForEach(Stream.take(lines, 1), Console.log)
    yield* ask(2)
    yield* other.kill({ killSignal: "SIGKILL" })
    yield* Console.log(`process ${other.pid} is killed`)
    yield* ask(1)
  }).pipe(Effect.scoped, Effect.provide(Runner.layer(database)))
}).pipe(Effect.scoped)

/** The other one, which asks too, and then runs for as long as it may. */
const other = (database: string) => Effect.andThen(ask(2), Effect.never).pipe(Effect.provide(Runner.layer(database)))

const [, , database] = process.argv
const program = database === undefined ? first : other(database)

program.pipe(
  Effect.provide(NodeServices.layer),
  // A cluster tells how it is doing at the levels below.
  Effect.provideService(References.MinimumLogLevel, "Error"),
  NodeRuntime.runMain
)
