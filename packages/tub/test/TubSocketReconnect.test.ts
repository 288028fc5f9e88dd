import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import * as TubSocket from "../src/TubSocket.ts"
import { high, low } from "./Network.ts"
import { at, drain, heard, inScope, program, protocol, say, serve, settle, socketTo, within } from "./Sockets.ts"

const Batches = Schema.Array(Schema.NonEmptyArray(Schema.Uint8Array)).check(Schema.isMaxLength(5))

describe("A TubSocket whose reader is acquired again", () => {
  for (const [self, there, role] of [
    [low, high, "NonMaster"],
    [high, low, "Master"]
  ] as const) {
    it.effect(`takes the place of its own link that the server has not missed (${role}, N22, N30)`, () =>
      within((network) =>
        Effect.gen(function* () {
          const { next } = yield* serve(network, { self: there })
          const socket = yield* socketTo(network, { self, there })
          const first = yield* inScope(socket.reader)
          const before = yield* next
          assert.strictEqual(before.peer.connection.role, role === "Master" ? "NonMaster" : "Master")
          yield* network.forget("client", "server")
          yield* Effect.forkChild(first.close)
          yield* TestClock.adjust("5 seconds")
          assert.isFalse(yield* before.peer.connection.hasEnded)

          const { pull } = yield* socket.reader
          const after = yield* next
          assert.strictEqual((yield* before.peer.connection.ended)._tag, "Replaced")
          yield* say(after.socket, "again")
          yield* after.release
          assert.strictEqual((yield* drain(pull)).text, "again")
        })
      )
    )
  }

  it.effect("stands beside the links of other sockets between the same Tubs, in both directions (N30)", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const sockets = [
          yield* socketTo(network),
          yield* socketTo(network),
          yield* socketTo(network, { name: "third" })
        ]
        const served = yield* Effect.forEach(sockets, (socket) => Effect.andThen(socket.reader, next))
        for (const { peer } of served) assert.isFalse(yield* peer.connection.hasEnded)
        const names = served.map(({ peer }) => peer.connection.name)
        assert.match(names[0] ?? "", /^[0-9a-f]{16}$/)
        assert.strictEqual(names[2], "third")
        assert.strictEqual(new Set(names).size, 3)
      })
    )
  )

  it.effect("takes another name where the server believes in a link that it never heard of (N22)", () =>
    within((network) =>
      Effect.gen(function* () {
        const { links } = yield* serve(network)
        const context = yield* Layer.build(program(network, low))
        // The same seed leads to the same name.
        const make = TubSocket.make(at(high), { protocol }).pipe(Effect.provideContext(context), Random.withSeed("a"))
        const [believed, unheard] = [yield* make, yield* make]
        yield* believed.reader
        const { reason } = yield* Effect.flip(unheard.reader)
        assert.include(String(reason._tag === "SocketOpenError" && reason.cause), "Duplicate connection")
        yield* unheard.reader
        assert.strictEqual(yield* Queue.size(links), 2)
      })
    )
  )

  it.effect("keeps the name that it was given, whoever has it (N22)", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network)
        const context = yield* Layer.build(program(network, low))
        const make = Effect.provideContext(TubSocket.make(at(high), { protocol, name: "mine" }), context)
        const [first, second] = [yield* make, yield* make]
        yield* first.reader
        yield* Effect.flip(second.reader)
        yield* Effect.flip(second.reader)
      })
    )
  )

  it.effect("reconnects to a server that was started again, as itself", () =>
    within((network) =>
      Effect.gen(function* () {
        const first = yield* serve(network)
        const socket = yield* socketTo(network)
        yield* Effect.forkChild(Effect.flatMap(first.next, () => first.stop))
        assert.strictEqual((yield* heard(socket)).reason._tag, "SocketCloseError")

        const reading = yield* Effect.forkChild(Effect.retry(socket.reader, Schedule.spaced("1 second")))
        yield* TestClock.adjust("10 seconds")
        assert.isUndefined(reading.pollUnsafe())
        const second = yield* serve(network)
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(reading)
        assert.strictEqual((yield* second.next).peer.tubId, low.tubId)
      })
    )
  )
})

describe("A write to a TubSocket", () => {
  it.effect("waits for the first link", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        const writing = yield* Effect.forkChild(say(socket, "from before"))
        yield* settle
        assert.isUndefined(writing.pollUnsafe())
        const far = yield* Effect.forkChild(Effect.flatMap(next, (served) => heard(served.socket)))
        yield* Effect.scoped(Effect.andThen(socket.reader, Fiber.join(writing)))
        assert.strictEqual((yield* Fiber.join(far)).text, "from before")
      })
    )
  )

  it.effect("waits for the next link once the last one is closed", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        yield* Effect.scoped(socket.reader)
        yield* next
        const writing = yield* Effect.forkChild(say(socket, "for the next one"))
        yield* settle
        assert.isUndefined(writing.pollUnsafe())
        const far = yield* Effect.forkChild(Effect.flatMap(next, (served) => heard(served.socket)))
        yield* Effect.scoped(Effect.andThen(socket.reader, Fiber.join(writing)))
        assert.strictEqual((yield* Fiber.join(far)).text, "for the next one")
      })
    )
  )

  it.effect("waits for the next link where the last one has ended and its reader does not know yet", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        const first = yield* inScope(socket.reader)
        yield* Effect.flatMap(next, ({ release }) => release)
        yield* settle
        const writing = yield* Effect.forkChild(say(socket, "for the next one"))
        yield* settle
        assert.isUndefined(writing.pollUnsafe())
        yield* first.close
        yield* settle
        assert.isUndefined(writing.pollUnsafe())
        const far = yield* Effect.forkChild(Effect.flatMap(next, (served) => heard(served.socket)))
        yield* Effect.scoped(Effect.andThen(socket.reader, Fiber.join(writing)))
        assert.strictEqual((yield* Fiber.join(far)).text, "for the next one")
      })
    )
  )

  it.effect("waits for a server that does not read", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        yield* socket.reader
        const { socket: far } = yield* next
        const { write } = yield* socket.writer
        const writing = yield* Effect.forkChild(write(new Uint8Array(1_048_576)))
        yield* TestClock.adjust("1 minute")
        assert.isUndefined(writing.pollUnsafe())
        yield* Effect.forkChild(heard(far))
        yield* Fiber.join(writing)
      })
    )
  )

  for (const isReleased of [false, true]) {
    const then = isReleased ? ", also once its writer is released" : ""
    it.effect(`holds up the end of its reader for closeLimit at most where the server reads nothing${then} (N26)`, () =>
      within((network) =>
        Effect.gen(function* () {
          const { next } = yield* serve(network)
          const socket = yield* socketTo(network)
          const reading = yield* inScope(socket.reader)
          yield* next
          const writing = yield* inScope(socket.writer)
          const much = yield* Effect.forkChild(Effect.exit(writing.value.write(new Uint8Array(1_048_576))))
          yield* settle
          assert.isUndefined(much.pollUnsafe())
          if (isReleased) yield* writing.close
          const closing = yield* Effect.forkChild(reading.close)
          yield* TestClock.adjust("4999 millis")
          assert.isUndefined(closing.pollUnsafe())
          yield* TestClock.adjust("1 millis")
          yield* Fiber.join(closing)
        })
      )
    )
  }

  it.effect.prop("arrives whole and in order, however it is cut", [Batches], ([batches]) =>
    within((network) =>
      Effect.gen(function* () {
        yield* network.change("client", "server", { chunk: 7 })
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        const far = yield* Effect.forkChild(Effect.flatMap(next, (served) => heard(served.socket)))
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* socket.reader
            const { write, writeAll } = yield* socket.writer
            for (const [first, ...rest] of batches) yield* rest.length === 0 ? write(first) : writeAll([first, ...rest])
          })
        )
        assert.strictEqual((yield* Fiber.join(far)).text, Buffer.concat(batches.flat()).toString("latin1"))
      })
    )
  )
})
