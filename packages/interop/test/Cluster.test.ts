import type { Target } from "@effect-foolscap/tub/Target"
import * as TubClusterClient from "@effect-foolscap/tub/TubClusterClient"
import * as TubRunnerAddress from "@effect-foolscap/tub/TubRunnerAddress"
import * as TubSocket from "@effect-foolscap/tub/TubSocket"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import { assert, describe, it } from "@effect/vitest"
import { Runner } from "effect/cluster/Runner"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import * as Child from "../src/Child.ts"
import { Inbox } from "../src/Inbox.ts"
import * as Scratch from "../src/Scratch.ts"

const program = fileURLToPath(new URL("../../examples/src/cluster.ts", import.meta.url))

/** The example, or with a database its other runner. Gives what it says, line by line. */
const start = Effect.fnUntraced(function* (...database: ReadonlyArray<string>) {
  const said = new Inbox<string>("the cluster")
  const args = ["--conditions=@effect-foolscap/source", program, ...database]
  const child = yield* Child.start(process.execPath, args, { heard: said.offer, politely: "SIGTERM" })
  return { said, ended: child.ended }
})

/** The runner that has registered in the database: the first one, which may take a while. */
const registered = (database: string): Effect.Effect<Target> =>
  Effect.try({
    try: () => {
      const connection = new DatabaseSync(database, { readOnly: true, timeout: 5000 })
      const [row] = connection.prepare("SELECT runner FROM cluster_runners").all()
      connection.close()
      const { address } = Runner.decodeSync(String(row?.["runner"]))
      return Result.getOrThrow(TubRunnerAddress.target(address))
    },
    catch: (cause) => cause
  }).pipe(Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 150 }), Effect.orDie)

describe("A cluster of Tubs, each a process", () => {
  it.live("has its entities in both, whoever asks, and in the one that is left when the other is killed", () =>
    Effect.gen(function* () {
      const { ended, said } = yield* start()
      const heard = yield* said.takeUntil("that it is killed", (line) => line.endsWith("is killed"))
      const [alone = "", joining = "", ...both] = heard
      const [, first] = /^process (\d+) finds 30 in process \1; 30 of them begin with 1$/.exec(alone) ?? []
      const [, other] = /^process (\d+) joins$/.exec(joining) ?? []
      assert.isDefined(first)
      assert.isDefined(other)
      for (const line of both.slice(0, 2)) {
        assert.match(line, new RegExp(`\\d+ in process ${first}\\b`))
        assert.match(line, new RegExp(`\\d+ in process ${other}\\b`))
      }
      yield* said.takeUntil("what is left", (line) =>
        line.startsWith(`process ${first} finds 30 in process ${first}; `)
      )
      assert.deepStrictEqual(yield* ended, { code: 0, signal: null })
    })
  )

  it.live("refuses a stranger who has its runner's address, and tells him so", () =>
    Effect.gen(function* () {
      const database = join(yield* Scratch.folder, "cluster.db")
      yield* start(database)
      const socket = yield* TubSocket.make(yield* registered(database), { protocol: TubClusterClient.protocol })
      const { reason } = yield* socket.reader.pipe(
        Effect.flatMap(({ pull }) => pull),
        Effect.flip
      )
      // The stranger may be the Master, who hears of it on the link.
      assert("cause" in reason && reason.cause instanceof Error)
      assert.match(reason.cause.message, /[a-z2-7]{32} is not admitted here/)
    }).pipe(Effect.provide(NodeTub.layerMemory))
  )
})
