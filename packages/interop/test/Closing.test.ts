import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as Ports from "../src/Ports.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"
import * as Application from "../src/stories/Application.ts"
import * as Program from "../src/stories/Program.ts"

/** A program of ours that has a link of each kind, and a dial under way that leads nowhere. */
const busy = Effect.gen(function* () {
  const program = yield* Program.start(join(yield* Scratch.folder, "tub.pem"))
  const here = { tubId: program.tubId, hints: [program.hint] }

  const dialler = yield* FoolscapPeer.start()
  dialler.tell({ do: "dial", ...here })
  yield* program.next("arrived")

  const listener = yield* FoolscapPeer.start()
  const ours = yield* Application.start(yield* Identities.make())
  for (const { hint, tubId } of [listener, listener, ours]) {
    program.tell({ do: "connect", tubId, hints: [hint] })
    yield* program.next("linked")
  }
  const link = yield* ours.linked

  const silence = `tcp:127.0.0.1:${yield* Ports.silent}`
  program.tell({ do: "connect", tubId: (yield* Identities.make()).tubId, hints: [silence] })
  yield* Effect.repeat(program.next("negotiating"), { until: ({ hint }) => hint === silence })
  return { program, here, dialler, listener, link }
})

// After a signal the runtime ends the process; otherwise Node does, as soon as nothing keeps it.
const ways = {
  "that is told to end": { end: ({ tell }: Program.Program) => tell({ do: "end" }), code: 0 },
  "that gets a SIGTERM": { end: ({ signal }: Program.Program) => signal("SIGTERM"), code: 130 }
}

describeWith(["python3-foolscap"], "A program of ours", () => {
  for (const [which, { code, end }] of Object.entries(ways)) {
    it.live(`${which} leaves nothing behind, and closes each link in good order`, () =>
      Effect.gen(function* () {
        const { dialler, link, listener, program } = yield* busy
        end(program)
        assert.deepStrictEqual(yield* program.ended, { code, signal: null })
        const { resources } = yield* program.next("resources")
        assert.deepStrictEqual(withoutPipes(resources), withoutPipes(program.resources))
        for (const peer of [dialler, listener]) {
          assert.strictEqual((yield* peer.next("closed")).error, "ConnectionDone")
        }
        assert.strictEqual((yield* link.ended)._tag, "ClosedByPeer")
        assert.isFalse(program.has("failed"))
      })
    )

    it.live(`${which} has given up its port before its links are closed`, () =>
      Effect.gen(function* () {
        const { here, program } = yield* busy
        const deaf = yield* Program.start(join(yield* Scratch.folder, "tub.pem"))
        deaf.tell({ do: "connect", ...here })
        yield* deaf.next("linked")
        yield* program.next("arrived")
        deaf.signal("SIGSTOP")

        const ended = yield* Effect.forkChild(program.ended, { startImmediately: true })
        end(program)
        // Tried for 3 s or a little more: after the 5 s of `closeLimit` it would give up the link.
        const taken = NodeEndpoint.listen({ host: "127.0.0.1", port: program.port })
        yield* Effect.retry(taken, { schedule: Schedule.spaced("5 millis"), times: 600 })
        // It waits for an answer to its goodbye.
        assert.isUndefined(ended.pollUnsafe())
        deaf.signal("SIGKILL")
        assert.deepStrictEqual(yield* Fiber.join(ended), { code, signal: null })
      })
    )
  }
})

// Those of standard input and output.
const withoutPipes = (resources: ReadonlyArray<string>) => resources.filter((name) => name !== "PipeWrap").toSorted()
