/**
 * What every implementation of the Transport port promises. Run it against each of them.
 *
 * Nothing here waits for time, so an implementation without sockets can be tested on `TestClock`.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import type { Credentials, PlainTransport, SecureTransport, Transport } from "@effect-foolscap/negotiation/Transport"
import type { TransportError } from "@effect-foolscap/negotiation/TransportError"
import { assert, describe, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"

/** A Tub that a transport of the implementation under test can prove. */
export interface Prover {
  readonly tubId: TubId
  readonly credentials: Credentials
}

interface Pair<T> {
  readonly client: T
  readonly server: T
}

/** Bytes that show when one is missing or out of place. */
export const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) % 251)

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** The next `length` bytes, and what came with the last of them. */
const pullAtLeast = Effect.fnUntraced(function* (transport: Transport, length: number) {
  const chunks: Array<Uint8Array> = []
  let missing = length
  while (missing > 0) {
    const chunk = yield* transport.pull
    assert.isAbove(chunk.length, 0)
    chunks.push(chunk)
    missing -= chunk.length
  }
  const all = Buffer.concat(chunks)
  return { bytes: all.subarray(0, length), rest: all.subarray(length) }
})

/** Exactly the next `length` bytes; fails if more come with the last of them. */
export const pullExactly = Effect.fnUntraced(function* (transport: Transport, length: number) {
  const { bytes, rest } = yield* pullAtLeast(transport, length)
  assert.strictEqual(rest.length, 0)
  return bytes
})

/** Everything up to the end, and what the end was. */
export const pullToEnd = Effect.fnUntraced(function* (transport: Transport) {
  const chunks: Array<Uint8Array> = []
  const error: TransportError = yield* Effect.flip(
    Effect.forever(Effect.map(transport.pull, (chunk) => void chunks.push(chunk)))
  )
  return { bytes: Buffer.concat(chunks), error }
})

/** Not `deepStrictEqual`: that takes seconds for megabytes. */
export const assertSame = (actual: Uint8Array, expected: Uint8Array) => {
  assert.strictEqual(actual.length, expected.length)
  assert.strictEqual(Buffer.compare(actual, expected), 0, "the bytes differ")
}

const nothing = new Uint8Array(0)

export const startBoth = (pair: Pair<PlainTransport>, provers: Pair<Prover>) =>
  Effect.all(
    {
      client: pair.client.startTls({ side: "client", credentials: provers.client.credentials, early: nothing }),
      server: pair.server.startTls({ side: "server", credentials: provers.server.credentials, early: nothing })
    },
    { concurrency: "unbounded" }
  )

/** More than all the buffers on the way take as long as nobody pulls. */
export const unread = new Uint8Array(16_000_000)

const startNow = { startImmediately: true } as const

/**
 * Checks an implementation. `makePair` connects two ends that nobody has used yet; `it` is `it.effect` or, for real
 * sockets, `it.live`.
 */
export const transportSuite = (
  name: string,
  options: {
    readonly it: Vitest.Tester<Scope.Scope>
    readonly makePair: Effect.Effect<Pair<PlainTransport>, never, Scope.Scope>
    readonly provers: Effect.Effect<Pair<Prover>>
  }
): void => {
  const { it, makePair } = options
  const makeSecurePair = Effect.gen(function* () {
    return yield* startBoth(yield* makePair, yield* options.provers)
  })

  const eitherPhase = (make: Effect.Effect<Pair<Transport>, TransportError, Scope.Scope>) => {
    it("delivers bytes whole and in order, both ways, however they are cut", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        const bytes = pattern(600_000)
        const sendAll = Effect.fnUntraced(function* (transport: Transport) {
          let sent = 0
          for (const size of [1, 2, 0, 3, 4095, 4096, 4097, 65_535, 65_537, bytes.length]) {
            yield* transport.write(bytes.subarray(sent, sent + size))
            sent += size
          }
        })
        const [, , atServer, atClient] = yield* Effect.all(
          [sendAll(client), sendAll(server), pullExactly(server, bytes.length), pullExactly(client, bytes.length)],
          { concurrency: "unbounded" }
        )
        assertSame(atServer, bytes)
        assertSame(atClient, bytes)
      }))

    it("delivers every byte before the end, and then the end each time it is asked", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        yield* client.write(pattern(100_000))
        const finishing = yield* Effect.forkChild(client.finish)
        const { bytes, error } = yield* pullToEnd(server)
        assertSame(bytes, pattern(100_000))
        assert.strictEqual(error.kind, "eof")
        assert.strictEqual((yield* Effect.flip(server.pull)).kind, "eof")
        yield* Fiber.join(finishing)
      }))

    it("loses no byte when a pull is interrupted before they arrive", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        yield* Fiber.interrupt(yield* Effect.forkChild(server.pull, startNow))
        yield* client.write(bytesOf("hello"))
        assert.strictEqual(textOf(yield* pullExactly(server, 5)), "hello")
      }))

    it("loses no byte when a pull is interrupted while they arrive", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        const received: Array<Uint8Array> = []
        const bytes = pattern(200)
        for (const byte of bytes) {
          const pulling = yield* Effect.forkChild(server.pull, startNow)
          yield* client.write(Uint8Array.of(byte))
          yield* client.flush
          const exit = yield* Effect.andThen(Fiber.interrupt(pulling), Fiber.await(pulling))
          if (Exit.isSuccess(exit)) received.push(exit.value)
        }
        yield* Effect.forkChild(client.finish)
        received.push((yield* pullToEnd(server)).bytes)
        assertSame(Buffer.concat(received), bytes)
      }))

    it("flushes what was written, and what was not", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        yield* client.flush
        yield* client.write(bytesOf("hello"))
        yield* client.flush
        yield* client.flush
        assert.strictEqual(textOf(yield* pullExactly(server, 5)), "hello")
      }))

    it("still delivers what the peer sends after our finish", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        yield* server.write(bytesOf("late"))
        yield* server.flush
        yield* client.finish
        assert.strictEqual((yield* Effect.flip(client.write(bytesOf("more")))).kind, "closed")
        assert.strictEqual(textOf(yield* pullExactly(client, 4)), "late")
        yield* client.finish
      }))

    it("closes when the peer has closed, and neither loses a byte sent before", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        yield* client.write(pattern(100_000))
        const closing = yield* Effect.forkChild(client.close, startNow)
        const { bytes, error } = yield* pullToEnd(server)
        assertSame(bytes, pattern(100_000))
        assert.strictEqual(error.kind, "eof")
        yield* server.close
        yield* Fiber.join(closing)
        yield* client.close
      }))

    it("closes although the peer still sends, and throws that away", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        // As much as the buffers of every kind of socket take: a write that still waits fails when the peer has finished.
        const sending = yield* Effect.forkChild(Effect.andThen(server.write(pattern(100_000)), server.finish), startNow)
        yield* client.close
        assert.strictEqual((yield* Effect.flip(client.pull)).kind, "closed")
        yield* Fiber.join(sending)
      }))

    it("can be interrupted in a close that the peer does not answer, and destroyed then", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        const writing = yield* Effect.forkChild(Effect.exit(client.write(unread)), startNow)
        yield* Fiber.interrupt(yield* Effect.forkChild(client.close, startNow))
        yield* client.destroy
        yield* Fiber.join(writing)
        yield* pullToEnd(server)
      }))

    for (const how of ["close", "destroy"] as const) {
      it(`answers closed to everything after its own ${how}, and finishes, closes and is destroyed again`, () =>
        Effect.gen(function* () {
          const { client, server } = yield* make
          yield* server.write(bytesOf("never pulled"))
          const parked = yield* Effect.forkChild(Effect.flip(Effect.forever(client.pull)), startNow)
          const ending = yield* Effect.forkChild(client[how], startNow)
          assert.strictEqual((yield* Fiber.join(parked)).kind, "closed")
          assert.strictEqual((yield* Effect.flip(client.pull)).kind, "closed")
          assert.strictEqual((yield* Effect.flip(client.write(bytesOf("x")))).kind, "closed")
          yield* server.destroy
          yield* Fiber.join(ending)
          assert.strictEqual((yield* Effect.flip(client.pull)).kind, "closed")
          yield* client.finish
          yield* client.close
          yield* client.destroy
        }))
    }

    it("tells a parked pull when the other side is destroyed", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        const parked = yield* Effect.forkChild(Effect.flip(server.pull), startNow)
        yield* client.destroy
        assert.include(["eof", "reset"], (yield* Fiber.join(parked)).kind)
      }))

    it("can be interrupted in a write that the peer does not take, and destroyed then", () =>
      Effect.gen(function* () {
        const { client, server } = yield* make
        yield* Fiber.interrupt(yield* Effect.forkChild(client.write(unread), startNow))
        yield* Fiber.interrupt(yield* Effect.forkChild(client.flush, startNow))
        yield* Fiber.interrupt(yield* Effect.forkChild(client.finish, startNow))
        yield* client.destroy
        yield* pullToEnd(server)
      }))

    it("is destroyed when its Scope closes, whoever waits for it", () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const { client, server } = yield* Scope.provide(make, scope)
        const waiting = yield* Effect.forkChild(
          Effect.all([Effect.flip(client.pull), Effect.flip(server.pull)], { concurrency: "unbounded" }),
          startNow
        )
        yield* Scope.close(scope, Exit.void)
        // Two ends of one connection: the one that is destroyed later may see the other go.
        for (const error of yield* Fiber.join(waiting)) assert.include(["closed", "eof", "reset"], error.kind)
        yield* Effect.all([client.finish, client.close, client.destroy])
        assert.isTrue(Exit.isFailure(yield* Effect.exit(client.write(bytesOf("x")))))
      }))
  }

  describe(`${name}, before TLS`, () => {
    eitherPhase(makePair)
  })
  describe(`${name}, under TLS`, () => {
    eitherPhase(makeSecurePair)
  })

  describe(`${name}, TLS`, () => {
    const start = (transport: PlainTransport, side: Side, early = nothing) =>
      Effect.flatMap(options.provers, (provers) =>
        transport.startTls({ side, credentials: provers[side].credentials, early })
      )
    const otherOf = (side: Side): Side => (side === "client" ? "server" : "client")
    const sides = ["client", "server"] as const

    it("ends for whoever waits when the peer finishes, but not before all was pulled, and says closed after its own close", () =>
      Effect.gen(function* () {
        const { client, server } = yield* makeSecurePair
        const ending = yield* Effect.forkChild(server.ended, startNow)
        yield* client.write(bytesOf("last words"))
        yield* client.finish
        assert.isUndefined(ending.pollUnsafe())
        yield* pullExactly(server, 10)
        assert.strictEqual((yield* Fiber.join(ending)).kind, "eof")
        yield* server.close
        assert.strictEqual((yield* Effect.flip(server.pull)).kind, "closed")
        assert.strictEqual((yield* Effect.flip(server.write(bytesOf("x")))).kind, "closed")
      }))

    it("proves to each side who the other one is", () =>
      Effect.gen(function* () {
        const provers = yield* options.provers
        const { client, server } = yield* makeSecurePair
        assert.strictEqual(client.proven, provers.server.tubId)
        assert.strictEqual(server.proven, provers.client.tubId)
      }))

    it("begins behind the last plaintext byte", () =>
      Effect.gen(function* () {
        const pair = yield* makePair
        yield* pair.client.write(bytesOf("GET"))
        assert.strictEqual(textOf(yield* pullExactly(pair.server, 3)), "GET")
        yield* pair.server.write(bytesOf("101"))
        assert.strictEqual(textOf(yield* pullExactly(pair.client, 3)), "101")
        const secure: Pair<SecureTransport> = yield* startBoth(pair, yield* options.provers)
        yield* secure.client.write(bytesOf("from the client"))
        yield* secure.server.write(bytesOf("from the server"))
        assert.strictEqual(textOf(yield* pullExactly(secure.server, 15)), "from the client")
        assert.strictEqual(textOf(yield* pullExactly(secure.client, 15)), "from the server")
      }))

    it("begins behind plaintext that is written and has not left yet", () =>
      Effect.gen(function* () {
        const pair = yield* makePair
        yield* Effect.forkChild(pair.client.write(unread), startNow)
        yield* Effect.forkChild(pair.client.write(bytesOf("last")), startNow)
        const starting = yield* Effect.forkChild(start(pair.client, "client"), startNow)
        const { bytes, rest } = yield* pullAtLeast(pair.server, unread.length + 4)
        assert.strictEqual(textOf(bytes.subarray(unread.length)), "last")
        yield* start(pair.server, "server", rest)
        yield* Fiber.join(starting)
      }))

    for (const side of sides) {
      it(`fails on early bytes that are not TLS, given to the ${side}`, () =>
        Effect.gen(function* () {
          const pair = yield* makePair
          yield* pair[otherOf(side)].write(bytesOf("this is not TLS\r\n\r\n"))
          const early = yield* pullExactly(pair[side], 19)
          assert.strictEqual((yield* Effect.flip(start(pair[side], side, early))).kind, "tls")
        }))

      it(`fails on plaintext that the ${side} has not pulled, and never delivers it`, () =>
        Effect.gen(function* () {
          const pair = yield* makePair
          yield* pair[otherOf(side)].write(bytesOf("this is not TLS\r\n\r\n"))
          yield* pair[otherOf(side)].flush
          assert.strictEqual((yield* Effect.flip(start(pair[side], side))).kind, "tls")
        }))

      it(`fails when the peer of a ${side} leaves during the handshake`, () =>
        Effect.gen(function* () {
          const pair = yield* makePair
          const starting = yield* Effect.forkChild(Effect.flip(start(pair[side], side)), startNow)
          yield* pair[otherOf(side)].destroy
          assert.strictEqual((yield* Fiber.join(starting)).kind, "tls")
        }))

      it(`fails when the peer of a ${side} has left before the handshake`, () =>
        Effect.gen(function* () {
          const pair = yield* makePair
          yield* pair[otherOf(side)].destroy
          yield* Effect.flip(pair[side].pull)
          assert.strictEqual((yield* Effect.flip(start(pair[side], side))).kind, "tls")
        }))

      it(`destroys the connection when the handshake of a ${side} is interrupted`, () =>
        Effect.gen(function* () {
          const pair = yield* makePair
          const starting = yield* Effect.forkChild(start(pair[side], side), startNow)
          yield* Fiber.interrupt(starting)
          const { error } = yield* pullToEnd(pair[otherOf(side)])
          assert.include(["eof", "reset"], error.kind)
        }))

      it(`ends the handshake of a ${side} when its plain transport is destroyed`, () =>
        Effect.gen(function* () {
          const pair = yield* makePair
          const starting = yield* Effect.forkChild(Effect.flip(start(pair[side], side)), startNow)
          yield* pair[side].destroy
          assert.include(["closed", "tls"], (yield* Fiber.join(starting)).kind)
        }))
    }
  })
}
