import * as NodeTub from "@effect-foolscap/node/NodeTub"
import type { Target } from "@effect-foolscap/tub/Target"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as TubSocket from "@effect-foolscap/tub/TubSocket"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as RpcClient from "effect/rpc/RpcClient"
import { RpcClientError } from "effect/rpc/RpcClientError"
import * as RpcSerialization from "effect/rpc/RpcSerialization"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import { describeWith } from "../src/Requirements.ts"
import { Calls, protocol } from "../src/rpc/Calls.ts"
import * as Process from "../src/rpc/Process.ts"
import * as Scratch from "../src/Scratch.ts"

/** A client of the server at `target`. */
const client = Effect.fnUntraced(function* (target: Target, identity: TubIdentity) {
  const layer = RpcClient.layerProtocolSocket().pipe(
    Layer.provide([TubSocket.layer(target, { protocol }), RpcSerialization.layerNdjson]),
    Layer.provideMerge(NodeTub.layer(identity))
  )
  const context = yield* Layer.build(layer)
  const calls = yield* Effect.provideContext(RpcClient.make(Calls), context)
  return { calls, tubId: Context.get(context, Tub).tubId }
})

/** A server in a process of its own, and the file that makes it the same Tub again. */
const begin = Effect.gen(function* () {
  const file = join(yield* Scratch.folder, "tub.pem")
  return { file, server: yield* Process.start(file) }
})

describe("RPC between two processes", () => {
  for (const role of ["Master", "NonMaster"] as const) {
    it.live(`carries a megabyte both ways, and tells the server who calls (the client is ${role})`, () =>
      Effect.gen(function* () {
        const { server } = yield* begin
        const identity = yield* Identities.makeFor(role, server.target.tubId)
        const { calls, tubId } = yield* client(server.target, identity)
        const text = "0123456789abcdef".repeat(65_536)
        assert.isTrue((yield* calls.Echo({ text })) === text)
        assert.strictEqual(yield* calls.WhoAmI(), tubId)
      })
    )
  }

  it.live("never tells a handler of one client that it is another", () =>
    Effect.gen(function* () {
      const { server } = yield* begin
      const clients = yield* Effect.forEach([1, 2, 3], () =>
        Effect.flatMap(Identities.make(), (identity) => client(server.target, identity))
      )
      const streams = clients.flatMap(({ calls, tubId }) =>
        Array.from({ length: 3 }, () =>
          Effect.map(Stream.runCollect(calls.WhoAmIStill({ times: 500 })), (heard) => ({ heard, tubId }))
        )
      )
      for (const { heard, tubId } of yield* Effect.all(streams, { concurrency: "unbounded" })) {
        assert.deepStrictEqual(
          heard,
          Array.from({ length: 500 }, () => tubId)
        )
      }
    })
  )

  it.live("interrupts a handler whose caller is interrupted, and one whose client is gone", () =>
    Effect.gen(function* () {
      const { server } = yield* begin
      const waiting = Effect.gen(function* () {
        const { calls } = yield* client(server.target, yield* Identities.make())
        return yield* Effect.forkChild(calls.Wait())
      })
      const first = yield* waiting
      yield* server.says("begun")
      yield* Fiber.interrupt(first)
      yield* server.says("interrupted")
      yield* Effect.scoped(Effect.andThen(waiting, server.says("begun")))
      yield* server.says("interrupted")
    })
  )

  it.live("goes on after a crash of the server, in which the call under way fails", () =>
    Effect.gen(function* () {
      const { file, server } = yield* begin
      const { calls, tubId } = yield* client(server.target, yield* Identities.make())
      const waiting = yield* Effect.forkChild(Effect.flip(calls.Wait()))
      yield* server.says("begun")
      yield* server.kill
      assert.instanceOf(yield* Fiber.join(waiting), RpcClientError)

      yield* Process.start(file, server.port)
      const again = yield* Effect.retry(calls.WhoAmI(), Schedule.spaced("200 millis"))
      assert.strictEqual(again, tubId)
    })
  )

  it.live("interrupts the call under way where the server is asked to stop, and ends", () =>
    Effect.gen(function* () {
      const { server } = yield* begin
      const { calls } = yield* client(server.target, yield* Identities.make())
      const waiting = yield* Effect.forkChild(calls.Wait())
      yield* server.says("begun")
      yield* server.stop
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(waiting)))
    })
  )
})

describeWith(["python3-foolscap"], "An RPC server that Foolscap connects to", () => {
  it.live("refuses it, because it speaks Banana, and serves its clients", () =>
    Effect.gen(function* () {
      const { server } = yield* begin
      const { calls, tubId } = yield* client(server.target, yield* Identities.make())
      const peer = yield* FoolscapPeer.start()
      const hints = server.target.hints.map(({ text }) => text)
      peer.tell({ do: "dial", tubId: server.target.tubId, hints })
      // As Master it has taken the link for settled by then.
      const { text } = yield* Effect.raceFirst(peer.next("failed"), peer.next("told"))
      assert.include(text, "calls/1")
      assert.strictEqual(yield* calls.WhoAmI(), tubId)
    })
  )
})
