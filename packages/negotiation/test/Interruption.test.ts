import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import type { LocalTub } from "../src/LocalTub.ts"
import type { Side } from "../src/policy/Master.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import {
  clientHello,
  converse,
  decision,
  get,
  type Heard,
  hello,
  other,
  outcomeOf,
  play,
  type Script,
  switching,
  underTls
} from "./Peer.ts"
import { high, low, side } from "./Sides.ts"

const everywhere: ReadonlyArray<readonly [Side, LocalTub]> = [
  ["client", low],
  ["client", high],
  ["server", low],
  ["server", high]
]

describe("An interrupted negotiation", () => {
  for (const [on, self] of everywhere) {
    const peer = other(self)
    const good = underTls(on, self, peer.credentials, hello(peer) + (self === low ? decision() : ""))
    const begin = on === "server" ? get(self.tubId) : switching
    const ourHello = on === "client" ? clientHello(self) : hello(self)
    const heardClear = on === "client" ? get(peer.tubId) : switching
    const stalls: ReadonlyArray<readonly [where: string, Script, Heard]> = [
      ["before a word was said", { clear: "" }, { clear: on === "client" ? heardClear : "", secret: "" }],
      ["in the TLS handshake", { clear: begin }, { clear: heardClear, secret: "" }],
      ["waiting for a Hello", underTls(on, self, peer.credentials, ""), { clear: heardClear, secret: ourHello }],
      ...(self === low
        ? [
            [
              "waiting for a Decision",
              underTls(on, self, peer.credentials, hello(peer)),
              { clear: heardClear, secret: ourHello }
            ] as const
          ]
        : [])
    ]

    for (const [where, script, told] of stalls) {
      it.effect(
        `of a ${on} (${self === high ? "Master" : "NonMaster"}) ${where} drops the connection without a word`,
        () =>
          Effect.gen(function* () {
            const service = yield* side(self)
            const pair = yield* MemoryTransport.makePair()
            const heard: Heard = { clear: "", secret: "" }
            const as = on === "client" ? "server" : "client"
            const playing = yield* Effect.forkChild(play(pair[as], as, script, heard))
            const running = yield* Effect.forkChild(
              on === "client"
                ? service.dial(pair.client, { wanted: peer.tubId, host: "example.org" })
                : service.accept(pair.server)
            )
            yield* TestClock.adjust("1 second")
            assert.isUndefined(running.pollUnsafe())
            yield* Fiber.interrupt(running)
            // The peer sees the end at once; nobody has closed the Scope of this test.
            yield* Fiber.join(playing)
            assert.deepStrictEqual(heard, told)
            assert.match((yield* converse(service, on, good)).outcome, /^connected/)
          })
      )
    }
  }

  for (const [client, server] of [
    [low, high],
    [high, low]
  ] as const) {
    for (const victim of ["client", "server"] as const) {
      const role = (victim === "client" ? client : server) === high ? "Master" : "NonMaster"
      it.effect(`at any step of a ${victim} (${role}) leaves nothing behind, and the other side learns of it`, () =>
        Effect.gen(function* () {
          let interrupted = 0
          let reached = ""
          // Before its first step a negotiation has not taken its transport over.
          for (let steps = 1; steps <= 40; steps++) {
            const [here, there] = [yield* side(client), yield* side(server)]
            const pair = yield* MemoryTransport.makePair()
            const target = { wanted: server.tubId, host: "example.org" }
            // Each owner reads its link to the end, as a real one would.
            const owned = Effect.fnUntraced(function* (negotiating: ReturnType<typeof here.accept>) {
              const connection = yield* negotiating
              const { pull } = yield* Effect.orDie(connection.socket.reader)
              yield* Effect.ignore(Effect.forever(pull))
              return connection
            })
            const fibers = {
              client: yield* Effect.forkChild(Effect.scoped(owned(here.dial(pair.client, target)))),
              server: yield* Effect.forkChild(Effect.scoped(owned(there.accept(pair.server))))
            }
            for (let i = 0; i < steps; i++) yield* Effect.yieldNow
            yield* Fiber.interrupt(fibers[victim])
            const exit = yield* Fiber.await(fibers[victim])
            if (outcomeOf(exit) === "interrupted") interrupted++
            const rest = yield* Fiber.await(fibers[victim === "client" ? "server" : "client"])
            reached = outcomeOf(rest)
            // No deadline was needed: no time has passed.
            assert.match(
              outcomeOf(rest),
              /^(?:connected as|(?:Plaintext|Encrypted|Deciding) (?:PeerClosed|TransportFailed))/
            )

            const again = yield* MemoryTransport.makePair()
            const next = yield* Effect.all(
              [Effect.exit(here.dial(again.client, target)), Effect.exit(there.accept(again.server))],
              { concurrency: "unbounded" }
            )
            assert.isTrue(next.every(Exit.isSuccess), `after ${steps} steps: ${next.map(outcomeOf).join(", ")}`)
          }
          assert.isAbove(interrupted, 0)
          assert.match(reached, /^connected/, "the last steps came after the negotiation")
        })
      )
    }
  }
})
