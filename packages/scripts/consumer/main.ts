/**
 * What a user writes first. It is compiled and run against the packed packages in an empty project.
 */
import * as Furl from "@effect-foolscap/furl/Furl"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const program = Effect.gen(function* () {
  const text = "pb://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@tcp:127.0.0.1:4711/calculator"
  const furl = yield* Schema.decodeEffect(Furl.FurlFromString)(text)
  console.log(furl.toString())
})

await Effect.runPromise(program)
