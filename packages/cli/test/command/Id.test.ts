import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { high } from "../Fixtures.ts"
import { tub } from "../Invoked.ts"

const freshPath = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/tub.pem`
})

describe("tub id create", () => {
  for (const [key, keyType] of [
    ["p256", "P-256"],
    ["ed25519", "Ed25519"],
    ["rsa2048", "RSA-2048"]
  ] as const) {
    it.effect(`makes an identity with a ${key} key, which tub id show can read`, () =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const created = yield* tub("id", "create", "--out", path, "--key", key, "--json")
        assert.strictEqual(created.code, 0)
        const [identity] = created.events
        assert.deepStrictEqual(created.events, [{ event: "identity", tubId: identity?.["tubId"], keyType, file: path }])
        const shown = yield* tub("id", "show", path, "--json")
        assert.strictEqual(shown.events[0]?.["tubId"], identity?.["tubId"])
        assert.strictEqual(shown.events[0]?.["keyType"], keyType)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  it.effect("makes another identity each time", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* freshPath, yield* freshPath]
      const [one] = (yield* tub("id", "create", "--out", first, "--json")).events
      const [other] = (yield* tub("id", "create", "--out", second, "--json")).events
      assert.notStrictEqual(one?.["tubId"], other?.["tubId"])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("never overwrites a file, and leaves it as it was", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* files.writeFileString(path, "precious")
      const said = yield* tub("id", "create", "--out", path, "--json")
      assert.strictEqual(said.code, 2)
      assert.deepStrictEqual(said.out, [])
      assert.include(said.err.join("\n"), "never overwritten")
      assert.strictEqual(yield* files.readFileString(path), "precious")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says which kinds of key there are", () =>
    Effect.gen(function* () {
      const said = yield* tub("id", "create", "--out", "/nowhere", "--key", "dsa")
      assert.strictEqual(said.code, 2)
      for (const text of ["--key", "p256", "rsa2048", "ed25519", '"dsa"']) assert.include(said.err[0], text)
    })
  )
})

describe("tub id show", () => {
  it.effect("tells a script of an identity that Foolscap made", () =>
    Effect.gen(function* () {
      const said = yield* tub("id", "show", high.file, "--json")
      assert.strictEqual(said.code, 0)
      assert.deepStrictEqual(said.events, [
        {
          event: "identity",
          tubId: high.tubId,
          keyType: "RSA-2048",
          file: high.file,
          notBefore: "2026-11-22T10:34:00.000Z",
          notAfter: "2027-11-22T10:34:00.000Z"
        }
      ])
      assert.include(said.err.join("\n"), high.tubId)
    })
  )

  it.effect("tells a person the same", () =>
    Effect.gen(function* () {
      const said = yield* tub("id", "show", high.file)
      assert.strictEqual(said.code, 0)
      assert.deepStrictEqual(said.err, [])
      for (const text of [high.tubId, "RSA-2048", "2026-11-22 to 2027-11-22"]) assert.include(said.out.join("\n"), text)
    })
  )

  it.effect("warns of a key that others can read, in one line on standard error", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* files.copyFile(high.file, path)
      yield* files.chmod(path, 0o644)
      const said = yield* tub("id", "show", path, "--json")
      assert.strictEqual(said.code, 0)
      assert.strictEqual(said.events[0]?.["tubId"], high.tubId)
      assert.match(said.err[0] ?? "", new RegExp(`^tub: others may read the identity ${path} .*: chmod 600 it$`))
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("exits with 2 for a file that is none or holds no identity, and says which and why", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const missing = yield* tub("id", "show", path, "--json")
      assert.strictEqual(missing.code, 2)
      assert.deepStrictEqual(missing.out, [])
      assert.include(missing.err.join("\n"), `tub: cannot read the identity ${path}: there is no such file or folder`)
      yield* files.writeFileString(path, (yield* files.readFileString(high.file)).slice(0, -100))
      const half = yield* tub("id", "show", path, "--json")
      assert.strictEqual(half.code, 2)
      assert.deepStrictEqual(half.out, [])
      assert.include(half.err.join("\n"), `tub: ${path} is no identity: found a block that begins and does not end`)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
