import * as TubId from "@effect-foolscap/furl/TubId"
import * as Certificate from "@effect-foolscap/node/Certificate"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as Nginx from "../src/Nginx.ts"
import * as Ports from "../src/Ports.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"
import * as TubCommand from "../src/TubCommand.ts"

const loopback = "tcp:0:interface=127.0.0.1"

const nobody = TubId.TubId.make("a".repeat(32))

const roles = ["Master", "NonMaster"] as const
const opposite = { Master: "NonMaster", NonMaster: "Master" } as const

/** A tub.pem of somebody with this role towards `peer`. */
const identityFile = Effect.fnUntraced(function* (role: "Master" | "NonMaster", peer: TubId.TubId) {
  const identity = yield* Identities.makeFor(role, peer)
  const file = join(yield* Scratch.folder, "tub.pem")
  writeFileSync(file, Redacted.value(Certificate.toPem(identity)))
  return { file, tubId: identity.tubId }
})

const furlOf = (tubId: TubId.TubId, hint: string) => `pb://${tubId}@${hint}/name`

describeWith(["python3-foolscap"], "tub serve", () => {
  for (const role of roles) {
    it.live(`and a Foolscap that asks for its FURL report the same link, as ${role}`, () =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start()
        const { file, tubId } = yield* identityFile(role, peer.tubId)
        const tub = yield* TubCommand.start("serve", "--identity", file, "--listen", loopback)
        const listening = yield* tub.next("listening")
        assert.strictEqual(listening["tubId"], tubId)
        assert.match(String(listening["address"]), /^127\.0\.0\.1:\d+$/)

        peer.tell({ do: "reference", furl: String(listening["furl"]) })
        const here = yield* tub.next("negotiated")
        const there = yield* peer.next("connected")
        assert.deepInclude(here, { side: "server", role, peer: peer.tubId, banana: 3, vocabulary: 1, seqnum: 1 })
        assert.deepInclude(there, {
          side: "client",
          role: opposite[role],
          peer: tubId,
          banana: 3,
          vocabulary: 1,
          seqnum: 1
        })

        tub.signal("SIGTERM")
        assert.deepInclude(yield* tub.next("closed"), { peer: peer.tubId, reason: "Closed" })
        assert.strictEqual(yield* tub.exitCode, 0)
        assert.strictEqual((yield* peer.next("closed")).error, "ConnectionDone")
      })
    )
  }

  it.live("reports a Foolscap that asks for somebody else, and serves on", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const { file, tubId } = yield* identityFile("Master", peer.tubId)
      const tub = yield* TubCommand.start("serve", "--identity", file, "--listen", loopback)
      const hint = `tcp:${String((yield* tub.next("listening"))["address"])}`
      peer.tell({ do: "dial", tubId: nobody, hints: [hint] })
      assert.deepInclude(yield* tub.next("failed"), { side: "server", phase: "Plaintext", reason: "UnknownTubId" })
      peer.tell({ do: "dial", tubId, hints: [hint] })
      yield* tub.next("negotiated")
      yield* peer.next("connected")
      peer.tell({ do: "close", peer: tubId })
      assert.deepInclude(yield* tub.next("closed"), { peer: peer.tubId, reason: "ClosedByPeer" })
    })
  )
})

describeWith(["python3-foolscap"], "tub dial", () => {
  for (const role of roles) {
    it.live(`and the Foolscap that it reaches report the same link, as ${role}`, () =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start()
        const { file, tubId } = yield* identityFile(role, peer.tubId)
        const tub = yield* TubCommand.start("dial", furlOf(peer.tubId, peer.hint), "--identity", file)
        const here = yield* tub.next("negotiated")
        const there = yield* peer.next("connected")
        const { hint, tubId: wanted } = peer
        assert.deepInclude(here, { side: "client", role, peer: wanted, banana: 3, vocabulary: 1, seqnum: 1, hint })
        assert.deepInclude(there, {
          side: "server",
          role: opposite[role],
          peer: tubId,
          banana: 3,
          vocabulary: 1,
          seqnum: 1
        })
        assert.strictEqual(yield* tub.exitCode, 0)
        assert.strictEqual((yield* peer.next("closed")).error, "ConnectionDone")
      })
    )
  }

  it.live("makes an identity for itself if it is given none", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* TubCommand.start("dial", furlOf(peer.tubId, peer.hint))
      assert.strictEqual((yield* tub.next("negotiated"))["peer"], peer.tubId)
      assert.strictEqual(yield* tub.exitCode, 0)
    })
  )

  it.live("exits with 5 if Foolscap does not know the TubId", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const tub = yield* TubCommand.start("dial", furlOf(nobody, peer.hint))
      const failed = yield* tub.next("failed")
      assert.deepInclude(failed, { side: "client", phase: "Plaintext", reason: "PeerRefused", hint: peer.hint })
      assert.include(failed["message"], `unknown TubID ${nobody}`)
      assert.strictEqual(yield* tub.exitCode, 5)
    })
  )

  it.live("exits with 5 if there is no version in common", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start({ versions: [1, 2] })
      const tub = yield* TubCommand.start("dial", furlOf(peer.tubId, peer.hint))
      assert.deepInclude(yield* tub.next("failed"), { phase: "Encrypted", reason: "NoOverlap" })
      assert.strictEqual(yield* tub.exitCode, 5)
    })
  )

  it.live("exits with 6 if Foolscap cannot prove what it claims", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start({ claim: nobody })
      const tub = yield* TubCommand.start("dial", furlOf(nobody, peer.hint))
      assert.deepInclude(yield* tub.next("failed"), { phase: "Encrypted", reason: "TubIdMismatch" })
      assert.strictEqual(yield* tub.exitCode, 6)
    })
  )

  it.live("exits with 6 if another Tub answers than the one dialled", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start({ any: true })
      const tub = yield* TubCommand.start("dial", furlOf(nobody, peer.hint))
      assert.deepInclude(yield* tub.next("failed"), { phase: "Encrypted", reason: "WrongTub" })
      assert.strictEqual(yield* tub.exitCode, 6)
    })
  )
})

describeWith(["nginx-light"], "tub dial to a web server", () => {
  it.live("exits with 4 and quotes its answer", () =>
    Effect.gen(function* () {
      const nginx = yield* Nginx.start({})
      const tub = yield* TubCommand.start("dial", furlOf(nobody, nginx.hint))
      const failed = yield* tub.next("failed")
      assert.deepInclude(failed, { phase: "Plaintext", reason: "NotATub" })
      assert.include(failed["message"], "HTTP/1.1 404 Not Found")
      assert.strictEqual(yield* tub.exitCode, 4)
    })
  )

  it.live("exits with 8 if it is sent to another Tub", () =>
    Effect.gen(function* () {
      const elsewhere = `return 303 http://127.0.0.1:4711/id/${"b".repeat(32)}`
      const nginx = yield* Nginx.start({ [`/id/${nobody}`]: elsewhere })
      const tub = yield* TubCommand.start("dial", furlOf(nobody, nginx.hint))
      assert.deepInclude(yield* tub.next("failed"), { phase: "Plaintext", reason: "RedirectedElsewhere" })
      assert.strictEqual(yield* tub.exitCode, 8)
    })
  )
})

describeWith(["nginx-light", "python3-foolscap"], "tub dial and redirects", () => {
  const redirect = (tubId: TubId.TubId, place: string) =>
    Nginx.start({ [`/id/${tubId}`]: `return 303 http://${place}/id/${tubId}` })

  it.live("finds the Foolscap behind a web server, and says how it came there", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const nginx = yield* redirect(peer.tubId, `127.0.0.1:${peer.port}`)
      const tub = yield* TubCommand.start("dial", furlOf(peer.tubId, nginx.hint))
      assert.deepInclude(yield* tub.next("redirected"), { tubId: peer.tubId, locations: [peer.hint] })
      assert.deepInclude(yield* tub.next("negotiated"), { peer: peer.tubId, hint: peer.hint, redirects: 1 })
      yield* peer.next("connected")
      assert.strictEqual(yield* tub.exitCode, 0)
    })
  )

  it.live("finds the Foolscap that tub serve redirects to, and tub serve tells of it", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const { file } = yield* identityFile("Master", peer.tubId)
      const elsewhere = ["--redirect", `${peer.tubId}=${peer.hint}`]
      const server = yield* TubCommand.start("serve", "--identity", file, "--listen", loopback, ...elsewhere)
      const address = String((yield* server.next("listening"))["address"])
      const tub = yield* TubCommand.start("dial", furlOf(peer.tubId, `tcp:${address}`))
      for (const event of [yield* tub.next("redirected"), yield* server.next("redirected")]) {
        assert.deepInclude(event, { tubId: peer.tubId, locations: [peer.hint] })
      }
      assert.deepInclude(yield* tub.next("negotiated"), { peer: peer.tubId, hint: peer.hint, redirects: 1 })
      assert.strictEqual(yield* tub.exitCode, 0)
    })
  )

  it.live("leave a Foolscap client where it is, with the first line of our 303", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start()
      const { file } = yield* identityFile("Master", peer.tubId)
      const elsewhere = ["--redirect", `${nobody}=tcp:127.0.0.1:4711`]
      const server = yield* TubCommand.start("serve", "--identity", file, "--listen", loopback, ...elsewhere)
      const address = String((yield* server.next("listening"))["address"])
      peer.tell({ do: "dial", tubId: nobody, hints: [`tcp:${address}`] })
      assert.deepInclude(yield* server.next("redirected"), { tubId: nobody, locations: ["tcp:127.0.0.1:4711"] })
      assert.include((yield* peer.next("unreachable")).text, "got 'HTTP/1.1 303 See Other'")
    })
  )

  it.live("exits with 8 if a web server redirects to itself", () =>
    Effect.gen(function* () {
      const nginx = yield* redirect(nobody, "127.0.0.1:$server_port")
      const tub = yield* TubCommand.start("dial", furlOf(nobody, nginx.hint))
      assert.deepInclude(yield* tub.next("failed"), { side: "client", reason: "RedirectLoop", hint: nginx.hint })
      assert.strictEqual(yield* tub.exitCode, 8)
    })
  )

  it.live("exits with 6 if another Tub than the one asked for is found there", () =>
    Effect.gen(function* () {
      const peer = yield* FoolscapPeer.start({ any: true })
      const nginx = yield* redirect(nobody, `127.0.0.1:${peer.port}`)
      const tub = yield* TubCommand.start("dial", furlOf(nobody, nginx.hint))
      assert.deepInclude(yield* tub.next("failed"), { reason: "WrongTub", hint: peer.hint })
      assert.strictEqual(yield* tub.exitCode, 6)
    })
  )
})

describe("tub dial to nobody", () => {
  it.live("exits with 3 if the port is closed", () =>
    Effect.gen(function* () {
      const tub = yield* TubCommand.start("dial", furlOf(nobody, `tcp:127.0.0.1:${yield* Ports.free}`))
      assert.deepInclude(yield* tub.next("failed"), { phase: "Connect", reason: "Unreachable" })
      assert.strictEqual(yield* tub.exitCode, 3)
    })
  )

  it.live("exits with 7 if the port stays silent until the timeout", () =>
    Effect.gen(function* () {
      const hint = `tcp:127.0.0.1:${yield* Ports.silent}`
      const tub = yield* TubCommand.start("dial", furlOf(nobody, hint), "--timeout", "200ms")
      yield* tub.next("failed")
      assert.strictEqual(yield* tub.exitCode, 7)
    })
  )

  it.live("exits with 2 if the FURL is none", () =>
    Effect.gen(function* () {
      const tub = yield* TubCommand.start("dial", "http://example.org/")
      assert.strictEqual(yield* tub.exitCode, 2)
    })
  )
})

describeWith(["python3-foolscap"], "tub id create", () => {
  for (const key of ["p256", "rsa2048", "ed25519"]) {
    it.live(`writes a ${key} identity that Foolscap loads under the same TubId`, () =>
      Effect.gen(function* () {
        const pem = join(yield* Scratch.folder, "tub.pem")
        const tub = yield* TubCommand.start("id", "create", "--out", pem, "--key", key)
        const { tubId } = yield* tub.next("identity")
        assert.strictEqual(yield* tub.exitCode, 0)
        assert.strictEqual((yield* FoolscapPeer.start({ pem })).tubId, tubId)

        const written = readFileSync(pem)
        const again = yield* TubCommand.start("id", "create", "--out", pem, "--key", key)
        assert.strictEqual(yield* again.exitCode, 2)
        assert.isTrue(readFileSync(pem).equals(written))
      })
    )
  }
})
