import * as WhereaboutsStore from "@effect-foolscap/negotiation/WhereaboutsStore"
import type { ConnectError } from "@effect-foolscap/tub/ConnectError"
import { assert, describe, it } from "@effect/vitest"
import type { NodeRedis } from "@effect/platform-node/NodeRedis"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Member from "../src/fleet/Member.ts"
import * as Process from "../src/fleet/Process.ts"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import * as RedisServer from "../src/RedisServer.ts"
import * as RedisStore from "../src/RedisStore.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"

const client = Effect.flatMap(Identities.make(), OurTub.make)

const messagesOf = ({ attempts }: ConnectError) =>
  attempts.map(({ error }) => (error._tag === "NegotiationError" ? error.reason.message : error.message))

/** What holds between processes, whatever they share. */
const stories = (kind: "folder" | "redis", place: Effect.Effect<string, never, Scope.Scope>) => {
  it.live("is reached through any other process of it", () =>
    Effect.gen(function* () {
      const path = yield* place
      const [there, asked] = [yield* Process.start(kind, path), yield* Process.start(kind, path)]
      const target = { tubId: there.tubId, hints: [asked.hint] }
      const { connection, hint, redirects } = yield* (yield* client).connect(target)
      assert.deepInclude({ hint: hint.text, redirects }, { hint: there.hint, redirects: 1 })
      assert.strictEqual(connection.peer, there.tubId)
    })
  )

  it.live("is unknown to the others once its process has been stopped", () =>
    Effect.gen(function* () {
      const path = yield* place
      const [there, asked] = [yield* Process.start(kind, path), yield* Process.start(kind, path)]
      yield* there.stop
      const error = yield* Effect.flip((yield* client).connect({ tubId: there.tubId, hints: [asked.hint] }))
      assert.deepStrictEqual(messagesOf(error), [`the peer refused: unknown TubID ${there.tubId}`])
    })
  )

  it.live("is looked for where it was if its process crashes, in vain", () =>
    Effect.gen(function* () {
      const path = yield* place
      const [there, asked] = [yield* Process.start(kind, path), yield* Process.start(kind, path)]
      yield* there.kill
      const error = yield* Effect.flip((yield* client).connect({ tubId: there.tubId, hints: [asked.hint] }))
      assert.deepStrictEqual(
        error.attempts.map(({ error, hint }) => [hint, error._tag]),
        [
          [asked.hint, "Redirect"],
          [there.hint, "Unreachable"]
        ]
      )
    })
  )
}

describe("A Tub of a fleet that shares a folder", () => {
  stories("folder", Scratch.folder)

  it.live("has a file under the name of its key, as long as it is there", () =>
    Effect.gen(function* () {
      const folder = yield* Scratch.folder
      const file = yield* Effect.gen(function* () {
        const there = yield* Member.start(Member.inFolder(folder))
        const file = join(folder, `foolscap-tub-${there.tubId}`)
        assert.match(readFileSync(file, "utf8"), new RegExp(`^${there.hint}\nincarnation [0-9a-f]{16}\n$`))
        return file
      }).pipe(Effect.scoped)
      assert.isFalse(existsSync(file))
    })
  )

  it.live("is not taken for unknown if its file cannot be read", () =>
    Effect.gen(function* () {
      const folder = yield* Scratch.folder
      const asked = yield* Member.start(Member.inFolder(folder))
      const { tubId } = yield* Identities.make()
      const file = join(folder, WhereaboutsStore.key(tubId))
      mkdirSync(file)
      const error = yield* Effect.flip((yield* client).connect({ tubId, hints: [asked.hint] }))
      assert.deepStrictEqual(messagesOf(error), [
        `the peer refused: cannot look up TubID ${tubId} now, try again later`
      ])
      const { message } = yield* asked.failed
      assert.include(message, `Unable to get item with key foolscap-tub-${tubId}: `)
      assert.include(message, file)
    })
  )
})

describeWith(["python3-foolscap"], "A Foolscap beside a fleet", () => {
  it.live("is found by whoever asks the fleet, once somebody wrote down where it is", () =>
    Effect.gen(function* () {
      const folder = yield* Scratch.folder
      const asked = yield* Process.start("folder", folder)
      const peer = yield* FoolscapPeer.start()
      writeFileSync(join(folder, WhereaboutsStore.key(peer.tubId)), `${peer.hint}\nwritten by hand\n`)
      const { connection, redirects } = yield* (yield* client).connect({ tubId: peer.tubId, hints: [asked.hint] })
      assert.strictEqual(redirects, 1)
      assert.strictEqual(connection.peer, peer.tubId)
      yield* Ping.answered(connection)
    })
  )

  it.live("shows the 303 to its caller, and is linked where that points to", () =>
    Effect.gen(function* () {
      const folder = yield* Scratch.folder
      const [there, asked] = [yield* Process.start("folder", folder), yield* Process.start("folder", folder)]
      const peer = yield* FoolscapPeer.start()
      peer.tell({ do: "dial", tubId: there.tubId, hints: [asked.hint] })
      const { text } = yield* peer.next("unreachable")
      assert.include(text, "not right, got 'HTTP/1.1 303 See Other', expected 101 Switching Protocols")
      peer.tell({ do: "redial", tubId: there.tubId, hints: [there.hint] })
      assert.strictEqual((yield* peer.next("connected")).peer, there.tubId)
    })
  )
})

/** Waits until these members have a connection to their Redis again. */
const reconnected = (...members: ReadonlyArray<Member.Member<NodeRedis>>) =>
  Effect.forEach(members, ({ services }) => Effect.provideContext(RedisStore.connected, services), { discard: true })

describeWith(["redis-server"], "A Tub of a fleet that shares a Redis", () => {
  stories(
    "redis",
    Effect.map(RedisServer.start, ({ path }) => path)
  )

  it.live("is not found while the Redis is gone, and keeps its links; found again when it is back", () =>
    Effect.gen(function* () {
      const redis = yield* RedisServer.start
      const store = Member.inRedis(redis.path)
      const [there, asked] = [yield* Member.start(store), yield* Member.start(store)]
      const link = yield* (yield* client).dial({ tubId: there.tubId, hints: [asked.hint] })
      const far = yield* there.linked
      assert.strictEqual((yield* asked.failed)._tag, "Redirect")

      yield* redis.kill
      const other = yield* client
      const refused = yield* Effect.flip(other.connect({ tubId: there.tubId, hints: [asked.hint] }))
      assert.deepStrictEqual(messagesOf(refused), [
        `the peer refused: cannot look up TubID ${there.tubId} now, try again later`
      ])
      assert.include(
        (yield* asked.failed).message,
        `Redis cannot get foolscap-tub-${there.tubId}: The client is offline`
      )
      assert.strictEqual((yield* other.dial({ tubId: asked.tubId, hints: [asked.hint] })).peer, asked.tubId)
      yield* Effect.flatMap(link.socket.writer, ({ write }) => write(Ping.ping))
      const reader = yield* far.socket.reader
      assert.isTrue((yield* Ping.read(reader, Ping.ping.length)).equals(Ping.ping))

      yield* redis.restart
      yield* reconnected(there, asked)
      const { connection, redirects } = yield* other.connect({ tubId: there.tubId, hints: [asked.hint] })
      assert.strictEqual(redirects, 1)
      assert.strictEqual(connection.peer, there.tubId)
    })
  )

  describeWith(["python3-foolscap"], "shows a Foolscap", () => {
    it.live("the 303, or the 503 if the Redis is gone", () =>
      Effect.gen(function* () {
        const redis = yield* RedisServer.start
        const store = Member.inRedis(redis.path)
        const [there, asked] = [yield* Member.start(store), yield* Member.start(store)]
        const peer = yield* FoolscapPeer.start()
        const shown = Effect.suspend(() => {
          peer.tell({ do: "dial", tubId: there.tubId, hints: [asked.hint] })
          return Effect.map(peer.next("unreachable"), ({ text }) => text)
        })
        assert.include(yield* shown, "got 'HTTP/1.1 303 See Other', expected 101")
        yield* redis.kill
        const words = `cannot look up TubID ${there.tubId} now, try again later`
        assert.include(yield* shown, `got 'HTTP/1.1 503 Service Unavailable: ${words}', expected 101`)
        yield* redis.restart
        yield* reconnected(there, asked)
      })
    )
  })
})
