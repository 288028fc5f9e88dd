import type { TransportError } from "@effect-foolscap/negotiation/TransportError"
import type { Endpoint } from "@effect-foolscap/tub/Endpoint"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { isIPv6, type Socket } from "node:net"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeTransport from "../src/NodeTransport.ts"
import { foolscapIdentity } from "./Fixtures.ts"
import { handles } from "./Loopback.ts"
import { bytesOf, pullExactly } from "./TransportSuite.ts"

const loopback = { host: "127.0.0.1", port: 0 }
const nothing = new Uint8Array(0)

const dial = (endpoint: Endpoint) => NodeTransport.connect(endpoint.address)

describe("NodeEndpoint.listen", () => {
  it.live("says which port it got when asked for any", () =>
    Effect.gen(function* () {
      const { address } = yield* NodeEndpoint.listen(loopback)
      assert.strictEqual(address.host, "127.0.0.1")
      assert.isAbove(address.port, 0)
    })
  )

  it.live("takes a name, and says the address behind it", () =>
    Effect.gen(function* () {
      const { address } = yield* NodeEndpoint.listen({ host: "localhost", port: 0 })
      assert.isTrue(address.host === "127.0.0.1" || isIPv6(address.host))
    })
  )

  it.live("fails when the port is in use, and says which", () =>
    Effect.gen(function* () {
      const { address } = yield* NodeEndpoint.listen(loopback)
      const error = yield* Effect.flip(NodeEndpoint.listen(address))
      assert.strictEqual(error._tag, "ListenFailed")
      assert.strictEqual(error.address, `127.0.0.1:${address.port}`)
      assert.include(error.message, "EADDRINUSE")
    })
  )

  for (const asked of [
    { host: "127.0.0.1", port: 70_000 },
    { host: "192.0.2.1", port: 0 },
    { host: "nothing.invalid", port: 0 }
  ]) {
    it.live(`fails for ${asked.host}:${asked.port}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(NodeEndpoint.listen(asked))
        assert.strictEqual(error.address, `${asked.host}:${asked.port}`)
        assert.match(error.message, /70000|EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN/)
      })
    )
  }

  it.live("frees the port and every handle when its Scope closes", () =>
    Effect.gen(function* () {
      const before = yield* handles
      const address = yield* Effect.scoped(
        Effect.gen(function* () {
          const endpoint = yield* NodeEndpoint.listen(loopback)
          yield* dial(endpoint)
          return endpoint.address
        })
      )
      assert.deepStrictEqual(yield* handles, before)
      yield* NodeEndpoint.listen(address)
    })
  )

  it.live("destroys connections that nobody serves when its Scope closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const client = yield* dial(yield* Scope.provide(NodeEndpoint.listen(loopback), scope))
      yield* Scope.close(scope, Exit.void)
      assert.include(["eof", "reset"], (yield* Effect.flip(client.pull)).kind)
    })
  )
})

describe("NodeEndpoint, stop", () => {
  it.live("frees the port, and keeps the connections and what serves them", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const endpoint = yield* Scope.provide(NodeEndpoint.listen(loopback), scope)
      const client = yield* dial(endpoint)
      yield* Effect.forkChild(
        endpoint.run((transport) => Effect.ignore(Effect.forever(Effect.flatMap(transport.pull, transport.write))))
      )
      yield* client.write(bytesOf("echo"))
      yield* pullExactly(client, 4)

      yield* endpoint.stop
      yield* endpoint.stop
      assert.include((yield* Effect.flip(dial(endpoint))).message, "ECONNREFUSED")
      const successor = yield* NodeEndpoint.listen(endpoint.address)
      yield* client.write(bytesOf("echo"))
      yield* pullExactly(client, 4)

      yield* Scope.close(scope, Exit.void)
      assert.include(["eof", "reset"], (yield* Effect.flip(client.pull)).kind)
      yield* dial(successor)
    })
  )

  it.live("serves who arrived before it, even if they are served after it", () =>
    Effect.gen(function* () {
      const endpoint = yield* NodeEndpoint.listen(loopback)
      const client = yield* dial(endpoint)
      const arrived = yield* Deferred.make<void>()
      const running = yield* Effect.forkChild(
        endpoint.run((transport) =>
          Effect.andThen(Deferred.succeed(arrived, undefined), Effect.orDie(transport.write(bytesOf("late"))))
        )
      )
      yield* Deferred.await(arrived)
      yield* endpoint.stop
      assert.strictEqual(Buffer.from(yield* pullExactly(client, 4)).toString(), "late")
      assert.isUndefined(running.pollUnsafe())
    })
  )
})

describe("NodeEndpoint, run", () => {
  it.live("serves a connection that arrived before it", () =>
    Effect.gen(function* () {
      const endpoint = yield* NodeEndpoint.listen(loopback)
      const client = yield* dial(endpoint)
      yield* client.write(bytesOf("early"))
      yield* client.flush
      const received = yield* Deferred.make<Uint8Array, TransportError>()
      yield* Effect.forkChild(
        endpoint.run((transport) => Effect.orDie(Deferred.into(pullExactly(transport, 5), received)))
      )
      assert.strictEqual(Buffer.from(yield* Deferred.await(received)).toString(), "early")
    })
  )

  it.live("survives a connection that broke before it, and tells its handler", () =>
    Effect.gen(function* () {
      const endpoint = yield* NodeEndpoint.listen(loopback)
      const accepted = Effect.callback<Socket>((resume) => {
        const onSocket = (message: unknown) => {
          const { socket } = message as { readonly socket: Socket } // what Node documents for this channel
          if (socket.localPort === endpoint.address.port) resume(Effect.succeed(socket))
        }
        subscribe("net.server.socket", onSocket)
        return Effect.sync(() => void unsubscribe("net.server.socket", onSocket))
      })
      const [socket] = yield* Effect.all([accepted, dial(endpoint)], { concurrency: "unbounded" })
      // As Node would report it: without a listener this throws.
      socket.emit("error", new Error("read ECONNRESET"))
      const ended = yield* Deferred.make<string>()
      yield* Effect.forkChild(
        endpoint.run((transport) =>
          Effect.flip(transport.pull).pipe(
            Effect.flatMap(({ kind }) => Deferred.succeed(ended, kind)),
            Effect.orDie,
            Effect.asVoid
          )
        )
      )
      assert.strictEqual(yield* Deferred.await(ended), "reset")
    })
  )

  it.live("gives every connection a fiber of its own", () =>
    Effect.gen(function* () {
      const endpoint = yield* NodeEndpoint.listen(loopback)
      const arrived = yield* Queue.unbounded<string>()
      yield* Effect.forkChild(
        endpoint.run((transport) => Effect.andThen(Queue.offer(arrived, transport.remoteAddress), Effect.never))
      )
      const all = Array.from({ length: 64 })
      yield* Effect.forEach(all, () => dial(endpoint), { concurrency: "unbounded" })
      const addresses = yield* Effect.forEach(all, () => Queue.take(arrived))
      assert.strictEqual(new Set(addresses).size, all.length)
    })
  )

  it.live("destroys a connection when its handler ends", () =>
    Effect.gen(function* () {
      const endpoint = yield* NodeEndpoint.listen(loopback)
      yield* Effect.forkChild(endpoint.run(() => Effect.void))
      const client = yield* dial(endpoint)
      assert.include(["eof", "reset"], (yield* Effect.flip(client.pull)).kind)
    })
  )

  it.live("logs the defect of a handler, destroys its connection, and serves the others", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ cause, logLevel, message }) => void logged.push([logLevel, message, String(cause)]))
      const endpoint = yield* NodeEndpoint.listen(loopback)
      const running = yield* Effect.forkChild(
        endpoint
          .run((transport) =>
            Effect.gen(function* () {
              const request = yield* Effect.orDie(pullExactly(transport, 4))
              if (request.toString() === "die!") throw new Error("a defect of this test")
              yield* Effect.orDie(transport.write(request))
              yield* transport.close
            })
          )
          .pipe(Effect.provide(Logger.layer([logger])))
      )
      const peaceful = yield* dial(endpoint)
      const deadly = yield* dial(endpoint)
      yield* deadly.write(bytesOf("die!"))
      assert.include(["eof", "reset"], (yield* Effect.flip(deadly.pull)).kind)
      yield* peaceful.write(bytesOf("echo"))
      yield* pullExactly(peaceful, 4)
      yield* pullExactly(yield* Effect.tap(dial(endpoint), (later) => later.write(bytesOf("echo"))), 4)
      assert.isUndefined(running.pollUnsafe())
      assert.strictEqual(logged.length, 1)
      assert.match(String(logged[0]), /^Error,the handler of a connection died,.*a defect of this test/s)
    })
  )

  it.live("interrupts every handler and destroys every connection when it is interrupted, and can be run again", () =>
    Effect.gen(function* () {
      const endpoint = yield* NodeEndpoint.listen(loopback)
      const arrived = yield* Queue.unbounded<void>()
      const interrupted: Array<string> = []
      const running = yield* Effect.forkChild(
        endpoint.run((transport) =>
          Effect.andThen(Queue.offer(arrived, undefined), Effect.never).pipe(
            Effect.onInterrupt(() => Effect.sync(() => interrupted.push(transport.remoteAddress)))
          )
        )
      )
      const clients = yield* Effect.all([dial(endpoint), dial(endpoint)])
      yield* Effect.all([Queue.take(arrived), Queue.take(arrived)])
      yield* Fiber.interrupt(running)
      assert.strictEqual(interrupted.length, 2)
      for (const client of clients) assert.include(["eof", "reset"], (yield* Effect.flip(client.pull)).kind)

      yield* Effect.forkChild(endpoint.run((transport) => Effect.orDie(transport.flush)))
      const later = yield* dial(endpoint)
      assert.include(["eof", "reset"], (yield* Effect.flip(later.pull)).kind)
    })
  )

  it.live("is interrupted, with its handlers, when the endpoint closes, also in the middle of TLS", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const endpoint = yield* Scope.provide(NodeEndpoint.listen(loopback), scope)
      const identity = foolscapIdentity(0)
      const ended: Array<string> = []
      const running = yield* Effect.forkChild(
        endpoint.run((transport) =>
          transport.startTls({ side: "server", credentials: identity, early: nothing }).pipe(
            Effect.flatMap(({ pull }) => pull),
            Effect.ignore,
            Effect.onExit((exit) => Effect.sync(() => ended.push(exit._tag)))
          )
        )
      )
      const client = yield* dial(endpoint)
      const secure = yield* client.startTls({ side: "client", credentials: foolscapIdentity(1), early: nothing })
      yield* Scope.close(scope, Exit.void)
      assert.include(["eof", "reset"], (yield* Effect.flip(secure.pull)).kind)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(running)))
      assert.strictEqual(ended.length, 1)
    })
  )
})
