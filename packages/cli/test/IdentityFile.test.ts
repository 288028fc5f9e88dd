import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as FileSystem from "effect/FileSystem"
import * as IdentityFile from "../src/IdentityFile.ts"
import { high, low } from "./Fixtures.ts"

/** A path in a folder of its own, where nothing is yet. */
const freshPath = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/tub.pem`
})

describe("IdentityFile", () => {
  it.effect("reads what Foolscap has written", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* IdentityFile.read(low.file)).tubId, low.tubId)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("writes what it reads, for its owner only", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const identity = yield* low.identity
      yield* IdentityFile.create(path, identity)
      assert.strictEqual((yield* files.stat(path)).mode & 0o777, 0o600)
      assert.isTrue(Equal.equals(yield* IdentityFile.read(path), identity))
      assert.strictEqual(yield* files.readFileString(path), yield* files.readFileString(low.file))
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("never overwrites an identity", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      yield* IdentityFile.create(path, yield* low.identity)
      const error = yield* Effect.flip(IdentityFile.create(path, yield* high.identity))
      assert.include(error.message, "it exists already")
      assert.strictEqual((yield* IdentityFile.read(path)).tubId, low.tubId)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says which file it cannot read or write, and why", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const missing = yield* Effect.flip(IdentityFile.read(path))
      assert.strictEqual(missing.message, `cannot read the identity ${path}: there is no such file or folder`)
      const nowhere = yield* Effect.flip(IdentityFile.create(`${path}/tub.pem`, yield* low.identity))
      assert.include(nowhere.message, `cannot write the identity ${path}/tub.pem: `)
      const folder = path.replace(/\/tub\.pem$/, "")
      assert.strictEqual(
        (yield* Effect.flip(IdentityFile.read(folder))).message,
        `cannot read the identity ${folder}: it is no file`
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says what is wrong with a file that is no identity, and shows nothing of its key", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const whole = yield* files.readFileString(low.file)
      const key = whole.indexOf("-----BEGIN PRIVATE KEY-----")
      for (const [text, complaint] of [
        ["", "found no certificate"],
        [whole.slice(0, 300), "found no certificate"],
        [whole.slice(0, key), "found no private key"],
        [whole.slice(0, key + 200), "found no private key"],
        [whole.replace(/(?<=PRIVATE KEY-----\n)[^-]{200}/, ""), "the private key cannot be read"],
        [
          whole.slice(0, key) + (yield* files.readFileString(high.file)).slice(key),
          "does not belong to the certificate"
        ]
      ] as const) {
        yield* files.writeFileString(path, text)
        const { message } = yield* Effect.flip(IdentityFile.read(path))
        assert.include(message, `${path} is no identity: `)
        assert.include(message, complaint)
        for (const line of whole.slice(key).split("\n")) if (line.length > 60) assert.notInclude(message, line)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
