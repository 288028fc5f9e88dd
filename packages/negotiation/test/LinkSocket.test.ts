import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { Link, LinkEnd } from "../src/Link.ts"
import * as LinkSocket from "../src/LinkSocket.ts"
import { TransportError } from "../src/TransportError.ts"
import { connect } from "./Links.ts"
import { bytesOf, textOf } from "./Noise.ts"

/** A link, its socket, and the peer at the other end. */
const open = Effect.fnUntraced(function* (early = "", mayBeRefused = false) {
  const { link, near, peer } = yield* connect
  return { link, near, peer, socket: yield* LinkSocket.make(link, { early: bytesOf(early), mayBeRefused }) }
})

const textsOf = (chunks: ReadonlyArray<Uint8Array | string>) =>
  chunks.map((chunk) => (typeof chunk === "string" ? chunk : textOf(chunk))).join("")

/** The reason of a SocketError, in a few words. */
const wordsFor = ({ reason }: Socket.SocketError): string =>
  reason._tag === "SocketCloseError"
    ? `${reason.code} ${reason.closeReason}`
    : `${reason._tag}: ${"cause" in reason && reason.cause instanceof Error ? reason.cause.message : ""}`

const failureOf = <A>(effect: Effect.Effect<A, Socket.SocketError, Scope.Scope>) =>
  Effect.map(Effect.flip(effect), wordsFor)

describe("A link's socket, read", () => {
  it.effect("yields the early bytes first, then what comes", () =>
    Effect.gen(function* () {
      const { peer, socket } = yield* open("early")
      yield* peer.write(bytesOf("late"))
      const { pull } = yield* socket.reader
      assert.strictEqual(textsOf(yield* pull), "early")
      assert.strictEqual(textsOf(yield* pull), "late")
    })
  )

  it.effect("has one reader, ever", () =>
    Effect.gen(function* () {
      const { socket } = yield* open()
      yield* socket.reader
      assert.include(yield* failureOf(socket.reader), "this link is already being read")
    })
  )

  it.effect("refuses a TLS upgrade: it is under TLS already", () =>
    Effect.gen(function* () {
      const { socket } = yield* open()
      const { upgrade } = yield* socket.reader
      assert.include(yield* failureOf(upgrade()), "SocketUpgradeError")
    })
  )

  it.effect("ends with code 1000 when the peer closes, and says so again to whoever asks", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open("unread")
      yield* peer.write(bytesOf("last"))
      yield* peer.finish
      const { pull } = yield* socket.reader
      assert.strictEqual(textsOf(yield* pull) + textsOf(yield* pull), "unreadlast")
      assert.strictEqual(yield* failureOf(pull), "1000 the peer closed the connection")
      assert.strictEqual(yield* failureOf(pull), "1000 the peer closed the connection")
      assert.deepStrictEqual(yield* link.ended, LinkEnd.ClosedByPeer())
    })
  )

  for (const kind of ["reset", "tls"] as const) {
    it.effect(`ends with a read error when the connection is lost (${kind})`, () =>
      Effect.gen(function* () {
        const { near } = yield* connect
        const cause = new TransportError({ kind })
        const link = yield* Link.make({ ...near, pull: Effect.fail(cause) })
        const { pull } = yield* (yield* LinkSocket.make(link, { early: bytesOf(""), mayBeRefused: true })).reader
        assert.include(yield* failureOf(pull), `SocketReadError: ${cause.message}`)
        assert.deepStrictEqual(yield* link.ended, LinkEnd.Lost({ cause }))
      })
    )
  }

  it.effect("closes the link with its Scope, and fails a pull that waits", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open()
      const scope = yield* Scope.make()
      const { pull } = yield* Scope.provide(socket.reader, scope)
      const waiting = yield* Effect.forkChild(Effect.flip(pull))
      yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(wordsFor(yield* Fiber.join(waiting)), "1000 closed on this side")
      assert.deepStrictEqual(yield* link.ended, LinkEnd.Closed())
      assert.strictEqual((yield* Effect.flip(peer.pull)).kind, "eof")
      assert.strictEqual(yield* failureOf(socket.reader), "1000 closed on this side")
    })
  )

  it.effect("fails a pull that waits when the link is replaced, and says that it was", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open()
      const { pull } = yield* socket.reader
      const waiting = yield* Effect.forkChild(Effect.flip(pull))
      yield* Effect.yieldNow
      yield* link.endWith(LinkEnd.Replaced())
      assert.strictEqual(wordsFor(yield* Fiber.join(waiting)), "1000 replaced by a new connection")
      assert.strictEqual((yield* Effect.flip(peer.pull)).kind, "eof")
    })
  )

  for (const mayBeRefused of [false, true]) {
    it.effect(`loses no byte to an interrupted pull (${mayBeRefused ? "a Master's" : "a NonMaster's"})`, () =>
      Effect.gen(function* () {
        const { peer, socket } = yield* open("", mayBeRefused)
        const { pull } = yield* socket.reader
        let heard = ""
        for (const letter of "banana-decision, and so on") {
          const pulling = yield* Effect.forkChild(pull)
          yield* Effect.yieldNow
          yield* peer.write(bytesOf(letter))
          yield* Fiber.interrupt(pulling)
          const exit = yield* Fiber.await(pulling)
          if (Exit.isSuccess(exit)) heard += textsOf(exit.value)
        }
        yield* peer.finish
        yield* Effect.ignore(
          Effect.forever(
            Effect.map(pull, (chunks) => {
              heard += textsOf(chunks)
            })
          )
        )
        assert.strictEqual(heard, "banana-decision, and so on")
      })
    )
  }
})

describe("A link's socket, written", () => {
  it.effect("takes bytes and strings, and a batch in one write", () =>
    Effect.gen(function* () {
      const { peer, socket } = yield* open()
      const writer = yield* socket.writer
      yield* writer.write(bytesOf("a"))
      yield* writer.write("é")
      yield* writer.writeAll(["b", bytesOf("c"), "é"])
      assert.strictEqual(textOf(yield* peer.pull), "a")
      assert.strictEqual(textOf(yield* peer.pull), "Ã©")
      assert.strictEqual(textOf(yield* peer.pull), "bcÃ©")
    })
  )

  it.effect("closes the link for a CloseEvent, once everything before has left", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open()
      const writer = yield* socket.writer
      yield* writer.write("last")
      yield* writer.write(new Socket.CloseEvent(1000))
      assert.deepStrictEqual(yield* link.ended, LinkEnd.Closed())
      assert.strictEqual(textOf(yield* peer.pull), "last")
      assert.strictEqual((yield* Effect.flip(peer.pull)).kind, "eof")
    })
  )

  it.effect("fails after the end, with the reason of the end", () =>
    Effect.gen(function* () {
      const { link, socket } = yield* open()
      const writer = yield* socket.writer
      yield* link.endWith(LinkEnd.Replaced())
      assert.strictEqual(yield* failureOf(writer.write("x")), "1000 replaced by a new connection")
      assert.strictEqual(yield* failureOf(writer.writeAll(["x"])), "1000 replaced by a new connection")
    })
  )

  it.effect("fails with a write error when the transport cannot, before anybody has noticed the end", () =>
    Effect.gen(function* () {
      const { near, socket } = yield* open()
      const writer = yield* socket.writer
      yield* near.finish
      assert.include(yield* failureOf(writer.write("x")), "SocketWriteError: the connection is closed")
    })
  )

  it.effect("finishes our side when the writer's Scope closes, and still reads what the peer said before", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open()
      const { pull } = yield* socket.reader
      yield* peer.write(bytesOf("y"))
      yield* Effect.scoped(Effect.flatMap(socket.writer, (writer) => writer.write("x")))
      assert.isFalse(link.hasEnded)
      assert.strictEqual(textOf(yield* peer.pull), "x")
      assert.strictEqual(textsOf(yield* pull), "y")
    })
  )

  it.effect("waits for a peer that reads nothing no longer than closeLimit when the writer's Scope closes (N26)", () =>
    Effect.gen(function* () {
      const { near } = yield* connect
      const link = yield* Link.make({ ...near, finish: Effect.never })
      const { writer } = yield* LinkSocket.make(link, { early: bytesOf(""), mayBeRefused: false })
      const releasing = yield* Effect.forkChild(Effect.scoped(writer))
      yield* TestClock.adjust("4999 millis")
      assert.isUndefined(releasing.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      assert.isDefined(releasing.pollUnsafe())
    })
  )

  it.effect("fails behind our own finish without costing what the peer has still to say", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open()
      const { pull } = yield* socket.reader
      yield* peer.write(bytesOf("last words"))
      yield* Effect.scoped(socket.writer)
      yield* Effect.flip(Effect.scoped(Effect.flatMap(socket.writer, (writer) => writer.write("x"))))
      assert.isFalse(link.hasEnded)
      assert.strictEqual(textsOf(yield* pull), "last words")
    })
  )

  it.effect("serves a Channel of bytes, as other sockets do", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open("early ")
      let heard = ""
      const running = yield* Stream.make(bytesOf("out"), bytesOf("wards")).pipe(
        Stream.pipeThroughChannel(Socket.toChannel(socket)),
        Stream.runForEach((chunk) =>
          Effect.sync(() => {
            heard += textOf(chunk)
          })
        ),
        Effect.flip,
        Effect.forkChild
      )
      let told = ""
      while (told !== "outwards") told += textOf(yield* peer.pull)
      assert.strictEqual((yield* Effect.flip(peer.pull)).kind, "eof", "our side is finished with its upstream")
      yield* Fiber.join(running).pipe(
        Effect.map((error) => assert.strictEqual(wordsFor(error), "1000 the peer closed the connection"))
      )
      assert.strictEqual(heard, "early ")
      assert.isTrue(link.hasEnded)
    })
  )

  it.effect("serves a Stream of bytes, which the peer ends", () =>
    Effect.gen(function* () {
      const { link, peer, socket } = yield* open("early ")
      yield* peer.write(bytesOf("late"))
      yield* peer.finish
      let heard = ""
      const end = yield* Socket.toStream(socket).pipe(
        Stream.runForEach((chunk) =>
          Effect.sync(() => {
            heard += textOf(chunk)
          })
        ),
        Effect.flip
      )
      assert.strictEqual(heard, "early late")
      assert.strictEqual(wordsFor(end), "1000 the peer closed the connection")
      assert.deepStrictEqual(yield* link.ended, LinkEnd.ClosedByPeer())
    })
  )
})
