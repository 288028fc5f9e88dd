import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { Role, Side } from "@effect-foolscap/negotiation/policy/Master"
import * as Certificate from "@effect-foolscap/node/Certificate"
import { type TlsVersion, TlsVersions } from "@effect-foolscap/node/SecureContext"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as FoolscapPeer from "../src/FoolscapPeer.ts"
import * as Identities from "../src/Identities.ts"
import * as OurTub from "../src/OurTub.ts"
import { describeWith } from "../src/Requirements.ts"
import * as Scratch from "../src/Scratch.ts"

const keys = ["rsa2048", "p256", "ed25519"] as const
const versions = ["TLSv1.2", "TLSv1.3"] as const
const roles = ["Master", "NonMaster"] as const
const sides = ["client", "server"] as const

/** One process of Foolscap, and an identity of ours for each kind of key and each role towards it. */
class Foolscap extends Context.Service<
  Foolscap,
  { readonly peer: FoolscapPeer.FoolscapPeer; readonly ours: (key: Certificate.KeyKind, role: Role) => TubIdentity }
>()("Foolscap") {
  static readonly layer = (theirs: Certificate.KeyKind | "its own") =>
    Layer.effect(
      Foolscap,
      Effect.gen(function* () {
        const peer = yield* FoolscapPeer.start(theirs === "its own" ? {} : { pem: yield* pemFile(theirs) })
        const made = new Map<string, TubIdentity>()
        for (const key of keys) {
          for (const role of roles) made.set(`${key} ${role}`, yield* Identities.makeFor(role, peer.tubId, key))
        }
        return Foolscap.of({
          peer,
          ours: (key, role) => {
            const identity = made.get(`${key} ${role}`)
            if (identity === undefined) throw new Error("every identity has been made")
            return identity
          }
        })
      })
    )
}

const pemFile = Effect.fnUntraced(function* (key: Certificate.KeyKind) {
  const file = join(yield* Scratch.folder, "tub.pem")
  writeFileSync(file, Redacted.value(Certificate.toPem(yield* Identities.make(key))))
  return file
})

const opposite = { client: "server", server: "client", Master: "NonMaster", NonMaster: "Master" } as const

/** Connects the two, and shows that both saw the same connection and the same orderly end. */
const negotiate = Effect.fnUntraced(function* (
  key: Certificate.KeyKind,
  options: { readonly tls: TlsVersion; readonly role: Role; readonly side: Side }
) {
  const { role, side, tls } = options
  const { ours, peer } = yield* Foolscap
  const identity = ours(key, role)
  const tub = yield* OurTub.make(identity)
  const connected = Effect.gen(function* () {
    if (side === "client") return yield* tub.dial({ tubId: peer.tubId, hints: [peer.hint] })
    const port = yield* tub.listen
    peer.tell({ do: "dial", tubId: identity.tubId, hints: [port.hint] })
    return yield* port.linked
  })
  const here: NegotiatedConnection = yield* Effect.provideService(connected, TlsVersions, { min: tls, max: tls })
  const there = yield* peer.next("connected")

  assert.deepInclude(here, { side, role, local: identity.tubId, peer: peer.tubId })
  assert.deepInclude(there, { side: opposite[side], role: opposite[role], peer: identity.tubId })
  assert.strictEqual(there.tls, tls)
  assert.deepInclude(here.parameters, { version: 3, vocabulary: 1, applicationProtocol: "banana" })
  assert.deepInclude(there, { banana: 3, vocabulary: 1 })
  assert.strictEqual(here.seqnum, there.seqnum)
  assert.strictEqual(here.incarnations.remote, peer.incarnation)

  yield* here.close
  assert.deepInclude(yield* peer.next("closed"), { peer: identity.tubId, error: "ConnectionDone" })
})

describeWith(["python3-foolscap"], "A negotiation with Foolscap", () => {
  for (const theirs of ["its own", ...keys] as const) {
    const certificate = theirs === "its own" ? "a certificate of its own making" : `a ${theirs} certificate from here`
    layer(Foolscap.layer(theirs), { excludeTestServices: true })(`that has ${certificate}`, (it) => {
      for (const key of keys) {
        for (const tls of versions) {
          for (const side of sides) {
            for (const role of roles) {
              it.effect(`succeeds for our ${key} ${side} as ${role} over ${tls}`, () =>
                negotiate(key, { tls, role, side })
              )
            }
          }
        }
      }
    })
  }
})
