import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("ClosingProgram.ts", import.meta.url))

/** Runs the program until it ends by itself: what it printed, and its exit code. */
const run = Effect.callback<{ readonly lines: ReadonlyArray<string>; readonly code: number | null }>((resume) => {
  const child = spawn(process.execPath, ["--conditions=@effect-foolscap/source", program], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  let text = ""
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk
  })
  child.on("close", (code) => resume(Effect.succeed({ lines: text.trim().split("\n"), code })))
  return Effect.sync(() => child.kill("SIGKILL"))
})

describe("A program whose Tubs are closed", () => {
  it.live("has nothing of theirs open any more, and ends by itself", () =>
    Effect.gen(function* () {
      const { code, lines } = yield* run
      assert.strictEqual(code, 0)
      const [start, use, closed, end, ...more] = lines.map((line): unknown => JSON.parse(line))
      assert.isEmpty(more)
      assert.deepInclude(use, { shared: true })
      // Listeners, links under TLS, and timers: the hour of a link nobody holds, the hour of a dial that is tried again.
      for (const kind of ["TCPServerWrap", "TCPSocketWrap", "Timeout"]) assert.include(JSON.stringify(use), kind)
      assert.deepStrictEqual(closed, {
        refused: "connect ECONNREFUSED 127.0.0.1:PORT",
        ends: [{ _tag: "Closed" }, { _tag: "ClosedByPeer" }]
      })
      assert.deepStrictEqual(Object(end).atEnd, Object(start).atStart)
    })
  )
})
