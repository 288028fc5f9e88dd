import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { LinkEnd } from "../src/Link.ts"
import * as LinkSocket from "../src/LinkSocket.ts"
import { connect as negotiate } from "./Both.ts"
import { connect } from "./Links.ts"
import { bytesOf, textOf } from "./Noise.ts"
import { errorBlock } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"

const unread = { early: new Uint8Array(0), mayBeRefused: false }

describe("A link that nobody reads", () => {
  it.effect("has ended when the peer said something and left, so that the next dial is no duplicate (N22)", () =>
    Effect.gen(function* () {
      const [here, there] = [yield* side(high), yield* side(low)]
      const { client, server } = yield* negotiate(here, there)
      yield* Effect.scoped(Effect.flatMap(server.socket.writer, ({ write }) => write("goodbye")))
      yield* server.close
      assert.deepStrictEqual(yield* client.ended, LinkEnd.ClosedByPeer())
      assert.strictEqual((yield* negotiate(here, there)).client.seqnum, 2)
    })
  )

  it.effect("loses nothing of it: whoever reads later reads all, in order", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* connect
      const socket = yield* LinkSocket.make(link, { early: bytesOf("1"), mayBeRefused: false })
      for (const said of ["2", "3"]) yield* peer.write(bytesOf(said))
      yield* Effect.yieldNow
      const { pull } = yield* socket.reader
      let heard = ""
      const reading = yield* Effect.forkChild(
        Effect.forever(Effect.map(pull, (chunks) => (heard += chunks.map((chunk) => textOf(bytesIn(chunk))).join(""))))
      )
      for (const said of ["4", "5"]) {
        yield* peer.write(bytesOf(said))
        yield* Effect.yieldNow
      }
      yield* peer.finish
      yield* Fiber.await(reading)
      assert.strictEqual(heard, "12345")
    })
  )

  it.effect("takes no more than 64 KiB and a piece, and then leaves the peer's bytes in the network", () =>
    Effect.gen(function* () {
      const { link, near, peer } = yield* connect
      yield* LinkSocket.make(link, unread)
      const piece = new Uint8Array(10_000)
      for (let written = 0; written < 20; written++) yield* peer.write(piece)
      yield* peer.finish
      for (let turn = 0; turn < 100; turn++) yield* Effect.yieldNow
      assert.isFalse(link.hasEnded)
      let left = 0
      yield* Effect.ignore(Effect.forever(Effect.map(near.pull, ({ length }) => (left += length))))
      assert.strictEqual(left, 13 * piece.length)
    })
  )

  it.effect("hears of a late refusal, too (N25)", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* connect
      yield* LinkSocket.make(link, { early: bytesOf("banana-"), mayBeRefused: true })
      yield* peer.write(bytesOf(errorBlock("TubID mismatch").slice("banana-".length)))
      assert.deepStrictEqual(yield* link.ended, LinkEnd.RefusedByPeer({ text: "TubID mismatch" }))
    })
  )

  it.effect("leaves its reader to the connection when its own Scope closes first", () =>
    Effect.gen(function* () {
      const { link, peer } = yield* connect
      const scope = yield* Scope.make()
      const { reader } = yield* Scope.provide(LinkSocket.make(link, unread), scope)
      const reading = yield* Effect.forkChild(Effect.flatMap(reader, ({ pull }) => pull))
      yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      yield* peer.write(bytesOf("still here"))
      assert.strictEqual((yield* Fiber.join(reading)).map((chunk) => textOf(bytesIn(chunk))).join(""), "still here")
    })
  )

  it.effect("gives its reader what came early before anything else comes", () =>
    Effect.gen(function* () {
      for (const mayBeRefused of [false, true]) {
        const { link } = yield* connect
        const { pull } = yield* (yield* LinkSocket.make(link, { early: bytesOf("early"), mayBeRefused })).reader
        assert.strictEqual((yield* pull).map((chunk) => textOf(bytesIn(chunk))).join(""), "early")
      }
    })
  )
})

const bytesIn = (chunk: Uint8Array | string): Uint8Array => (typeof chunk === "string" ? bytesOf(chunk) : chunk)
