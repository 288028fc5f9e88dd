import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { LinkEnd } from "../src/Link.ts"
import { LocalTubs } from "../src/LocalTubs.ts"
import * as LoopbackTransport from "../src/LoopbackTransport.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { Credentials, Transport } from "../src/Transport.ts"
import { attempt } from "./Both.ts"
import { bytesOf, textOf } from "./Noise.ts"
import { high, low, settled, side } from "./Sides.ts"

const { window } = LoopbackTransport
const pair = LoopbackTransport.makePair(low.tubId)

const startNow = { startImmediately: true } as const
const forkNow = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkChild(effect, startNow)
const kindOf = (transport: Transport) => Effect.map(Effect.flip(transport.pull), ({ kind }) => kind)

/** Everything up to the end. */
const pullToEnd = Effect.fnUntraced(function* ({ pull }: Transport) {
  const chunks: Array<Uint8Array> = []
  const error = yield* Effect.flip(Effect.forever(Effect.map(pull, (chunk) => void chunks.push(chunk))))
  assert.strictEqual(error.kind, "eof")
  return Buffer.concat(chunks)
})

describe("LoopbackTransport", () => {
  for (const [from, to] of [
    ["client", "server"],
    ["server", "client"]
  ] as const) {
    it.effect(`makes the ${from} wait once 64 KiB lie unread, for as long as that takes, and not the ${to}`, () =>
      Effect.gen(function* () {
        assert.strictEqual(window, 65_536)
        const ends = yield* pair
        yield* ends[from].write(new Uint8Array(window - 1))
        yield* ends[from].write(new Uint8Array(1))
        const waiting = yield* forkNow(ends[from].write(new Uint8Array(1)))
        yield* ends[to].write(bytesOf("answer"))
        yield* TestClock.adjust("1 day")
        assert.isUndefined(waiting.pollUnsafe())
        yield* ends[to].pull
        yield* Fiber.join(waiting)
        assert.strictEqual(textOf(yield* ends[from].pull), "answer")
      })
    )
  }
})

describe("LoopbackTransport, its end", () => {
  /** A client whose 64 KiB nobody has read, and whose next write waits. */
  const full = Effect.gen(function* () {
    const ends = yield* pair
    yield* ends.client.write(new Uint8Array(window))
    return { ...ends, writing: yield* forkNow(Effect.result(ends.client.write(bytesOf("waits")))) }
  })

  it.effect("comes behind the writes that wait, when their side finishes", () =>
    Effect.gen(function* () {
      const { client, server, writing } = yield* full
      const finishing = yield* forkNow(client.finish)
      assert.strictEqual((yield* Effect.flip(client.write(bytesOf("late")))).kind, "closed")
      assert.isUndefined(finishing.pollUnsafe())
      const ending = yield* forkNow(server.ended)
      yield* server.pull
      assert.isUndefined(ending.pollUnsafe())
      yield* Fiber.join(finishing)
      assert.strictEqual((yield* Fiber.join(writing))._tag, "Success")
      assert.strictEqual(textOf(yield* server.pull), "waits")
      assert.strictEqual((yield* Fiber.join(ending)).kind, "eof")
    })
  )

  it.effect("is answered as by a socket: who has read the peer's end can write no more", () =>
    Effect.gen(function* () {
      const { client, server } = yield* pair
      yield* client.write(bytesOf("last words"))
      yield* client.finish
      yield* server.write(bytesOf("answer"))
      yield* server.pull
      assert.strictEqual((yield* Effect.flip(server.write(bytesOf("late")))).kind, "closed")
      assert.strictEqual(textOf(yield* pullToEnd(client)), "answer")
    })
  )

  for (const how of ["close", "destroy"] as const) {
    it.effect(`fails the writes that wait, on the side of the ${how}, and the peer reads what was taken`, () =>
      Effect.gen(function* () {
        const { client, server, writing } = yield* full
        const ending = yield* forkNow(client.ended)
        const [flushing, finishing] = [yield* forkNow(Effect.flip(client.flush)), yield* forkNow(client.finish)]
        yield* client[how]
        const result = yield* Fiber.join(writing)
        assert.strictEqual(result._tag === "Failure" && result.failure.kind, "closed")
        assert.strictEqual((yield* Fiber.join(flushing)).kind, "closed")
        yield* Fiber.join(finishing)
        assert.strictEqual((yield* Fiber.join(ending)).kind, "closed")
        assert.strictEqual((yield* pullToEnd(server)).length, window)
        yield* client[how]
      })
    )

    it.effect(`is \`closed\` for whoever waits on the side of the ${how}, and \`eof\` on the other`, () =>
      Effect.gen(function* () {
        const { client, server } = yield* pair
        const waiting = yield* forkNow(
          Effect.all([kindOf(client), client.ended, kindOf(server), server.ended], { concurrency: "unbounded" })
        )
        yield* client[how]
        const [pulled, ended, pulledThere, endedThere] = yield* Fiber.join(waiting)
        assert.deepStrictEqual([pulled, ended.kind, pulledThere, endedThere.kind], ["closed", "closed", "eof", "eof"])
      })
    )

    it.effect(`lets the writes of the other side vanish, until that has read the end (${how})`, () =>
      Effect.gen(function* () {
        const { client, server, writing } = yield* full
        yield* server.write(bytesOf("goodbye"))
        yield* server[how]
        assert.strictEqual((yield* Fiber.join(writing))._tag, "Success")
        yield* client.write(new Uint8Array(2 * window))
        yield* client.write(new Uint8Array(2 * window))
        assert.strictEqual(textOf(yield* pullToEnd(client)), "goodbye")
        assert.strictEqual((yield* Effect.flip(client.write(bytesOf("x")))).kind, "closed")
        yield* client.finish
      })
    )
  }

  it.effect("is `closed` for whoever waits at either side when the Scope closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { client, server, writing } = yield* Scope.provide(full, scope)
      // Only the server has something to read. The client waits for it.
      const parked = yield* forkNow(kindOf(client))
      const endings = yield* forkNow(Effect.all([client.ended, server.ended], { concurrency: "unbounded" }))
      yield* Scope.close(scope, Exit.void)
      const result = yield* Fiber.join(writing)
      assert.strictEqual(result._tag === "Failure" && result.failure.kind, "closed")
      assert.strictEqual(yield* Fiber.join(parked), "closed")
      assert.deepStrictEqual(
        (yield* Fiber.join(endings)).map(({ kind }) => kind),
        ["closed", "closed"]
      )
      for (const end of [client, server]) {
        assert.strictEqual(yield* kindOf(end), "closed")
        assert.strictEqual((yield* Effect.flip(end.write(bytesOf("x")))).kind, "closed")
      }
    })
  )
})

describe("LoopbackTransport, TLS", () => {
  const start = (
    { client, server }: Effect.Success<typeof pair>,
    credentials: { readonly client: Credentials; readonly server: Credentials },
    early = ""
  ) =>
    Effect.all(
      [
        Effect.result(client.startTls({ side: "client", credentials: credentials.client, early: bytesOf("") })),
        Effect.result(server.startTls({ side: "server", credentials: credentials.server, early: bytesOf(early) }))
      ],
      { concurrency: "unbounded" }
    )
  const own = { client: low.credentials, server: low.credentials }

  it.effect("proves the pair's own Tub at both ends, whatever credentials are given", () =>
    Effect.gen(function* () {
      for (const credentials of [own, { client: high.credentials, server: MemoryTransport.anonymous }]) {
        for (const result of yield* start(yield* pair, credentials)) {
          assert.strictEqual(result._tag === "Success" && result.success.proven, low.tubId)
          assert.strictEqual(result._tag === "Success" && result.success.remoteAddress, "loopback")
        }
      }
    })
  )

  it.effect("is over for both ends when one is destroyed meanwhile: `closed` there, `tls` at the other", () =>
    Effect.gen(function* () {
      const ends = yield* pair
      const starting = yield* forkNow(
        Effect.flip(ends.client.startTls({ side: "client", credentials: low.credentials, early: bytesOf("") }))
      )
      yield* ends.client.destroy
      assert.strictEqual((yield* Fiber.join(starting)).kind, "closed")
      const server = ends.server.startTls({ side: "server", credentials: low.credentials, early: bytesOf("") })
      assert.strictEqual((yield* Effect.flip(server)).kind, "tls")
    })
  )

  it.effect("begins at neither end when one was given early bytes, and says why (N10)", () =>
    Effect.gen(function* () {
      const [client, server] = yield* start(yield* pair, own, "Hello?")
      assert.strictEqual(
        client._tag === "Failure" && client.failure.message,
        "TLS failed (the peer closed the connection during the handshake)"
      )
      assert.strictEqual(
        server._tag === "Failure" && server.failure.message,
        "TLS failed (the peer sent plaintext where TLS should begin)"
      )
    })
  )
})

describe("A Tub that dials itself, without a socket", () => {
  const connect = Effect.gen(function* () {
    const self = yield* side(low)
    const { client, server } = yield* pair
    return { self, ...(yield* Effect.all(yield* attempt(self, self, { client: () => client, server: () => server }))) }
  })

  it.effect("negotiates as with any peer: the server decides, and both ends agree (N17)", () =>
    Effect.gen(function* () {
      const { client, server } = yield* connect
      assert.deepStrictEqual([client.role, server.role], ["NonMaster", "Master"])
      assert.deepStrictEqual([client.peer, server.peer], [low.tubId, low.tubId])
      assert.deepStrictEqual([client.remoteAddress, server.remoteAddress], ["loopback", "loopback"])
      assert.deepStrictEqual([client.parameters, server.parameters], [settled(3, 1), settled(3, 1)])
      assert.deepStrictEqual([client.seqnum, server.seqnum], [1, 1])
    })
  )

  it.effect("talks to itself, more than lies unread at a time, and closes", () =>
    Effect.gen(function* () {
      const { client, server } = yield* connect
      const length = 1_000_000
      const write = Effect.scoped(
        Effect.flatMap(client.socket.writer, (writer) =>
          Effect.forEach(Array.from({ length: 100 }), () => writer.write(new Uint8Array(length / 100)), {
            discard: true
          })
        )
      )
      yield* Effect.forkChild(write)
      const { pull } = yield* server.socket.reader
      let heard = 0
      while (heard < length) for (const chunk of yield* pull) heard += chunk.length
      assert.strictEqual(heard, length)
      assert.deepStrictEqual(yield* Effect.andThen(Effect.ignore(pull), server.ended), LinkEnd.ClosedByPeer())
      yield* server.close
      assert.deepStrictEqual(yield* client.ended, LinkEnd.ClosedByPeer())
    })
  )

  it.effect("cannot pass for another Tub of the same process: both ends prove the one that the pair is for (N16)", () =>
    Effect.gen(function* () {
      const self = yield* side(low, { tubs: LocalTubs.layer({ here: [low, high] }) })
      const { client, server } = yield* pair
      yield* Effect.forkChild(Effect.exit(self.accept(server)))
      const error = yield* Effect.flip(self.dial(client, { wanted: high.tubId, host: "loopback" }))
      assert.strictEqual(error._tag === "NegotiationError" && error.reason._tag, "TubIdMismatch")
    })
  )
})
