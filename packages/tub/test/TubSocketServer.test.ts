import { AnonymousPeers } from "@effect-foolscap/negotiation/NegotiationService"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as NetAddress from "effect/net/NetAddress"
import * as Queue from "effect/Queue"
import * as References from "effect/References"
import * as SocketServer from "effect/socket/SocketServer"
import { type Address, ListenFailed } from "../src/Endpoint.ts"
import { PeerIdentity } from "../src/PeerIdentity.ts"
import { Tub } from "../src/Tub.ts"
import * as TubSocketServer from "../src/TubSocketServer.ts"
import * as TubSocket from "../src/TubSocket.ts"
import { high, identity, low, middle } from "./Network.ts"
import {
  drain,
  heard,
  heardOver,
  listen,
  nobody,
  program,
  protocol,
  say,
  serve,
  settle,
  socketTo,
  within
} from "./Sockets.ts"

describe("TubSocketServer", () => {
  it.effect("tells each of its handlers who is there", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        for (const self of [low, middle]) {
          yield* (yield* socketTo(network, { self })).reader
          const { peer } = yield* next
          assert.strictEqual(peer.tubId, self.tubId)
          assert.strictEqual(peer.connection.local, high.tubId)
          assert.match(peer.connection.remoteAddress, /^client:/)
        }
      })
    )
  )

  it.effect("closes a link when its handler ends", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next } = yield* serve(network)
        const { pull } = yield* (yield* socketTo(network)).reader
        const { release, socket } = yield* next
        yield* say(socket, "goodbye")
        yield* release
        const { reason, text } = yield* drain(pull)
        assert.strictEqual(text, "goodbye")
        assert.strictEqual(reason._tag, "SocketCloseError")
      })
    )
  )

  it.effect("loses nothing but one link when a handler fails or dies, and says so in the log", () =>
    within((network) =>
      Effect.gen(function* () {
        const messages: Array<unknown> = []
        const logger = Logger.make(({ message }) => void messages.push(message))
        const context = yield* Layer.build(Tub.layer(high))
        const server = yield* Effect.provideContext(
          TubSocketServer.make({ protocol, endpoint: yield* listen(network) }),
          context
        )
        yield* server
          .run(() =>
            Effect.flatMap(PeerIdentity, ({ tubId }) => {
              if (tubId === low.tubId) return Effect.fail("failed")
              if (tubId === middle.tubId) throw new Error("died")
              return Effect.never
            })
          )
          .pipe(
            Effect.provide(Logger.layer([logger])),
            Effect.provideService(References.UnhandledLogLevel, "Error"),
            Effect.forkScoped
          )
        const another = yield* socketTo(network, { self: identity("5b633fkrmh5ljnyzrd43joa4f6gkcpz6") })
        const staying = yield* Effect.forkChild(heard(another))
        for (const self of [low, middle]) {
          assert.strictEqual((yield* heard(yield* socketTo(network, { self }))).reason._tag, "SocketCloseError")
        }
        yield* settle
        assert.isUndefined(staying.pollUnsafe())
        assert.deepStrictEqual(
          messages.map((message) => (Array.isArray(message) ? message[0] : message)),
          ["the handler of a link failed", "the handler of a link failed"]
        )
      })
    )
  )

  for (const [how, admit] of [
    ["a set of Tubs", new Set([low.tubId])],
    ["a function", (peer: string | undefined) => Effect.succeed(peer === low.tubId)]
  ] as const) {
    it.effect(`serves only the peers that it admits (${how}, N31)`, () =>
      within((network) =>
        Effect.gen(function* () {
          const { links } = yield* serve(network, { admit })
          const { reason } = yield* Effect.flip((yield* socketTo(network, { self: middle })).reader)
          assert.include(String(reason._tag === "SocketOpenError" && reason.cause), "is not admitted here")
          yield* (yield* socketTo(network, { self: low })).reader
          assert.strictEqual((yield* Queue.take(links)).peer.tubId, low.tubId)
          assert.strictEqual(yield* Queue.size(links), 0)
        })
      )
    )
  }

  it.effect("says in the log whom it does not admit, and of others who do not get in nothing (N31)", () =>
    within((network) =>
      Effect.gen(function* () {
        const messages: Array<unknown> = []
        const logger = Logger.make(({ message }) => void messages.push(...[message].flat()))
        yield* serve(network, { admit: new Set() }).pipe(Effect.provide(Logger.layer([logger])))
        yield* heardOver(yield* nobody(network, high))
        yield* Effect.flip((yield* socketTo(network, { self: middle })).reader)
        yield* settle
        assert.strictEqual(messages.length, 1)
        assert.include(String(messages[0]), `${middle.tubId} is not admitted here`)
      })
    )
  )

  it.effect("never admits a client that is nobody to a set of Tubs, even where anonymous ones get in (N16, N31)", () =>
    within((network) =>
      Effect.gen(function* () {
        const { links } = yield* serve(network, { admit: new Set([low.tubId]) }).pipe(
          Effect.provideService(AnonymousPeers, "accept")
        )
        const told = yield* heardOver(yield* nobody(network, high))
        assert.include(told, "an anonymous peer is not admitted here")
        assert.strictEqual(yield* Queue.size(links), 0)
      })
    )
  )

  it.effect("frees its port and closes its links when it is interrupted", () =>
    within((network) =>
      Effect.gen(function* () {
        const { next, stop } = yield* serve(network)
        const hearing = yield* Effect.forkChild(Effect.flatMap(socketTo(network), heard))
        yield* next
        yield* stop
        assert.strictEqual((yield* Fiber.join(hearing)).reason._tag, "SocketCloseError")
        yield* serve(network)
      })
    )
  )

  it.effect("runs once, and says so to whoever runs it again", () =>
    within((network) =>
      Effect.gen(function* () {
        const context = yield* Layer.build(Tub.layer(high))
        const server = yield* Effect.provideContext(
          TubSocketServer.make({ protocol, endpoint: yield* listen(network) }),
          context
        )
        const running = yield* Effect.forkChild(server.run(() => Effect.never))
        yield* settle
        const atOnce = yield* Effect.flip(server.run(() => Effect.never))
        assert.include(String(atOnce.reason.cause), "the server at server:4711 has been run before")
        yield* Fiber.interrupt(running)
        assert.strictEqual((yield* Effect.flip(server.run(() => Effect.never)))._tag, "SocketServerError")
      })
    )
  )

  it.effect("has clients that connect before it runs wait for it", () =>
    within((network) =>
      Effect.gen(function* () {
        const context = yield* Layer.build(Tub.layer(high))
        const server = yield* Effect.provideContext(
          TubSocketServer.make({ protocol, endpoint: yield* listen(network) }),
          context
        )
        const reading = yield* Effect.forkChild(Effect.flatMap(socketTo(network), (socket) => socket.reader))
        yield* settle
        assert.isUndefined(reading.pollUnsafe())
        yield* Effect.forkScoped(server.run(() => Effect.never))
        yield* Fiber.join(reading)
      })
    )
  )

  it.effect("serves the Tub that it is itself, without a connection", () =>
    within((network) =>
      Effect.gen(function* () {
        const socket = yield* TubSocket.make({ tubId: high.tubId, hints: [] }, { protocol })
        const endpoint = yield* listen(network)
        const server = yield* TubSocketServer.make({ protocol, endpoint })
        yield* Effect.forkScoped(
          server.run((far) =>
            Effect.gen(function* () {
              const { connection, tubId } = yield* PeerIdentity
              yield* say(far, `${connection.remoteAddress} ${tubId}`)
            }).pipe(Effect.scoped)
          )
        )
        yield* settle
        assert.strictEqual((yield* heard(socket)).text, `loopback ${high.tubId}`)
      }).pipe(Effect.provide(program(network, high)))
    )
  )
})

describe("TubSocketServer.layer", () => {
  it.effect("fails with what the Endpoint said where it cannot listen", () =>
    within((network) =>
      Effect.gen(function* () {
        yield* listen(network)
        const server = TubSocketServer.layer({ protocol, listen: listen(network) }).pipe(Layer.provide(Tub.layer(high)))
        const { reason } = yield* Effect.flip(Layer.build(server))
        assert.strictEqual(reason._tag, "SocketServerOpenError")
        assert.instanceOf(reason.cause, ListenFailed)
      })
    )
  )

  it.effect("frees its port when it is no longer needed", () =>
    within((network) =>
      Effect.gen(function* () {
        const server = TubSocketServer.layer({ protocol, listen: listen(network) }).pipe(Layer.provide(Tub.layer(high)))
        yield* Effect.scoped(Layer.build(server))
        const { address } = Context.get(yield* Layer.build(server), SocketServer.SocketServer)
        assert.strictEqual(NetAddress.isInetAddressV6(address) && address.port, 4711)
      })
    )
  )
})

describe("The address of a TubSocketServer", () => {
  const addressOf = Effect.fnUntraced(function* (address: Address) {
    const endpoint = { address, run: () => Effect.never, stop: Effect.void }
    const server = yield* Effect.provide(TubSocketServer.make({ protocol, endpoint }), Tub.layer(high))
    return NetAddress.formatSocketAddress(server.address)
  })

  for (const [address, expected] of [
    [{ host: "127.0.0.1", port: 4711 }, "127.0.0.1:4711"],
    [{ host: "::1", port: 4711 }, "[::1]:4711"],
    [{ host: "fe80::1%3", port: 4711 }, "[fe80::1%3]:4711"],
    [{ host: "fe80::1%eth0", port: 4711 }, "[fe80::1]:4711"],
    [{ host: "localhost", port: 4711 }, "[::]:4711"],
    [{ host: "", port: 0 }, "[::]:0"],
    [{ path: "/run/tub.sock" }, "/run/tub.sock"]
  ] as const) {
    it.effect(`is ${expected} where its Endpoint is at ${JSON.stringify(address)}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(yield* addressOf(address), expected)
      })
    )
  }
})
