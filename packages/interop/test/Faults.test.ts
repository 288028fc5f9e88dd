import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeTub from "@effect-foolscap/node/NodeTub"
import * as Certificate from "@effect-foolscap/node/Certificate"
import type { Attempt, ConnectError } from "@effect-foolscap/tub/ConnectError"
import * as Listener from "@effect-foolscap/tub/Listener"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import * as Ping from "../src/Ping.ts"
import * as Ports from "../src/Ports.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"
import * as Application from "../src/stories/Application.ts"

/** A Tub of ours, and a Foolscap that it has a link with. `unharmed` shows that this link goes on as before. */
const linked = Effect.gen(function* () {
  const peer = yield* FoolscapPeer.start()
  const ours = yield* Application.start(yield* Identities.make())
  const link = yield* ours.connect({ tubId: peer.tubId, hints: [peer.hint] })
  const reader = yield* Ping.answered(link)
  const { write } = yield* link.socket.writer
  const unharmed = Effect.gen(function* () {
    yield* write(Ping.ping)
    yield* Ping.pongs(reader, 1)
    assert.isFalse(yield* link.hasEnded)
  })
  return { ours, peer, link, unharmed }
})

const nowhere = Effect.map(Ports.free, (port) => `tcp:127.0.0.1:${port}`)

const tagOf = ({ error }: Attempt) => (error._tag === "NegotiationError" ? error.reason._tag : error._tag)

/** Hints under which a Tub is not to be found: what comes of them, and what a person reads. */
interface Fault {
  readonly hints: Effect.Effect<ReadonlyArray<string>, never, Scope.Scope>
  readonly tags: ReadonlyArray<string>
  readonly says: (hint: string) => string
  /** Whether trying again cannot help. */
  readonly isPermanent?: true
}

const faults: Record<string, Fault> = {
  "a FURL without hints": {
    hints: Effect.succeed([]),
    tags: [],
    says: () => "its FURL has no location hints",
    isPermanent: true
  },
  "hints of kinds that nobody here knows": {
    hints: Effect.succeed(["i2p:abc.i2p", "tor:abc.onion:80"]),
    tags: ["UnknownHint", "UnknownHint"],
    says: (hint) => `no handler here connects to ${hint}`,
    isPermanent: true
  },
  "a port where nobody listens": {
    hints: Effect.map(nowhere, (hint) => [hint]),
    tags: ["Unreachable"],
    says: (hint) => `cannot reach ${hint}: connect ECONNREFUSED`
  },
  "a redirect to where nobody listens": {
    hints: Effect.map(Effect.flatMap(nowhere, OurTub.listenElsewhere), ({ hint }) => [hint]),
    tags: ["Redirect", "Unreachable"],
    says: (hint) => `${hint}: the server says that`
  },
  "a Foolscap that is somebody else": {
    hints: Effect.map(FoolscapPeer.start(), ({ hint }) => [hint]),
    tags: ["PeerRefused"],
    says: (hint) => `${hint}: Plaintext: the peer refused: unknown TubID`
  },
  "a Foolscap that is somebody else and does not say so": {
    hints: Effect.map(FoolscapPeer.start({ any: true }), ({ hint }) => [hint]),
    tags: ["WrongTub"],
    says: (hint) => `${hint}: Encrypted:`
  }
}

describeWith(["python3-foolscap"], "A link is not disturbed by", () => {
  for (const [fault, { hints, isPermanent = false, says, tags }] of Object.entries(faults)) {
    it.live(fault, () =>
      Effect.gen(function* () {
        const { ours, unharmed } = yield* linked
        const target = { tubId: (yield* Identities.make()).tubId, hints: yield* hints }
        const error: ConnectError = yield* Effect.flip(ours.connect(target))
        assert.deepStrictEqual(error.attempts.map(tagOf), tags)
        assert.include(error.message, `cannot connect to ${target.tubId}: `)
        assert.include(error.message, says(target.hints[0] ?? ""))
        assert.strictEqual(error.isPermanent, isPermanent)
        yield* unharmed
      })
    )
  }

  it.live("a place that never answers, which is left as soon as another has a link", () =>
    Effect.gen(function* () {
      const { ours, unharmed } = yield* linked
      const silent = yield* Application.anyPort
      const left = yield* Deferred.make<void>()
      yield* silent
        .run(({ pull }) => Effect.ignore(Effect.ensuring(Effect.forever(pull), Deferred.succeed(left, undefined))))
        .pipe(Effect.forkScoped)
      const { host, port } = silent.address
      const peer = yield* FoolscapPeer.start()
      const link = yield* ours.connect({ tubId: peer.tubId, hints: [`tcp:${host}:${port}`, peer.hint] })
      assert.strictEqual(link.remoteAddress, `127.0.0.1:${peer.port}`)
      yield* Ping.answered(link)
      yield* Deferred.await(left)
      yield* unharmed
    })
  )

  it.live("a Listener that finds its port in use, by us or by Foolscap", () =>
    Effect.gen(function* () {
      const { ours, peer, unharmed } = yield* linked
      for (const port of [ours.address.port, peer.port]) {
        const layer = Listener.layer(NodeEndpoint.listen({ host: "127.0.0.1", port }), {
          connected: () => Effect.never,
          failed: () => Effect.void
        })
        const error = yield* Effect.flip(Layer.build(layer)).pipe(Effect.provideContext(ours.services))
        assert.strictEqual(error._tag, "ListenFailed")
        assert.strictEqual(error.address, `127.0.0.1:${port}`)
        assert.include(error.message, "EADDRINUSE")
      }
      yield* unharmed
      const newcomer = yield* FoolscapPeer.start()
      newcomer.tell({ do: "dial", tubId: ours.tubId, hints: [ours.hint] })
      assert.strictEqual((yield* ours.linked).peer, newcomer.tubId)
    })
  )

  const sources = {
    "an identity file": NodeTub.layerFile,
    "an identity file of the configuration": (path: string) => {
      const provider = ConfigProvider.fromEnv({ env: { FOOLSCAP_IDENTITY_FILE: path } })
      return Layer.provide(NodeTub.layerConfig, ConfigProvider.layer(provider))
    }
  }
  for (const [source, layerOf] of Object.entries(sources)) {
    it.live(`${source} that was written by halves, or is none`, () =>
      Effect.gen(function* () {
        const { unharmed } = yield* linked
        const folder = yield* Scratch.folder
        const [halved, none] = [join(folder, "halved.pem"), join(folder, "folder.pem")]
        const whole = Redacted.value(Certificate.toPem(yield* Identities.make()))
        const half = whole.slice(0, whole.length / 2)
        writeFileSync(halved, half)
        mkdirSync(none)
        const expected = [
          [halved, `${halved} is no identity: found a block that begins and does not end`],
          [none, `cannot read the identity ${none}: it is no file`]
        ] as const
        for (const [path, message] of expected) {
          const error = yield* Effect.flip(Application.fromLayer(layerOf(path)))
          assert(error._tag === "IdentityFileError")
          assert.strictEqual(error.path, path)
          assert.include(error.message, message)
        }
        assert.strictEqual(readFileSync(halved, "utf8"), half)
        yield* unharmed
      }).pipe(Effect.provide(NodeFileSystem.layer))
    )
  }
})
