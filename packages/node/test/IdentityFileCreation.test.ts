/** What happens when an identity is written: by many at once, by programs that are killed or interrupted. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import * as PlatformError from "effect/PlatformError"
import { TestClock } from "effect/testing"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as Certificate from "../src/Certificate.ts"
import * as IdentityFile from "../src/IdentityFile.ts"
import { beside, freshPath, killedAt, logOf, watched, withoutLinks } from "./Disk.ts"
import { foolscapIdentity, pemOf } from "./Fixtures.ts"

const ours = foolscapIdentity(0)
const other = foolscapIdentity(1)
const pem = pemOf("tub1")

/** Both ways of writing one. */
const disks = [
  ["with hard links", (files: FileSystem.FileSystem) => files],
  ["without hard links", withoutLinks]
] as const

for (const [which, make] of disks) {
  /** Runs `effect` on such a file system. */
  const on = <A, E, R>(effect: Effect.Effect<A, E, R>, wrap = (files: FileSystem.FileSystem) => files) =>
    Effect.flatMap(FileSystem.FileSystem, (files) =>
      Effect.provideService(effect, FileSystem.FileSystem, make(wrap(files)))
    )

  describe(`IdentityFile.create on a file system ${which}`, () => {
    it.effect("writes what Foolscap reads, for its owner only, and nothing beside it", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* on(IdentityFile.create(path, ours))
        assert.strictEqual((yield* files.stat(path)).mode & 0o777, 0o600)
        assert.strictEqual(yield* files.readFileString(path), pemOf("tub1"))
        assert.deepStrictEqual(yield* beside(path), ["tub.pem"])
        assert.deepStrictEqual(yield* logOf(on(IdentityFile.read(path))), [])
      }).pipe(Effect.provide(NodeServices.layer))
    )

    it.effect("never overwrites anything, and leaves it as it was", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* freshPath
        yield* files.writeFileString(path, "precious")
        const error = yield* Effect.flip(on(IdentityFile.create(path, ours)))
        assert.strictEqual(error.reason._tag, "AlreadyExists")
        assert.include(error.message, `cannot write the identity ${path}: it exists already`)
        assert.strictEqual(yield* files.readFileString(path), "precious")
        assert.deepStrictEqual(yield* beside(path), ["tub.pem"])
      }).pipe(Effect.provide(NodeServices.layer))
    )

    it.effect("of many at once lets one succeed", () =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const exits = yield* Effect.forEach(
          Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? ours : other)),
          (identity) =>
            Effect.map(Effect.result(on(IdentityFile.create(path, identity))), (result) => ({ identity, result })),
          { concurrency: "unbounded" }
        )
        const [winner, ...more] = exits.filter(({ result }) => result._tag === "Success")
        assert.lengthOf(more, 0)
        assert.strictEqual((yield* IdentityFile.read(path)).tubId, winner?.identity.tubId)
        for (const { result } of exits) {
          if (result._tag === "Failure") assert.strictEqual(result.failure.reason._tag, "AlreadyExists")
        }
        assert.deepStrictEqual(yield* beside(path), ["tub.pem"])
      }).pipe(Effect.provide(NodeServices.layer))
    )

    it.effect("leaves no file by halves, whenever its program is killed", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const left = new Set<string>()
        for (let call = 1; ; call++) {
          const path = yield* freshPath
          const exit = yield* on(IdentityFile.create(path, ours), (files) => killedAt(files, call)).pipe(Effect.exit)
          left.add((yield* files.exists(path)) ? yield* files.readFileString(path) : "none")
          if (Exit.isSuccess(exit)) break
        }
        // Without hard links there is one moment at which it has a name and nothing else.
        assert.deepStrictEqual([...left], which === "with hard links" ? ["none", pem] : ["none", "", pem])
      }).pipe(Effect.provide(NodeServices.layer))
    )

    it.effect("ends with the whole file and nothing beside it, whenever it is interrupted", () =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const calls: Array<string> = []
        yield* on(IdentityFile.create(yield* freshPath, ours), (files) =>
          watched(files, (call) => Effect.sync(() => void calls.push(call)))
        )
        assert.isAtLeast(calls.length, 6)
        for (const at of calls.keys()) {
          const path = yield* freshPath
          const [reached, interrupted] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
          let call = 0
          const fiber = yield* on(IdentityFile.create(path, ours), (files) =>
            watched(files, () =>
              Effect.suspend(() =>
                call++ === at
                  ? Effect.andThen(Deferred.succeed(reached, undefined), Deferred.await(interrupted))
                  : Effect.void
              )
            )
          ).pipe(Effect.forkChild)
          yield* Deferred.await(reached)
          const ending = yield* Effect.forkChild(Fiber.interrupt(fiber), { startImmediately: true })
          yield* Deferred.succeed(interrupted, undefined)
          yield* Fiber.join(ending)
          assert.strictEqual(yield* files.readFileString(path), pem)
          assert.deepStrictEqual(yield* beside(path), ["tub.pem"])
        }
      }).pipe(Effect.provide(NodeServices.layer))
    )
  })

  describe(`IdentityFile.readOrCreate on a file system ${which}`, () => {
    it.live("gives many that call it at once the same identity, which stays", () =>
      Effect.gen(function* () {
        const path = yield* freshPath
        const identities = yield* Effect.all(
          Array.from({ length: 20 }, () => on(IdentityFile.readOrCreate(path))),
          { concurrency: "unbounded" }
        ).pipe(Effect.provide(Logger.layer([])))
        const [first, ...more] = new Set(identities.map(({ tubId }) => tubId))
        assert.lengthOf(more, 0)
        assert.strictEqual((yield* on(IdentityFile.readOrCreate(path))).tubId, first)
        assert.deepStrictEqual(yield* beside(path), ["tub.pem"])
      }).pipe(Effect.provide(NodeServices.layer))
    )
  })
}

describe("IdentityFile.create", () => {
  it.effect("has all of the file on the disk before it gets its name, and then the name", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const calls: Array<string> = []
      yield* IdentityFile.create(yield* freshPath, ours).pipe(
        Effect.provideService(
          FileSystem.FileSystem,
          watched(files, (call) => Effect.sync(() => void calls.push(call)))
        )
      )
      assert.strictEqual(calls.join(" "), "makeTempDirectory open writeAll sync link remove open sync")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says that the folder is missing, or is none", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const nowhere = yield* Effect.flip(IdentityFile.create(`${path}/tub.pem`, ours))
      assert.strictEqual(nowhere.reason._tag, "NoSuchFolder")
      assert.include(nowhere.message, `cannot write the identity ${path}/tub.pem: its folder does not exist`)
      yield* IdentityFile.create(path, ours)
      const below = yield* Effect.flip(IdentityFile.create(`${path}/tub.pem`, ours))
      assert.strictEqual(below.reason._tag, "NotAFile")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("tells of a full disk in the words of the system, and leaves nothing", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      const full = PlatformError.systemError({
        _tag: "Unknown",
        module: "FileSystem",
        method: "open",
        cause: new Error("ENOSPC: no space left on device, open")
      })
      const error = yield* IdentityFile.create(path, ours).pipe(
        Effect.provideService(FileSystem.FileSystem, {
          ...files,
          open: () => Effect.fail(full)
        }),
        Effect.flip
      )
      assert.match(error.message, /^cannot write the identity .*: ENOSPC: no space left on device/)
      assert.deepStrictEqual(yield* beside(path), [])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("IdentityFile.readOrCreate", () => {
  it.effect("makes an identity where there is none, and says so", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const [line, ...more] = yield* logOf(IdentityFile.readOrCreate(path, "ed25519"))
      const identity = yield* IdentityFile.read(path)
      assert.strictEqual((yield* Certificate.describe(identity)).keyType, "Ed25519")
      assert.strictEqual(line, `Info made the identity ${path}: this is now the Tub ${identity.tubId}`)
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual(yield* logOf(IdentityFile.readOrCreate(path)), [])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("leaves alone whatever is there and is no identity", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* freshPath
      yield* files.writeFileString(path, pem.slice(0, -100))
      const error = yield* Effect.flip(IdentityFile.readOrCreate(path))
      assert.strictEqual(error.reason._tag === "CertificateError" && error.reason.kind, "cut short")
      assert.strictEqual(yield* files.readFileString(path), pem.slice(0, -100))
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("waits a second for whoever has left the file empty, and no longer", () =>
    Effect.gen(function* () {
      const info = yield* (yield* FileSystem.FileSystem).stat(fileURLToPath(import.meta.url))
      const waiting = (content: () => string) =>
        IdentityFile.readOrCreate("tub.pem").pipe(
          Effect.provideService(
            FileSystem.FileSystem,
            FileSystem.makeNoop({ stat: () => Effect.succeed(info), readFileString: () => Effect.sync(content) })
          ),
          Effect.provide(Logger.layer([])),
          Effect.forkChild({ startImmediately: true })
        )
      let content = ""
      const patient = yield* waiting(() => content)
      const disappointed = yield* waiting(() => "")
      yield* TestClock.adjust("900 millis")
      content = pem
      yield* TestClock.adjust("50 millis")
      assert.isTrue(Equal.equals(yield* Fiber.join(patient), ours))
      assert.isUndefined(disappointed.pollUnsafe())
      yield* TestClock.adjust("50 millis")
      const error = yield* Effect.flip(Fiber.join(disappointed))
      assert.strictEqual(error.reason._tag === "CertificateError" && error.reason.kind, "empty")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("gives several processes that start at once the same identity", () =>
    Effect.gen(function* () {
      const path = yield* freshPath
      const claimants = yield* Effect.forEach(Array.from({ length: 4 }), () => claimant(path), {
        concurrency: "unbounded"
      })
      const tubIds = yield* Effect.forEach(claimants, ({ claim }) => claim, { concurrency: "unbounded" })
      const { tubId } = yield* IdentityFile.read(path)
      assert.deepStrictEqual(tubIds, [tubId, tubId, tubId, tubId])
      assert.deepStrictEqual(yield* beside(path), ["tub.pem"])
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

const program = fileURLToPath(new URL("Claimant.ts", import.meta.url))

/** A process that is ready to claim the identity at `path`. */
const claimant = Effect.fnUntraced(function* (path: string) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--conditions=@effect-foolscap/source", program, path], {
        stdio: ["pipe", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = Effect.map(
    Effect.promise(() => lines.next()),
    ({ value }) => value
  )
  assert.strictEqual(yield* next, "ready")
  return {
    claim: Effect.andThen(
      Effect.sync(() => child.stdin.write("go\n")),
      next
    )
  }
})
