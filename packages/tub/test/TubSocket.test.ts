import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Socket from "effect/socket/Socket"
import { TestClock } from "effect/testing"
import { ConnectError } from "../src/ConnectError.ts"
import * as TubSocket from "../src/TubSocket.ts"
import { redirector, target } from "./Dialling.ts"
import { high, low, network, port, tub } from "./Network.ts"
import { drain, heard, inScope, protocol, say, serve, settle, socketTo, within } from "./Sockets.ts"

/** Why the reader could not be acquired. */
const refusal = (socket: Socket.Socket) => Effect.map(Effect.flip(Effect.scoped(socket.reader)), ({ reason }) => reason)

const connectErrorOf = (reason: Socket.SocketErrorReason): ConnectError => {
  if (reason._tag === "SocketOpenError" && reason.cause instanceof ConnectError) return reason.cause
  return assert.fail(String(reason))
}

describe("TubSocket", () => {
  it.effect("is a link that speaks its protocol, and carries bytes both ways", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        const { pull } = yield* socket.reader
        yield* say(socket, "from the client")
        const { peer, socket: far } = yield* next
        yield* say(far, "from the server")
        assert.strictEqual(peer.connection.parameters.applicationProtocol, "test/1")
        assert.deepStrictEqual((yield* pull).map(String), [String(new TextEncoder().encode("from the server"))])
        const farPull = yield* Socket.readerString(far)
        assert.deepStrictEqual(yield* farPull, ["from the client"])
      })
    )
  )

  it.effect("does not dial before somebody reads", () =>
    within((network) =>
      Effect.gen(function* () {
        const { links } = yield* serve(network)
        const socket = yield* socketTo(network)
        yield* Effect.forkChild(say(socket, "hello"))
        yield* settle
        assert.strictEqual(yield* Queue.size(links), 0)
      })
    )
  )

  it.effect("gives its reader what the server said before anybody read", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        const { pull } = yield* socket.reader
        const { release, socket: far } = yield* next
        yield* say(far, "early, ", "and still early")
        yield* release
        yield* settle
        const { reason, text } = yield* drain(pull)
        assert.strictEqual(text, "early, and still early")
        assert.include(reason, { _tag: "SocketCloseError", code: 1000, closeReason: "the peer closed the connection" })
      })
    )
  )

  it.effect("has one reader at a time, and another one after it", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network)
        const socket = yield* socketTo(network)
        const first = yield* inScope(socket.reader)
        const reason = yield* refusal(socket)
        assert.strictEqual(reason._tag, "SocketOpenError")
        assert.include(String(reason.cause), "already being read")
        yield* first.close
        yield* Effect.scoped(socket.reader)
      })
    )
  )

  it.effect("has another reader after one that was interrupted while it dialled", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network)
        const socket = yield* socketTo(network)
        yield* network.partition("client", "server")
        const dialling = yield* Effect.forkChild(Effect.scoped(socket.reader))
        yield* settle
        yield* Fiber.interrupt(dialling)
        yield* network.heal("client", "server")
        yield* Effect.scoped(socket.reader)
      })
    )
  )

  it.effect("fails a pull that waits when its reader's Scope closes", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network)
        const socket = yield* socketTo(network)
        const { close, value } = yield* inScope(socket.reader)
        const pulling = yield* Effect.forkChild(Effect.flip(value.pull))
        yield* settle
        yield* close
        assert.include((yield* Fiber.join(pulling)).reason, {
          _tag: "SocketCloseError",
          closeReason: "closed on this side"
        })
      })
    )
  )

  it.effect("cannot be upgraded: it is encrypted already", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network)
        const { upgrade } = yield* (yield* socketTo(network)).reader
        assert.strictEqual((yield* Effect.flip(upgrade())).reason._tag, "SocketUpgradeError")
      })
    )
  )

  it.effect("half-closes the link when its writer is released, and still reads", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        const { pull } = yield* socket.reader
        yield* Effect.scoped(say(socket, "that is all"))
        const { release, socket: far } = yield* next
        const farReader = yield* far.reader
        const { text } = yield* drain(farReader.pull)
        assert.strictEqual(text, "that is all")
        yield* release
        assert.strictEqual((yield* drain(pull)).reason._tag, "SocketCloseError")
      })
    )
  )

  it.effect("closes the link when a CloseEvent is written", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const socket = yield* socketTo(network)
        const { pull } = yield* socket.reader
        const { write } = yield* socket.writer
        const far = yield* Effect.forkChild(Effect.flatMap(next, (served) => heard(served.socket)))
        yield* write(new Socket.CloseEvent())
        assert.strictEqual((yield* Effect.flip(pull)).reason._tag, "SocketCloseError")
        assert.strictEqual((yield* Fiber.join(far)).reason._tag, "SocketCloseError")
      })
    )
  )
})

describe("A TubSocket that cannot connect", () => {
  it.effect("says what was tried and why it failed", () =>
    within((network) =>
      Effect.gen(function* () {
        const reason = yield* refusal(yield* socketTo(network))
        assert.include(reason, { _tag: "SocketOpenError", kind: "Unknown" })
        assert.include(connectErrorOf(reason).message, "ECONNREFUSED")
      })
    )
  )

  it.effect("says that it was the time where nothing answered at any place", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* network.partition("client", "server")
        const failing = yield* Effect.forkChild(Effect.flatMap(socketTo(network), refusal))
        yield* TestClock.adjust("2 minutes")
        const reason = yield* Fiber.join(failing)
        assert.include(reason, { _tag: "SocketOpenError", kind: "Timeout" })
        assert.include(connectErrorOf(reason).message, "no answer before the 2m")
      })
    )
  )

  it.effect("says that it was the time where the server stopped in the middle of the negotiation", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network)
        const socket = yield* socketTo(network)
        yield* network.change("client", "server", { latency: "1 second" })
        const failing = yield* Effect.forkChild(refusal(socket))
        yield* TestClock.adjust("3 seconds")
        yield* network.stall("server", "client")
        yield* TestClock.adjust("2 minutes")
        const reason = yield* Fiber.join(failing)
        assert.include(reason, { _tag: "SocketOpenError", kind: "Timeout" })
        assert.include(connectErrorOf(reason).message, "not negotiated within 2m")
      })
    )
  )

  it.effect("says that it was the time where nothing answered at the place that it was sent on to (N11)", () =>
    Effect.gen(function* () {
      const silent = yield* port
      const places = {
        "tcp:old:1": yield* redirector(high, "tcp:new:1"),
        "tcp:new:1": Effect.andThen(Effect.never, silent.place)
      }
      const context = yield* tub(low, network(places))
      const socket = yield* Effect.provideContext(TubSocket.make(target(high, "tcp:old:1"), { protocol }), context)
      const failing = yield* Effect.forkChild(refusal(socket))
      yield* TestClock.adjust("2 minutes")
      assert.include(yield* Fiber.join(failing), { _tag: "SocketOpenError", kind: "Timeout" })
    })
  )

  it.effect("says that it was not the time where there was nothing to try", () =>
    Effect.gen(function* () {
      const socket = yield* Effect.provideContext(TubSocket.make(target(high), { protocol }), yield* tub(low))
      const reason = yield* refusal(socket)
      assert.include(reason, { _tag: "SocketOpenError", kind: "Unknown" })
      assert.isTrue(connectErrorOf(reason).isPermanent)
    })
  )

  it.effect("fails at once where its server speaks another protocol, and says which (N29)", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network, { protocol: "other/1" })
        const reason = yield* refusal(yield* socketTo(network))
        assert.include(connectErrorOf(reason).message, "other/1")
      })
    )
  )

  it.effect("is told so where its server does not admit it (N31)", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network, { admit: new Set() })
        const reason = yield* refusal(yield* socketTo(network))
        assert.include(connectErrorOf(reason).message, `${low.tubId} is not admitted here`)
      })
    )
  )

  it.effect("is told so by a pull where it had decided by then (N25, N31)", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* serve(network, { self: low, admit: new Set() })
        const { reason } = yield* heard(yield* socketTo(network, { self: high, there: low }))
        assert.strictEqual(reason._tag, "SocketReadError")
        assert.include(String(reason.cause), `${high.tubId} is not admitted here`)
      })
    )
  )
})
