import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { BlockChannel } from "../src/BlockChannel.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { Transport } from "../src/Transport.ts"
import { TransportError } from "../src/TransportError.ts"
import { bytesOf, textOf } from "./Noise.ts"
import { singly } from "./Peer.ts"

const channelWith = Effect.fnUntraced(function* (...chunks: ReadonlyArray<string>) {
  const { client, server } = yield* MemoryTransport.makePair()
  for (const chunk of chunks) yield* server.write(bytesOf(chunk))
  return { channel: new BlockChannel(client), server, client }
})

describe("BlockChannel", () => {
  it.effect("receives blocks one after another, and then the rest, once", () =>
    Effect.gen(function* () {
      const { channel } = yield* channelWith("a: 1\r\n\r\nb: 2\r", "\n\r", "\nrest", "more")
      assert.strictEqual(textOf(yield* channel.receive("Hello")), "a: 1")
      assert.strictEqual(textOf(yield* channel.receive("Decision")), "b: 2")
      assert.isTrue(channel.hasMore)
      assert.strictEqual(textOf(channel.rest()), "rest")
      assert.isFalse(channel.hasMore)
      assert.strictEqual(channel.rest().length, 0)
    })
  )

  it.effect("does not depend on how the bytes were cut (N6)", () =>
    Effect.gen(function* () {
      const { client, server } = yield* MemoryTransport.makePair({ split: singly })
      yield* server.write(bytesOf("a: 1\r\n\r\nb: 2\r\n\r\nrest"))
      const channel = new BlockChannel(client)
      assert.strictEqual(textOf(yield* channel.receive("Hello")), "a: 1")
      assert.strictEqual(textOf(yield* channel.receive("Decision")), "b: 2")
      assert.isFalse(channel.hasMore, "nothing is read ahead of need")
    })
  )

  it.effect("waits for the rest of a block", () =>
    Effect.gen(function* () {
      const { channel, server } = yield* channelWith("a: 1\r\n")
      const receiving = yield* Effect.forkChild(channel.receive("Hello"))
      yield* Effect.yieldNow
      assert.isUndefined(receiving.pollUnsafe())
      yield* server.write(bytesOf("\r\n"))
      assert.strictEqual(textOf(yield* Fiber.join(receiving)), "a: 1")
    })
  )

  it.effect("keeps what has come when receiving is interrupted", () =>
    Effect.gen(function* () {
      const { channel, server } = yield* channelWith("a: 1\r\n")
      const receiving = yield* Effect.forkChild(channel.receive("Hello"))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(receiving)
      yield* server.write(bytesOf("\r\n"))
      assert.strictEqual(textOf(yield* channel.receive("Hello")), "a: 1")
    })
  )

  it.effect("takes 4096 bytes and refuses 4097, however many pieces they come in (N6)", () =>
    Effect.gen(function* () {
      const block = (length: number) => `a: ${"x".repeat(length - 7)}\r\n\r\n`
      for (const cut of [4096, 4000, 4095, 1]) {
        const long = block(4096)
        const { channel } = yield* channelWith(long.slice(0, cut), long.slice(cut))
        assert.strictEqual((yield* channel.receive("Hello")).length, 4092)
        const longer = block(4097)
        const other = yield* channelWith(longer.slice(0, cut), longer.slice(cut))
        const error = yield* Effect.flip(other.channel.receive("Hello"))
        assert.deepInclude(error, { _tag: "HeaderTooLong", limit: 4096 })
      }
    })
  )

  for (const awaiting of ["request", "answer", "Hello", "Decision"] as const) {
    it.effect(`says that the peer closed before its ${awaiting} was complete`, () =>
      Effect.gen(function* () {
        const { channel, server } = yield* channelWith("a: 1\r\n")
        yield* server.finish
        const error = yield* Effect.flip(channel.receive(awaiting))
        assert.deepInclude(error, { _tag: "PeerClosed", awaiting })
        assert.include(error.message, `before its ${awaiting} was complete`)
        assert.strictEqual(error.message.includes("refuses our certificate"), awaiting === "Hello", "N12")
      })
    )
  }

  it.effect("says that the connection broke", () =>
    Effect.gen(function* () {
      const { client } = yield* MemoryTransport.makePair()
      const cause = new TransportError({ kind: "reset" })
      const channel = new BlockChannel<Transport>({ ...client, pull: Effect.fail(cause) })
      const error = yield* Effect.flip(channel.receive("Hello"))
      assert.deepInclude(error, { _tag: "TransportFailed", cause })
    })
  )

  it.effect("flushes a block before anything else may be written (N14)", () =>
    Effect.gen(function* () {
      const { client } = yield* MemoryTransport.makePair()
      const done: Array<string> = []
      const channel = new BlockChannel<Transport>({
        ...client,
        write: (bytes) => Effect.sync(() => void done.push(textOf(bytes))),
        flush: Effect.sync(() => void done.push("flush"))
      })
      yield* channel.send(bytesOf("a"))
      yield* channel.send(bytesOf("b"))
      assert.deepStrictEqual(done, ["a", "flush", "b", "flush"])
    })
  )

  it.effect("asks whether the beginning is possible before it waits for more, and of a block alone (N8, N9)", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const impossible = (beginning: Uint8Array) => {
        seen.push(textOf(beginning))
        return textOf(beginning).includes("!") ? "impossible" : undefined
      }
      const { channel } = yield* channelWith("a", "b: 1\r\n\r\n!")
      assert.strictEqual(textOf(yield* channel.receive("request", impossible)), "ab: 1")
      assert.deepStrictEqual(seen, ["", "a", "ab: 1"])
      const failure = yield* Effect.flip(channel.receive("request", impossible))
      assert.strictEqual(failure, "impossible")
    })
  )
})
