import * as Furl from "@effect-foolscap/furl/Furl"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import * as Reconnector from "@effect-foolscap/tub/Reconnector"
import type { ReconnectorState } from "@effect-foolscap/tub/ReconnectorState"
import type { Target } from "@effect-foolscap/tub/Target"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Child from "../src/Child.ts"
import { python } from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import { Inbox } from "../src/Inbox.ts"
import * as Ping from "../src/Ping.ts"
import * as Ports from "../src/Ports.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"

const program = fileURLToPath(new URL("../python/reconnector.py", import.meta.url))

const Event = Schema.fromJsonString(
  Schema.Struct({ event: Schema.String, tubId: Schema.optionalKey(TubId), after: Schema.optionalKey(Schema.String) })
)
const fromLine = Schema.decodeSync(Event)

/** Starts the Foolscap Tub of this identity at this port, which keeps a connection to the FURL, if there is one. */
const foolscap = Effect.fnUntraced(function* (pem: string, port: number, ...furls: ReadonlyArray<Furl.Furl>) {
  const said = new Inbox<typeof Event.Type | string>("Foolscap")
  const args = yield* Effect.orDie(Schema.encodeEffect(Schema.Array(Furl.FurlFromString))(furls))
  const child = yield* Child.start(python, ["-B", program, pem, String(port), ...args], {
    heard: (line, stream) => said.offer(stream === "stdout" ? fromLine(line) : line)
  })
  const next = (kind: string) =>
    said.take(kind, (event): event is typeof Event.Type => typeof event !== "string" && event.event === kind)
  const { tubId } = yield* next("ready")
  assert.isDefined(tubId)
  return { tubId, next, child }
})

/** One run of one Tub of ours. */
const start = (identity: TubIdentity) =>
  Layer.build(Connector.layer.pipe(Layer.provide(NodeHintHandler.layer), Layer.provideMerge(Tub.layer(identity))))

/** Listens for as long as the Scope lasts. */
const listen = Effect.fnUntraced(function* (context: Effect.Success<ReturnType<typeof start>>, port: number) {
  const endpoint = yield* Effect.orDie(NodeEndpoint.listen({ host: "127.0.0.1", port }))
  const links = new Inbox<NegotiatedConnection>("a Listener of ours")
  yield* Listener.serve(endpoint, {
    connected: (link) =>
      Effect.andThen(
        Effect.sync(() => links.offer(link)),
        link.ended
      ),
    failed: () => Effect.void
  }).pipe(Effect.provideContext(context), Effect.forkScoped)
  return {
    port: endpoint.address.port,
    linked: links.take("a link", (link): link is NegotiatedConnection => link !== undefined)
  }
})

const at = (port: number): LocationHint.LocationHint => LocationHint.tcp("127.0.0.1", port)

const furlOf = ({ tubId }: TubIdentity, port: number) =>
  Furl.Furl.make({ tubId, hints: [at(port)], name: Redacted.make("name") })

/** Keeps a link, whose handlers are counted, and waits for states. */
const keep = Effect.fnUntraced(function* (context: Effect.Success<ReturnType<typeof start>>, target: Target) {
  const states = new Inbox<ReconnectorState>("the Reconnector")
  const handled: Array<NegotiatedConnection> = []
  const { reset, state } = yield* Reconnector.make(target, {
    connected: (link) => Effect.sync(() => handled.push(link))
  }).pipe(Effect.provideContext(context))
  yield* SubscriptionRef.changes(state).pipe(
    Stream.runForEach((now) => Effect.sync(() => states.offer(now))),
    Effect.forkScoped
  )
  const next = <Tag extends ReconnectorState["_tag"]>(tag: Tag) =>
    states.take(tag, (now): now is Extract<ReconnectorState, { readonly _tag: Tag }> => now._tag === tag)
  return { handled, next, reset }
})

describeWith(["python3-foolscap"], "Our Reconnector", () => {
  for (const role of ["Master", "NonMaster"] as const) {
    it.live(`as ${role} is back with a Foolscap that was killed and started again at the same place`, () =>
      Effect.gen(function* () {
        const pem = join(yield* Scratch.folder, "tub.pem")
        const port = yield* Ports.free
        const before = yield* foolscap(pem, port)
        const services = yield* start(yield* Identities.makeFor(role, before.tubId))
        const { handled, next, reset } = yield* keep(services, { tubId: before.tubId, hints: [at(port)] })
        const first = (yield* next("Connected")).link

        before.child.signal("SIGKILL")
        yield* before.child.ended
        assert.strictEqual((yield* next("Waiting")).after._tag, "ClosedByPeer")
        const { after } = yield* next("Waiting")
        assert.include("message" in after ? after.message : "", "ECONNREFUSED")

        const again = yield* foolscap(pem, port)
        yield* reset
        const second = (yield* next("Connected")).link
        assert.strictEqual(second.peer, again.tubId)
        assert.notStrictEqual(second.incarnations.remote, first.incarnations.remote)
        yield* Ping.answered(second)
        assert.deepStrictEqual(handled, [first, second])
      })
    )
  }

  it.live("is content with the link that a Foolscap dials whose FURL leads nowhere", () =>
    Effect.gen(function* () {
      const identity = yield* Identities.make()
      const services = yield* start(identity)
      const { linked, port } = yield* listen(services, 0)
      const pem = join(yield* Scratch.folder, "tub.pem")
      const { tubId } = yield* Effect.scoped(foolscap(pem, yield* Ports.free))
      const { next } = yield* keep(services, { tubId, hints: [] })
      yield* next("GaveUp")

      yield* foolscap(pem, yield* Ports.free, furlOf(identity, port))
      assert.strictEqual((yield* next("Connected")).link.socket, (yield* linked).socket)
    })
  )
})

describeWith(["python3-foolscap"], "Foolscap's Reconnector", () => {
  it.live("finds a Listener of ours that was not there, and again when it was away", () =>
    Effect.gen(function* () {
      const identity = yield* Identities.make()
      const port = yield* Ports.free
      const pem = join(yield* Scratch.folder, "tub.pem")
      const peer = yield* foolscap(pem, yield* Ports.free, furlOf(identity, port))
      assert.include((yield* peer.next("waiting")).after, "refused")

      for (const _ of [1, 2]) {
        const run = Effect.gen(function* () {
          const { linked } = yield* listen(yield* start(identity), port)
          const link = yield* linked
          assert.strictEqual(link.peer, peer.tubId)
          yield* Ping.answeredBesides(link, "name")
        })
        yield* Effect.scoped(run)
        yield* peer.next("closed")
        yield* peer.next("waiting")
      }
    })
  )
})
