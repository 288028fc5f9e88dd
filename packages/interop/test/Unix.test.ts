import * as Furl from "@effect-foolscap/furl/Furl"
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import * as UnixHint from "@effect-foolscap/node/UnixHint"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Child from "../src/Child.ts"
import { python } from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import { Inbox } from "../src/Inbox.ts"
import * as Ping from "../src/Ping.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"

const program = fileURLToPath(new URL("../python/unix.py", import.meta.url))

/** Starts a Foolscap Tub that listens on a Unix domain socket, and dials the FURL if there is one. */
const foolscap = Effect.fnUntraced(function* (...furl: ReadonlyArray<string>) {
  const path = join(yield* Scratch.folder, "foolscap")
  const said = new Inbox<string>("Foolscap")
  const child = yield* Child.start(python, ["-B", program, path, ...furl], { heard: said.offer, politely: "SIGTERM" })
  const tubId = TubId.make(yield* said.take("its TubId", (line): line is string => /^[a-z2-7]{32}$/.test(line)))
  return { path, tubId, child }
})

const servicesOf = (identity: TubIdentity) =>
  Layer.build(Connector.layer.pipe(Layer.provide(NodeHintHandler.layer), Layer.provideMerge(Tub.layer(identity))))

/** A Tub of ours that listens on a Unix domain socket. */
const listening = Effect.gen(function* () {
  const identity = yield* Identities.make()
  const endpoint = yield* Effect.orDie(NodeEndpoint.listenUnix({ path: join(yield* Scratch.folder, "ours") }))
  const links = new Inbox<NegotiatedConnection>("a Listener of ours")
  yield* Listener.serve(endpoint, {
    connected: (connection) =>
      Effect.andThen(
        Effect.sync(() => links.offer(connection)),
        connection.ended
      ),
    failed: () => Effect.void
  }).pipe(Effect.provideContext(yield* servicesOf(identity)), Effect.forkScoped)
  const { path } = endpoint.address
  return {
    path,
    tubId: identity.tubId,
    hint: UnixHint.of(path),
    linked: links.take("a link", (link): link is NegotiatedConnection => link !== undefined)
  }
})

const dial = Effect.fnUntraced(function* (tubId: TubId, hint: LocationHint) {
  const { dial } = Context.get(yield* servicesOf(yield* Identities.make()), Connector)
  return (yield* dial({ tubId, hints: [hint] })).connection
})

describeWith(["python3-foolscap"], "Through a Unix domain socket", () => {
  it.live("we get a link with a Foolscap that listens there", () =>
    Effect.gen(function* () {
      const peer = yield* foolscap()
      const connection = yield* dial(peer.tubId, UnixHint.of(peer.path))
      assert.strictEqual(connection.peer, peer.tubId)
      assert.strictEqual(connection.remoteAddress, peer.path)
      yield* Ping.answered(connection)
    })
  )

  it.live("a Foolscap that was told what our hints mean gets a link with us, out of a FURL", () =>
    Effect.gen(function* () {
      const { hint, linked, path, tubId } = yield* listening
      const furl = Furl.Furl.make({ tubId, hints: [hint], name: Redacted.make("name") })
      const peer = yield* foolscap(yield* Effect.orDie(Schema.encodeEffect(Furl.FurlFromString)(furl)))
      const connection = yield* linked
      assert.strictEqual(connection.peer, peer.tubId)
      assert.strictEqual(connection.remoteAddress, `a client of ${path}`)
      yield* Ping.answeredBesides(connection, "name")
    })
  )

  it.live("a link between two Tubs of ours ends when one closes it", () =>
    Effect.gen(function* () {
      const { hint, linked, tubId } = yield* listening
      const ours = yield* dial(tubId, hint)
      const theirs = yield* linked
      assert.strictEqual(theirs.peer, ours.local)
      yield* theirs.close
      assert.strictEqual((yield* ours.ended)._tag, "ClosedByPeer")
    })
  )

  it.live("a Tub takes over the socket that a killed Foolscap has left", () =>
    Effect.gen(function* () {
      const peer = yield* foolscap()
      peer.child.signal("SIGKILL")
      yield* peer.child.ended
      yield* NodeEndpoint.listenUnix({ path: peer.path })
    })
  )
})
