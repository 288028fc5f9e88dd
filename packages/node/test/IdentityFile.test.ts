import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as PlatformError from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import { createPrivateKey } from "node:crypto"
import { inspect } from "node:util"
import * as Certificate from "../src/Certificate.ts"
import * as IdentityFile from "../src/IdentityFile.ts"
import { freshPath, logOf } from "./Disk.ts"
import { blocksOf, foolscapIdentity, foolscapTubs, pemOf } from "./Fixtures.ts"

const ours = foolscapIdentity(0)
const pem = Redacted.value(Certificate.toPem(ours))

/** The path of a file with this text, for its owner only. */
const fileWith = Effect.fnUntraced(function* (text: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* freshPath
  yield* files.writeFileString(path, text, { mode: 0o600 })
  return path
})

describe("IdentityFile.read", () => {
  for (const { name, pem, tubId } of foolscapTubs) {
    it.effect(`reads ${name} as Foolscap wrote it`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* IdentityFile.read(yield* fileWith(pem))).tubId, tubId)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  it.effect("finds an identity in a file that was cut anywhere only if nothing but its last line end is missing", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* files.writeFileString(path, "")
      const info = yield* files.stat(path)
      const made = yield* Effect.forEach(["p256", "ed25519"] as const, (key) => Certificate.generate({ key }))
      for (const identity of [ours, ...made]) {
        const whole = Redacted.value(Certificate.toPem(identity))
        const keyLines = Redacted.value(identity.privateKey).split("\n").slice(1, -2)
        for (let length = 0; length < whole.length; length++) {
          const exit = yield* IdentityFile.read("cut.pem").pipe(
            Effect.provideService(
              FileSystem.FileSystem,
              FileSystem.makeNoop({
                stat: () => Effect.succeed({ ...info, mode: 0o600 }),
                readFileString: () => Effect.succeed(whole.slice(0, length))
              })
            ),
            Effect.exit
          )
          if (length === whole.length - 1) {
            assert.isTrue(Exit.isSuccess(exit) && Equal.equals(exit.value, identity))
            continue
          }
          const error = yield* Effect.flip(exit)
          assert.strictEqual(error._tag, "IdentityFileError", `cut after ${length}`)
          assert.strictEqual(error.reason._tag, "CertificateError", `cut after ${length}`)
          assert.match(error.message, /^cut\.pem is no identity: found /)
          for (const line of keyLines) assert.notInclude(error.message, line.slice(0, 8))
        }
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  const theirs = blocksOf(pemOf("tub2"))
  const mine = blocksOf(pem)
  const encrypted = createPrivateKey(mine.key)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" })
    .toString()
  for (const [what, text, kind, advice] of [
    ["nothing in it", "", "empty", "restore it from a copy"],
    ["nothing but white space in it", "\n \r\n", "empty", "restore it from a copy"],
    ["half of a certificate", mine.certificate.slice(0, 300), "cut short", "restore it from a copy"],
    ["half of a key", pem.slice(0, -100), "cut short", "restore it from a copy"],
    ["no key", mine.certificate, "no key", "beside the certificate"],
    ["no certificate", mine.key, "no certificate", "-----BEGIN CERTIFICATE-----"],
    ["two identities", pem + theirs.certificate + theirs.key, "several keys", "keep the one"],
    ["the key of another certificate", mine.certificate + theirs.key, "key does not fit", "made together"],
    ["an encrypted key", mine.certificate + encrypted, "encrypted key", "openssl pkey"],
    ["its line breaks lost", pem.replaceAll("\n", "\\n"), "unreadable certificate", "lost its line breaks"]
  ] as const) {
    it.effect(`says of a file with ${what} what is wrong, and shows none of its key`, () =>
      Effect.gen(function* () {
        const path = yield* fileWith(text)
        const error = yield* Effect.flip(IdentityFile.read(path))
        assert.strictEqual(error.reason._tag === "CertificateError" && error.reason.kind, kind)
        assert.include(error.message, `${path} is no identity: `)
        assert.include(error.message, advice)
        const shown = inspect(error, { depth: null, showHidden: true })
        for (const line of `${mine.key}${theirs.key}${encrypted}`
          .split("\n")
          .filter((line) => /^[^-]{60}/.test(line))) {
          assert.notInclude(shown, line.slice(0, 20))
        }
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  it.effect("says which file it cannot read, why, and what to do", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const missing = yield* Effect.flip(IdentityFile.read(path))
      assert.strictEqual(missing.reason._tag, "NoSuchFile")
      assert.strictEqual(
        missing.message,
        `cannot read the identity ${path}: there is no such file or folder: check the path, or make an identity there with \`tub id create\``
      )
      const folder = yield* Effect.flip(IdentityFile.read(path.slice(0, -"/tub.pem".length)))
      assert.strictEqual(folder.reason._tag, "NotAFile")
      yield* files.writeFileString(path, pem, { mode: 0o600 })
      const below = yield* Effect.flip(IdentityFile.read(`${path}/tub.pem`))
      assert.strictEqual(below.reason._tag, "NotAFile")
      assert.strictEqual((yield* Effect.flip(IdentityFile.read("a\0b"))).reason._tag, "FileSystemFailed")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says that it has no permission", () =>
    Effect.gen(function* () {
      const denied = PlatformError.systemError({ _tag: "PermissionDenied", module: "FileSystem", method: "stat" })
      const error = yield* IdentityFile.read("tub.pem").pipe(
        Effect.provideService(FileSystem.FileSystem, FileSystem.makeNoop({ stat: () => Effect.fail(denied) })),
        Effect.flip
      )
      assert.strictEqual(error.reason._tag, "NoPermission")
      assert.include(error.message, "cannot read the identity tub.pem: permission denied")
    })
  )

  for (const mode of [0o644, 0o640, 0o620, 0o604]) {
    it.effect(`warns of a file with mode ${mode.toString(8)}, and how to change that, and reads it all the same`, () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* files.writeFileString(path, pem)
        yield* files.chmod(path, mode)
        const [line, ...more] = yield* logOf(IdentityFile.read(path))
        assert.match(line ?? "", new RegExp(`^Warn .*${path}.* mode is ${mode.toString(8)}.* chmod 600`))
        assert.deepStrictEqual(more, [])
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  for (const mode of [0o600, 0o400, 0o700]) {
    it.effect(`has nothing to say about a file with mode ${mode.toString(8)}`, () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* files.writeFileString(path, pem)
        yield* files.chmod(path, mode)
        assert.deepStrictEqual(yield* logOf(IdentityFile.read(path)), [])
      }).pipe(Effect.provide(NodeServices.layer))
    )
  }

  it.effect("leaves the files of others to them, as ssh does", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* files.writeFileString(path, pem)
      yield* files.chmod(path, 0o644)
      const somebodyElse = Option.some((process.getuid?.() ?? 0) + 1)
      const read = Effect.provideService(IdentityFile.read(path), FileSystem.FileSystem, {
        ...files,
        stat: (path) => Effect.map(files.stat(path), (info) => ({ ...info, uid: somebodyElse }))
      })
      assert.deepStrictEqual(yield* logOf(read), [])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
