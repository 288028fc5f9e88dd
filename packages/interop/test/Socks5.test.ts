import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as Socks5 from "@effect-foolscap/node/Socks5"
import { Connector } from "@effect-foolscap/tub/Connector"
import { HintHandler } from "@effect-foolscap/tub/HintHandler"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import { Inbox } from "../src/Inbox.ts"
import * as Microsocks from "../src/Microsocks.ts"
import * as Ping from "../src/Ping.ts"
import * as Ports from "../src/Ports.ts"
import { describeWith } from "../src/Requirements.ts"

const credentials = { username: "tub", password: "secret" }
const auth = { username: credentials.username, password: Redacted.make(credentials.password) }
const hint = Schema.decodeSync(LocationHint.FromString)

type Options = Parameters<typeof Socks5.handler>[0]

/** Dials one hint, of either kind, through the proxy alone. */
const dialThrough = Effect.fnUntraced(function* (options: Options, tubId: TubId, text: string) {
  const throughProxy = Socks5.handler(options)
  const handlers = HintHandler.layer({ tcp: throughProxy, tor: throughProxy })
  const services = yield* Layer.build(
    Connector.layer.pipe(Layer.provide(handlers), Layer.provideMerge(Tub.layer(yield* Identities.make())))
  )
  const { connection } = yield* Context.get(services, Connector).dial({ tubId, hints: [hint(text)] })
  return connection
})

/** A Tub of ours that listens at whatever the name is for. */
const listenAt = Effect.fnUntraced(function* (host: string, identity: TubIdentity) {
  const endpoint = yield* Effect.orDie(NodeEndpoint.listen({ host, port: 0 }))
  const links = new Inbox<NegotiatedConnection>("a Listener of ours")
  yield* Listener.serve(endpoint, {
    connected: (connection) =>
      Effect.andThen(
        Effect.sync(() => links.offer(connection)),
        connection.ended
      ),
    failed: () => Effect.void
  }).pipe(Effect.provide(Tub.layer(identity)), Effect.forkScoped)
  return {
    port: endpoint.address.port,
    linked: links.take("a link", (link): link is NegotiatedConnection => link !== undefined)
  }
})

for (const [how, wanted, given] of [
  ["takes anybody", undefined, {}],
  ["wants a password", credentials, { auth }]
] as const) {
  describeWith(["microsocks", "python3-foolscap"], `Through a proxy that ${how}`, () => {
    for (const [kind, host] of [
      ["tcp", "127.0.0.1"],
      ["tor", "127.0.0.1"],
      // The name of an address, which is no address: the proxy looks it up.
      ["tor", "127.1"]
    ] as const) {
      it.live(`we get a link with Foolscap, by ${kind}:${host}`, () =>
        Effect.gen(function* () {
          const { connected, proxy } = yield* Microsocks.start(wanted)
          const peer = yield* FoolscapPeer.start()
          const connection = yield* dialThrough({ proxy, ...given }, peer.tubId, `${kind}:${host}:${peer.port}`)
          assert.strictEqual(connection.peer, peer.tubId)
          assert.strictEqual(connection.remoteAddress, `${host}:${peer.port} through 127.0.0.1:${proxy.port}`)
          yield* Ping.answered(connection)
          assert.include(yield* connected, `connected to ${host}:${peer.port}`)
          assert.strictEqual((yield* peer.next("connected")).side, "server")
        })
      )
    }

    for (const host of ["127.0.0.1", "localhost"]) {
      it.live(`we get a link with a Listener of ours, by ${host}`, () =>
        Effect.gen(function* () {
          const { connected, proxy } = yield* Microsocks.start(wanted)
          const identity = yield* Identities.make()
          const { linked, port } = yield* listenAt(host, identity)
          const ours = yield* dialThrough({ proxy, ...given }, identity.tubId, `tor:${host}:${port}`)
          const theirs = yield* linked
          assert.strictEqual(ours.peer, identity.tubId)
          assert.strictEqual(theirs.peer, ours.local)
          assert.include(yield* connected, `connected to ${host}:${port}`)
          yield* ours.close
          assert.strictEqual((yield* theirs.ended)._tag, "ClosedByPeer")
        })
      )
    }

    it.live("we are told that nobody listens at the port", () =>
      Effect.gen(function* () {
        const { proxy } = yield* Microsocks.start(wanted)
        const { tubId } = yield* Identities.make()
        const text = `tor:127.0.0.1:${yield* Ports.free}`
        const error = yield* Effect.flip(dialThrough({ proxy, ...given }, tubId, text))
        assert.strictEqual(
          error.message,
          `cannot connect to ${tubId}: cannot reach ${text}: the SOCKS5 proxy at 127.0.0.1:${proxy.port} could not reach the host: connection refused`
        )
      })
    )

    it.live("we are told that a name leads nowhere", () =>
      Effect.gen(function* () {
        const { proxy } = yield* Microsocks.start(wanted)
        const { tubId } = yield* Identities.make()
        const error = yield* Effect.flip(dialThrough({ proxy, ...given }, tubId, "tor:nothing.invalid:1"))
        // microsocks has no other word for it.
        assert.include(error.message, `127.0.0.1:${proxy.port} failed, and does not say why (general failure)`)
      })
    )
  })
}

describeWith(["microsocks"], "With a proxy that does not let us through", () => {
  const tubId = TubId.make("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")

  for (const [what, wanted, given, said] of [
    ["it wants a password and we have none", credentials, {}, "wants to know who we are"],
    [
      "we have another password",
      credentials,
      { auth: { ...auth, password: Redacted.make("x") } },
      "does not accept our"
    ],
    ["we insist on a password and it knows none", undefined, { auth }, "takes no username and password"]
  ] as const) {
    it.live(`we are told so when ${what}`, () =>
      Effect.gen(function* () {
        const { proxy } = yield* Microsocks.start(wanted)
        const error = yield* Effect.flip(dialThrough({ proxy, ...given }, tubId, "tor:127.0.0.1:1"))
        assert.include(error.message, `the SOCKS5 proxy at 127.0.0.1:${proxy.port} ${said}`)
      })
    )
  }

  it.live("we are told so when it is not there", () =>
    Effect.gen(function* () {
      const nobody = { host: "127.0.0.1", port: yield* Ports.free }
      const refused = yield* Effect.flip(dialThrough({ proxy: nobody }, tubId, "tor:127.0.0.1:1"))
      assert.include(
        refused.message,
        `the SOCKS5 proxy at 127.0.0.1:${nobody.port} cannot be reached: connect ECONNREFUSED`
      )
    })
  )
})
