import type { TubId } from "@effect-foolscap/furl/TubId"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as LocalTub from "@effect-foolscap/negotiation/LocalTub"
import { LocalTubs } from "@effect-foolscap/negotiation/LocalTubs"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as UnixHint from "@effect-foolscap/node/UnixHint"
import { Tub } from "@effect-foolscap/tub/Tub"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as Ping from "../src/Ping.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"
import * as Application from "../src/stories/Application.ts"

const toHint = Schema.decodeSync(LocationHint.FromString)

/** One door to two Tubs, at which others are sent on to `elsewhere`. */
const house = Effect.fnUntraced(function* (elsewhere: { readonly tubId: TubId; readonly hint: string }) {
  const here = [yield* tenant, yield* tenant] as const
  const tubs = LocalTubs.layer({ here, elsewhere: new Map([[elsewhere.tubId, [toHint(elsewhere.hint)]]]) })
  const services = yield* Layer.build(Layer.provide(Tub.layerNegotiation, tubs))
  const door = yield* Effect.provideContext(Application.open(Application.anyPort), services)
  return { door, hint: Application.hintOf(door), here }
})

const tenant = Effect.flatMap(Identities.make(), LocalTub.make)

describeWith(["python3-foolscap"], "Behind one port", () => {
  it.live("a Foolscap reaches each of two Tubs, and has a link with both", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const { door, here, hint } = yield* house(peer)
      for (const { tubId } of here) {
        peer.tell({ do: "reference", furl: `pb://${tubId}@${hint}/object` })
        const link = yield* door.linked
        assert.deepStrictEqual([link.local, link.peer], [tubId, peer.tubId])
        // It compares the certificate with the TubId that it asked for.
        assert.strictEqual((yield* peer.next("connected")).peer, tubId)
        yield* Ping.answeredBesides(link, "object")
      }
      const settled = (yield* peer.settled).at(-1)
      assert(settled?.event === "settled")
      assert.sameMembers(
        settled.links.map((link) => link.peer),
        here.map(({ tubId }) => tubId)
      )
    })
  )

  it.live("a Foolscap hears of a Tub that lives elsewhere, and of one that is not known", () =>
    Effect.gen(function* () {
      const [peer, far] = [yield* FoolscapPeer.start(), yield* FoolscapPeer.start()]
      const { door, hint } = yield* house(far)
      const stranger = yield* Identities.make()
      const answers = [
        [far.tubId, "HTTP/1.1 303 See Other"],
        [stranger.tubId, `HTTP/1.1 404 Not Found: unknown TubID ${stranger.tubId}`]
      ] as const
      for (const [tubId, answer] of answers) {
        peer.tell({ do: "dial", tubId, hints: [hint] })
        assert.include((yield* peer.next("unreachable")).text, answer)
      }
      assert.strictEqual((yield* door.failed)._tag, "Redirect")
      assert.include((yield* door.failed).message, stranger.tubId)
    })
  )

  it.live("we reach each of two Tubs, and follow to the Foolscap that lives elsewhere", () =>
    Effect.gen(function* () {
      const far = yield* FoolscapPeer.start()
      const { door, here, hint } = yield* house(far)
      const ours = yield* Application.start(yield* Identities.make())
      for (const { tubId } of here) {
        assert.strictEqual((yield* ours.connect({ tubId, hints: [hint] })).peer, tubId)
        assert.strictEqual((yield* door.linked).local, tubId)
      }
      const link = yield* ours.connect({ tubId: far.tubId, hints: [hint] })
      assert.strictEqual(link.remoteAddress, `127.0.0.1:${far.port}`)
      yield* Ping.answered(link)
    })
  )
})

describeWith(["python3-foolscap"], "A Tub with two TCP ports and a Unix domain socket", () => {
  const start = Effect.gen(function* () {
    const tub = yield* Application.start(yield* Identities.make())
    const path = join(yield* Scratch.folder, "tub")
    const open = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.provideContext(effect, tub.services)
    const second = yield* open(Application.open(Application.anyPort))
    const file = yield* open(Application.open(NodeEndpoint.listenUnix({ path })))
    return { tub, second, file, fileHint: UnixHint.of(path).text }
  })

  it.live("is the same to whoever comes, wherever they come in", () =>
    Effect.gen(function* () {
      const { file, fileHint, second, tub } = yield* start
      const doors = [
        [tub, tub.hint],
        [second, Application.hintOf(second)]
      ] as const
      for (const [door, hint] of doors) {
        const peer = yield* FoolscapPeer.start()
        peer.tell({ do: "dial", tubId: tub.tubId, hints: [hint] })
        const link = yield* door.linked
        // Whoever needs the link finds it, and its address is not asked for.
        assert.strictEqual((yield* tub.connect({ tubId: peer.tubId, hints: [] })).socket, link.socket)
        yield* Ping.answered(link)
      }
      const neighbour = yield* Application.start(yield* Identities.make())
      assert.strictEqual((yield* neighbour.connect({ tubId: tub.tubId, hints: [fileHint] })).peer, tub.tubId)
      assert.strictEqual((yield* file.linked).peer, neighbour.tubId)
    })
  )

  it.live("gives one link to a Foolscap that knows them all", () =>
    Effect.gen(function* () {
      const { fileHint, second, tub } = yield* start
      const peer = yield* FoolscapPeer.start()
      peer.tell({ do: "dial", tubId: tub.tubId, hints: [tub.hint, Application.hintOf(second), fileHint] })
      const { port } = yield* peer.next("connected")
      const settled = (yield* peer.settled).at(-1)
      assert.deepStrictEqual(settled, { event: "settled", links: [{ peer: tub.tubId, port }] })
      const link = yield* Effect.raceFirst(tub.linked, second.linked)
      assert.strictEqual((yield* tub.connect({ tubId: peer.tubId, hints: [] })).socket, link.socket)
      assert.strictEqual(link.remoteAddress, `127.0.0.1:${port}`)
      yield* Ping.answered(link)
    })
  )
})
