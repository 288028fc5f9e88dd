/** A member of a fleet as a program: `main.ts folder PATH` or `main.ts redis PATH`. Says who and where it is in one line. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Member from "./Member.ts"

const [kind, path = ""] = process.argv.slice(2)

NodeRuntime.runMain(
  Effect.gen(function* () {
    const { hint, tubId } = yield* kind === "redis"
      ? Member.start(Member.inRedis(path))
      : Member.start(Member.inFolder(path))
    yield* Console.log(JSON.stringify({ tubId, hint }))
    return yield* Effect.never
  }).pipe(Effect.scoped)
)
