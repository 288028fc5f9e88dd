import { Integer, Text, TupleOf } from "@effect-foolscap/banana/ConstraintSchema"
import { Tuple } from "@effect-foolscap/banana/value/Tuple"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as MemoryTransport from "@effect-foolscap/negotiation/testing/MemoryTransport"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Socket from "effect/socket/Socket"
import { decision, hello, play, underTls } from "../../negotiation/test/Peer.ts"
import { high, low, side } from "../../negotiation/test/Sides.ts"
import * as BananaLink from "../src/BananaLink.ts"
import { window } from "../src/Inbox.ts"
import { maxPongs } from "../src/Outbox.ts"
import { both, facing, gate, int, negotiate, raw, settle, type Through } from "./Ends.ts"

const delivered = (value: number | Uint8Array) => ({ _tag: "Delivered", value }) as const

/** Counts what is taken from the network. */
const meter = () => {
  let bytes = 0
  const through: Through = (transport) => ({
    ...transport,
    pull: Effect.tap(transport.pull, (chunk) => Effect.sync(() => void (bytes += chunk.length)))
  })
  return { through, bytes: () => bytes }
}

/** Each sends the other 3 MB, and receives as much. */
const exchange = (...links: ReadonlyArray<BananaLink.BananaLink>) =>
  Effect.forEach(
    links.flatMap(({ receive, send }) => [send(new Uint8Array(1000)), receive]),
    Effect.repeat({ times: 2999 }),
    { concurrency: "unbounded", discard: true }
  )

/** A STRING of 1000 bytes, the most that a decoder takes by default. */
const piece = [0x68, 0x07, 0x82, ...new Uint8Array(1000)]

describe("receive", () => {
  it.effect("yields first what came early, with the end of the negotiation", () =>
    Effect.gen(function* () {
      const pair = yield* MemoryTransport.makePair()
      const secret = `${hello(high)}${decision()}\u0001\u0081\u0002`
      yield* Effect.forkChild(play(pair.client, "client", underTls("server", low, high.credentials, secret)))
      const connection = yield* (yield* side(low)).accept(pair.server)
      const { receive } = yield* BananaLink.make(connection)
      assert.deepStrictEqual(yield* receive, delivered(1))
    })
  )

  it.effect("decodes with the vocabulary that was negotiated", () =>
    Effect.gen(function* () {
      const spelt = [0x04, 0x82, ...Buffer.from("none")]
      for (const [vocabulary, word] of [
        [0, spelt],
        [1, [0x00, 0x87]]
      ] as const) {
        const { link, peer } = yield* facing({ vocabulary })
        yield* peer.say(0x00, 0x88, ...word, 0x00, 0x89)
        assert.deepStrictEqual(yield* link.receive, { _tag: "Delivered", value: null })
        yield* link.send(null)
        yield* settle
        assert.deepStrictEqual(peer.heard(), [0x00, 0x88, ...word, 0x00, 0x89])
      }
    })
  )

  it.effect("yields what a Schema makes of them, and the Violation of what does not fit (B16)", () =>
    Effect.gen(function* () {
      const { client, server } = yield* negotiate()
      const theirs = yield* BananaLink.make(client)
      const ours = yield* BananaLink.make(server, { schema: TupleOf([Text({ maxLength: 3 }), Integer()]) })
      yield* theirs.send(Tuple.of("four", 1))
      yield* theirs.send(Tuple.of("one", 2))
      const refused = yield* ours.receive
      assert.strictEqual(refused._tag, "Violated")
      assert.deepStrictEqual(yield* ours.receive, { _tag: "Delivered", value: ["one", 2] })
    })
  )

  it.effect("yields objects, and the Violations of those that were dropped, in their order", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* facing()
      const unknown = [0x00, 0x88, 0x03, 0x82, ...Buffer.from("foo"), ...int(9), 0x00, 0x89]
      yield* peer.say(...int(1), ...unknown, ...int(2))
      assert.deepStrictEqual(yield* link.receive, delivered(1))
      assert.strictEqual((yield* link.receive)._tag, "Violated")
      assert.deepStrictEqual(yield* link.receive, delivered(2))
    })
  )

  it.effect("loses nothing when it is interrupted", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* facing()
      const impatient = yield* Effect.forkChild(link.receive, { startImmediately: true })
      yield* peer.say(...int(1), ...int(2))
      yield* Fiber.interrupt(impatient)
      yield* settle
      assert.deepStrictEqual(yield* link.receive, delivered(1))
      assert.deepStrictEqual(yield* link.receive, delivered(2))
    })
  )

  it.effect("leaves the peer's bytes in the network while nobody receives: all but 64 KiB and a piece", () =>
    Effect.gen(function* () {
      const { bytes, through } = meter()
      const { link, peer } = yield* facing({ client: through })
      for (let round = 1; round <= 3; round++) {
        const before = bytes()
        for (let said = 0; said < 200; said++) yield* peer.say(...piece)
        yield* settle
        assert.strictEqual(bytes() - before, Math.ceil(window / piece.length) * piece.length)
        for (let received = 0; received < 200; received++) assert.strictEqual((yield* link.receive)._tag, "Delivered")
        assert.strictEqual(bytes() - before, 200 * piece.length)
      }
    })
  )

  it.effect("counts a large object whole, however small its last piece is", () =>
    Effect.gen(function* () {
      const { bytes, through } = meter()
      const { client, server } = yield* negotiate({ client: through })
      const link = yield* BananaLink.make(client, { limits: { body: window } })
      const peer = yield* raw(server)
      yield* peer.say(0x00, 0x00, 0x04, 0x82)
      yield* peer.say(...new Uint8Array(window - 1))
      yield* peer.say(0)
      yield* settle
      const before = bytes()
      for (let said = 0; said < 3; said++) yield* Effect.andThen(peer.say(...int(1)), settle)
      assert.strictEqual(bytes(), before)
      assert.deepStrictEqual(yield* link.receive, delivered(new Uint8Array(window)))
      assert.deepStrictEqual(yield* link.receive, delivered(1))
    })
  )
})

describe("A PING", () => {
  it.effect("is answered at once with a PONG of its number, although nobody receives, and amid an object", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* facing()
      yield* peer.say(...int(1), 0x00, 0x88, 0x8e)
      yield* settle
      assert.deepStrictEqual(peer.heard(), [0x8f])
      yield* peer.say(5, 0x8e, 0x04, 0x87, 0x01, 0x02, 0x8e, 0x00, 0x89)
      yield* settle
      assert.deepStrictEqual(peer.heard(), [0x8f, 5, 0x8f, 1, 2, 0x8f])
      assert.deepStrictEqual(yield* link.receive, delivered(1))
      assert.deepStrictEqual(yield* link.receive, { _tag: "Delivered", value: [] })
    })
  )

  for (const version of [1, 2]) {
    it.effect(`is answered in version ${version}, too, which has none`, () =>
      Effect.gen(function* () {
        const { peer } = yield* facing({ version })
        yield* peer.say(5, 0x8e)
        yield* settle
        assert.deepStrictEqual(peer.heard(), [5, 0x8f])
      })
    )
  }

  it.effect("is answered along with others in one write", () =>
    Effect.gen(function* () {
      const { forget, through, writes } = gate()
      const { peer } = yield* facing({ client: through })
      forget()
      yield* peer.say(0x8e, 0x8e, 0x8e)
      yield* settle
      assert.deepStrictEqual(
        writes.map((write) => [...write]),
        [[0x8f, 0x8f, 0x8f]]
      )
    })
  )

  it.effect("of a peer that sends many and reads none costs no memory, and nothing behind it is held up", () =>
    Effect.gen(function* () {
      const { forget, latch, through, writes } = gate()
      const { link, peer } = yield* facing({ client: through })
      latch.closeUnsafe()
      forget()
      for (let said = 0; said < 100; said++) yield* Effect.andThen(peer.say(...Array<number>(1000).fill(0x8e)), settle)
      yield* peer.say(...int(1))
      assert.deepStrictEqual(yield* link.receive, delivered(1))
      latch.openUnsafe()
      yield* settle
      // One write was under way.
      assert.deepStrictEqual(
        writes.map(({ length }) => length),
        [1000, maxPongs]
      )
    })
  )

  it.effect("after such a flood is answered again", () =>
    Effect.gen(function* () {
      const { latch, through } = gate()
      const { peer } = yield* facing({ client: through })
      latch.closeUnsafe()
      for (let said = 0; said < 5; said++) yield* Effect.andThen(peer.say(...Array<number>(1000).fill(0x8e)), settle)
      latch.openUnsafe()
      yield* settle
      yield* peer.say(7, 0x8e)
      yield* settle
      assert.deepStrictEqual(peer.heard().slice(-2), [7, 0x8f])
    })
  )
})

describe("A PONG", () => {
  it.effect("is nothing to receive, and is not answered", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* facing()
      yield* peer.say(0x8f, 5, 0x8f, ...int(1))
      assert.deepStrictEqual(yield* link.receive, delivered(1))
      assert.deepStrictEqual(peer.heard(), [])
    })
  )
})

describe("Two peers that send much to each other at once", () => {
  for (const window of [1, 1000, 65_536]) {
    it.effect(`do not wait for each other, over a network that holds ${window} bytes`, () =>
      Effect.gen(function* () {
        const { far, near } = yield* both({ window })
        yield* exchange(near, far)
      })
    )
  }

  it.effect("do not wait for each other when they ask for many signs of life, either", () =>
    Effect.gen(function* () {
      const pings = new Uint8Array(2000).fill(0x8e)
      const flooding = (connection: NegotiatedConnection): NegotiatedConnection => {
        let floods = 100
        const writer = Effect.map(connection.socket.writer, ({ write, writeAll }) => ({
          write,
          writeAll: (chunks: Parameters<typeof writeAll>[0]) => writeAll(floods-- > 0 ? [...chunks, pings] : chunks)
        }))
        return { ...connection, socket: Socket.make({ reader: connection.socket.reader, writer }) }
      }
      const { client, server } = yield* negotiate({ window: 1000 })
      yield* exchange(yield* BananaLink.make(flooding(client)), yield* BananaLink.make(flooding(server)))
    })
  )
})
