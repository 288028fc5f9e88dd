import * as Certificate from "@effect-foolscap/node/Certificate"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"

describeWith(["python3-foolscap"], "A tub.pem", () => {
  for (const key of ["rsa2048", "p256", "ed25519"] as const) {
    it.live(`that we wrote with a ${key} key is the same Tub to Foolscap`, () =>
      Effect.gen(function* () {
        const identity = yield* Identities.make(key)
        const pem = join(yield* Scratch.folder, "tub.pem")
        writeFileSync(pem, Redacted.value(Certificate.toPem(identity)))
        assert.strictEqual((yield* FoolscapPeer.start({ pem })).tubId, identity.tubId)
      })
    )
  }

  it.live("that Foolscap wrote is the same Tub to us, and can be used at once", () =>
    Effect.gen(function* () {
      const pem = join(yield* Scratch.folder, "tub.pem")
      const before = yield* FoolscapPeer.start({ pem })
      const identity = yield* Certificate.fromPem(readFileSync(pem, "utf8"))
      assert.strictEqual(identity.tubId, before.tubId)
      assert.strictEqual((yield* Certificate.describe(identity)).keyType, "RSA-2048")

      // Another Foolscap believes us.
      const other = yield* FoolscapPeer.start()
      const tub = yield* OurTub.make(identity)
      const connection = yield* tub.dial({ tubId: other.tubId, hints: [other.hint] })
      assert.strictEqual((yield* other.next("connected")).peer, before.tubId)
      assert.strictEqual(connection.local, before.tubId)
    })
  )

  it.live("survives our reading and writing it, and is still the same Tub to Foolscap", () =>
    Effect.gen(function* () {
      const folder = yield* Scratch.folder
      const [theirs, ours] = [join(folder, "theirs.pem"), join(folder, "ours.pem")]
      const before = yield* FoolscapPeer.start({ pem: theirs })
      const identity = yield* Certificate.fromPem(readFileSync(theirs, "utf8"))
      writeFileSync(ours, Redacted.value(Certificate.toPem(identity)))
      assert.strictEqual((yield* FoolscapPeer.start({ pem: ours })).tubId, before.tubId)
    })
  )
})

describeWith(["python3-foolscap"], "A Foolscap that speaks one version of TLS only", () => {
  for (const tls of ["TLSv1.2", "TLSv1.3"] as const) {
    it.live(`is met at ${tls}, whoever dials`, () =>
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start({ tls })
        const tub = yield* OurTub.make(yield* Identities.make())
        yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
        assert.deepInclude(yield* peer.next("connected"), { side: "server", tls })

        const another = yield* OurTub.make(yield* Identities.make())
        const port = yield* another.listen
        peer.tell({ do: "dial", tubId: another.tubId, hints: [port.hint] })
        yield* port.linked
        assert.deepInclude(yield* peer.next("connected"), { side: "client", tls })
      })
    )
  }
})
