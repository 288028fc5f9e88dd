import * as NodeServices from "@effect/platform-node/NodeServices"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { Deadline } from "@effect-foolscap/negotiation/NegotiationService"
import { Connector, DialDeadline } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import * as Redacted from "effect/Redacted"
import { inspect } from "node:util"
import * as Certificate from "../src/Certificate.ts"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeTub from "../src/NodeTub.ts"
import { freshPath } from "./Disk.ts"
import { foolscapIdentity, foolscapTubs, pemOf } from "./Fixtures.ts"

const loopback = { host: "127.0.0.1", port: 0 }
const server = foolscapIdentity(1)
const self = { identity: foolscapIdentity(0), pem: pemOf("tub1"), tubId: foolscapTubs[0]?.tubId }

/** The Tub of `server`, listening, and who has proven to be its peers. */
const listening = Effect.gen(function* () {
  const peers = yield* Queue.unbounded<TubId | undefined>()
  const endpoint = yield* NodeEndpoint.listen(loopback)
  yield* Listener.serve(endpoint, {
    connected: ({ peer }) => Effect.andThen(Queue.offer(peers, peer), Effect.never),
    failed: ({ message }) => Effect.die(message)
  }).pipe(Effect.provide(NodeTub.layer(server)), Effect.forkScoped)
  const { host, port } = endpoint.address
  return { furl: { tubId: server.tubId, hints: [LocationHint.tcp(host, port)] }, peers }
})

/** A place that takes connections and says nothing. */
const silence = Effect.map(NodeEndpoint.listen(loopback), ({ address }) => ({
  tubId: server.tubId,
  hints: [LocationHint.tcp(address.host, address.port)]
}))

const dialled = (furl: Effect.Success<typeof silence>) =>
  Effect.scoped(Effect.flatMap(Connector, (connector) => connector.dial(furl)))

const configured = (env: Record<string, string>) =>
  NodeTub.layerConfig.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))

/** A file that Foolscap might have written. */
const written = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* freshPath
  yield* files.writeFileString(path, self.pem, { mode: 0o600 })
  return path
})

const sources = {
  "the program": Effect.succeed(NodeTub.layer(self.identity)),
  "a file": Effect.map(written, NodeTub.layerFile),
  "a Redacted PEM": Effect.succeed(NodeTub.layerPem(Redacted.make(self.pem))),
  "a file that the configuration names": Effect.map(written, (path) => configured({ FOOLSCAP_IDENTITY_FILE: path })),
  "a PEM in the configuration": Effect.succeed(configured({ FOOLSCAP_IDENTITY_PEM: self.pem }))
}

describe("NodeTub", () => {
  for (const [source, made] of Object.entries(sources)) {
    it.live(`proves to be the same Tub with an identity from ${source}`, () =>
      Effect.gen(function* () {
        const { furl, peers } = yield* listening
        const layer: Layer.Layer<NodeTub.NodeTub, unknown, FileSystem.FileSystem> = yield* made
        yield* dialled(furl).pipe(Effect.provide(layer))
        assert.strictEqual(yield* Queue.take(peers), self.tubId)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  it.live("is somebody new each time it is built in memory", () =>
    Effect.gen(function* () {
      const { furl, peers } = yield* listening
      yield* dialled(furl).pipe(Effect.provide(NodeTub.layerMemory), Effect.repeat({ times: 1 }))
      const [one, other] = yield* Queue.takeN(peers, 2)
      assert.isDefined(one)
      assert.isDefined(other)
      assert.notStrictEqual(one, other)
    })
  )

  it.live("makes the file that is not there, and is the same Tub next time", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const tubId = Effect.map(Tub, ({ tubId }) => tubId)
      const first = yield* tubId.pipe(Effect.provide(NodeTub.layerFile(path)), Effect.provide(Logger.layer([])))
      const again = yield* tubId.pipe(Effect.provide(configured({ FOOLSCAP_IDENTITY_FILE: path })))
      assert.strictEqual(again, first)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("is none other in the same program", () =>
    Effect.gen(function* () {
      const { furl, peers } = yield* listening
      const identities = [yield* Certificate.generate(), yield* Certificate.generate()] as const
      const dialling = (identity: TubIdentity) =>
        Layer.effectDiscard(dialled(furl)).pipe(Layer.provide(NodeTub.layer(identity)))
      yield* Layer.build(Layer.mergeAll(dialling(identities[0]), dialling(identities[1])))
      assert.sameMembers(
        yield* Queue.takeN(peers, 2),
        identities.map(({ tubId }) => tubId)
      )
    })
  )

  it.live("takes the settings that the program provides", () =>
    Effect.gen(function* () {
      const furl = yield* silence
      for (const reference of [Deadline, DialDeadline]) {
        const patience = Layer.succeed(reference)(Duration.millis(20))
        const layer = NodeTub.layer(self.identity).pipe(Layer.provide(patience))
        const error = yield* Effect.flip(dialled(furl).pipe(Effect.provide(layer)))
        assert.match(error.message, /\b20ms\b/)
      }
    })
  )
})

describe("NodeTub.layerConfig", () => {
  const build = (env: Record<string, string>) => Effect.scoped(Layer.build(configured(env)))

  for (const key of ["FOOLSCAP_NEGOTIATION_DEADLINE", "FOOLSCAP_DIAL_DEADLINE"]) {
    it.live(`takes ${key}, whoever the Tub is`, () =>
      Effect.gen(function* () {
        const layer = configured({ FOOLSCAP_IDENTITY_PEM: self.pem, [key]: "20 millis" })
        const error = yield* Effect.flip(dialled(yield* silence).pipe(Effect.provide(layer)))
        assert.match(error.message, /\b20ms\b/)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  for (const [key, value] of [
    ["FOOLSCAP_NEGOTIATION_DEADLINE", "soon"],
    ["FOOLSCAP_DIAL_DEADLINE", "0 seconds"],
    ["FOOLSCAP_HANDLE_OLD_PEERS", "accept"],
    ["FOOLSCAP_ANONYMOUS_PEERS", "yes"]
  ] as const) {
    it.effect(`refuses ${key} = "${value}" and names the key`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(build({ FOOLSCAP_IDENTITY_PEM: self.pem, [key]: value }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, key)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  for (const [what, env, advice] of [
    ["neither a file nor a PEM", {}, "nothing says who this Tub is: set FOOLSCAP_IDENTITY_FILE to"],
    [
      "both a file and a PEM",
      { FOOLSCAP_IDENTITY_FILE: "tub.pem", FOOLSCAP_IDENTITY_PEM: self.pem },
      "both FOOLSCAP_IDENTITY_FILE and FOOLSCAP_IDENTITY_PEM are set: leave out one of them"
    ],
    ["nothing behind the two keys", { FOOLSCAP_IDENTITY_FILE: "", FOOLSCAP_IDENTITY_PEM: "" }, "nothing says who"]
  ] as const) {
    it.effect(`refuses ${what}, names both keys and says what to do`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(build(env))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, advice)
        for (const key of ["FOOLSCAP_IDENTITY_FILE", "FOOLSCAP_IDENTITY_PEM"]) assert.include(error.message, key)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  it.effect("says what is wrong with a PEM and under which key, and shows none of it", () =>
    Effect.gen(function* () {
      for (const [pem, complaint] of [
        [self.pem.slice(0, -100), "found a block that begins and does not end"],
        [self.pem.replaceAll("\n", "\\n"), "lost its line breaks"],
        [self.pem.slice(self.pem.indexOf("-----BEGIN PRIVATE")), "found no certificate"]
      ] as const) {
        const error = yield* Effect.flip(build({ FOOLSCAP_IDENTITY_PEM: pem }))
        assert.strictEqual(error._tag, "ConfigError")
        assert.include(error.message, complaint)
        assert.include(error.message, "FOOLSCAP_IDENTITY_PEM")
        const shown = inspect(error, { depth: null, showHidden: true })
        for (const line of self.pem.split("\n").filter((line) => line.length > 60)) {
          assert.notInclude(shown, line.slice(0, 20))
        }
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says what is wrong with the file that it names", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* files.writeFileString(path, self.pem.slice(0, 300))
      const error = yield* Effect.flip(build({ FOOLSCAP_IDENTITY_FILE: path }))
      assert.strictEqual(error._tag, "IdentityFileError")
      assert.include(error.message, `${path} is no identity`)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("makes no identity for a Tub whose settings cannot be read", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* Effect.flip(build({ FOOLSCAP_IDENTITY_FILE: path, FOOLSCAP_NEGOTIATION_DEADLINE: "soon" }))
      assert.isFalse(yield* files.exists(path))
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
