/**
 * A program that claims the identity of a file: says that it is ready, waits for a line, and prints the TubId it got.
 * Its own so that `IdentityFile.test.ts` can run several at once.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { once } from "node:events"
import * as IdentityFile from "../src/IdentityFile.ts"

const [path = ""] = process.argv.slice(2)

const claim = Effect.gen(function* () {
  yield* Console.log("ready")
  yield* Effect.promise(() => once(process.stdin, "data"))
  const { tubId } = yield* IdentityFile.readOrCreate(path)
  yield* Console.log(tubId)
  process.stdin.destroy()
})

NodeRuntime.runMain(claim.pipe(Effect.provide([NodeServices.layer, Logger.layer([])])))
