import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { TestConsole } from "effect/testing"
import packageJson from "../package.json" with { type: "json" }
import * as ExitCode from "../src/ExitCode.ts"
import * as Main from "../src/Main.ts"
import { high } from "./Fixtures.ts"
import { tub } from "./Invoked.ts"

describe("tub", () => {
  it.effect("says its version, and what it can do", () =>
    Effect.gen(function* () {
      const version = yield* tub("--version")
      assert.strictEqual(version.code, 0)
      assert.include(version.out.join(""), packageJson.version)
      for (const help of [yield* tub("--help"), yield* tub()]) {
        assert.strictEqual(help.code, 0)
        for (const command of ["demo", "id", "serve", "dial"]) assert.include(help.out.join("\n"), command)
      }
    })
  )

  it.effect("says in three lines what it does not know, and where to read on", () =>
    Effect.gen(function* () {
      const said = yield* tub("listen")
      assert.strictEqual(said.code, 2)
      assert.deepStrictEqual(said.out, [])
      assert.deepStrictEqual(said.err.join("\n").split("\n"), [
        'tub: Unknown subcommand "listen" for "tub"',
        "usage: tub <subcommand> [flags]",
        "Try tub --help."
      ])
    })
  )

  it.effect("does not repeat the name of a FURL that was given in place of a command", () =>
    Effect.gen(function* () {
      const said = yield* tub(`pb://${high.tubId}@tcp:localhost:1/secret-swissnum`)
      assert.strictEqual(said.code, 2)
      assert.notInclude(said.err.join("\n"), "secret-swissnum")
    })
  )

  it.effect("exits with 1 for a defect, and reports it where no script takes it for an event", () =>
    Effect.gen(function* () {
      const console = yield* TestConsole.make
      const broken = {
        ...console,
        log: () => {
          throw new Error("a defect of this test")
        }
      }
      const exit = yield* Main.run(["id", "show", high.file, "--json"]).pipe(
        Effect.provideService(Console.Console, broken),
        Effect.exit
      )
      assert.strictEqual(ExitCode.ofExit(exit, 130), 1)
      assert.include((yield* console.errorLines).join("\n"), "a defect of this test")
    })
  )
})
