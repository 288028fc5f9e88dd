import { assert, describe, it } from "@effect/vitest"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import type { LocalTub } from "../../src/LocalTub.ts"
import type { Side } from "../../src/policy/Master.ts"
import { high, low } from "../Sides.ts"
import { errorBlock, httpAnswer } from "./Differences.ts"
import { oldTranscripts2006, type RawCase } from "./Fixtures.ts"
import { type Outcome, play } from "./RawConversation.ts"

const upgrade =
  "Peer is speaking foolscap-0.0.5 or earlier, which is not compatible with this version. Please upgrade the peer."
const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, PB/1.0\r\nConnection: Upgrade\r\n\r\n"
const unencrypted = httpAnswer("404 Not Found", "secure Tubs require encryption")
const unknown = (asked: string) => httpAnswer("404 Not Found", `unknown TubID ${asked}`)

const helloOf = ({ incarnation, tubId }: LocalTub, side: Side) =>
  `banana-negotiation-range: 3 3\r\ninitial-vocab-table-range: 0 1\r\n${side === "client" ? "last-connection: none 0\r\n" : ""}my-incarnation: ${incarnation}\r\nmy-tub-id: ${tubId}\r\n\r\n`

const transcriptOf = (name: string) => {
  const transcript = oldTranscripts2006.find((other) => other.name === name)
  assert.isDefined(transcript)
  return transcript
}

const isEncrypted = (name: string): boolean =>
  transcriptOf(name).events.some((event) => "encrypted" in event && event.encrypted)

const said = (name: string, from: Side) =>
  transcriptOf(name).events.flatMap((event) => {
    if (!("bytes" in event) || event.from !== from) return []
    const layer = event.phase !== "PLAINTEXT" && isEncrypted(name) ? ("tls" as const) : ("tcp" as const)
    return [{ layer, bytes: event.bytes }]
  })

/** One side of a recording of 2006, as a raw peer of ours. A Tub proves who it claims to be. */
const peerOf = (name: string, peer: Side, wanted?: TubId): RawCase => {
  const events = said(name, peer).map((event) => ({ raw: "sent" as const, ...event }))
  const [, claimed] = /my-tub-id: (\S+)/.exec(events.map(({ bytes }) => bytes).join("")) ?? []
  return {
    name,
    ...(wanted === undefined ? {} : { wanted }),
    proves: claimed === undefined ? null : TubId.make(claimed),
    startsTls: isEncrypted(name),
    events,
    end: "",
    failure: []
  }
}

const refused = (outcome: Outcome, tag: Outcome["ending"]["tag"], tcp: string, tls: string) => {
  assert.deepStrictEqual(outcome.ending, { tag })
  assert.strictEqual(outcome.tcp, tcp)
  assert.strictEqual(outcome.tls, tls)
  assert.isTrue(outcome.hasEnded)
}

describe("A client of 2006 at our server", () => {
  for (const name of ["01-unencrypted", "14-encrypted-client-to-unencrypted"]) {
    it.effect(`${name}: is told that Tubs are encrypted (N8)`, () =>
      Effect.gen(function* () {
        refused(yield* play(peerOf(name, "client"), { self: high }), "UnencryptedTub", unencrypted, "")
      })
    )
  }

  for (const [name, self, asked] of [
    ["06-secure-url-to-unencrypted", low, high.tubId],
    ["15-unknown-tubid", high, "jinw3en2s7a66cih7qmxx5dxibwz5fhl"]
  ] as const) {
    it.effect(`${name}: is told which TubID is unknown (N8)`, () =>
      Effect.gen(function* () {
        refused(yield* play(peerOf(name, "client"), { self }), "UnknownTubId", unknown(asked), "")
      })
    )
  }

  for (const [name, self] of [
    ["11-encrypted-server-master", high],
    ["12-encrypted-client-master", low],
    // It has no certificate either, but its dialect comes first (N15).
    ["13-unencrypted-client-to-encrypted", low]
  ] as const) {
    it.effect(`${name}: is told to upgrade (N15)`, () =>
      Effect.gen(function* () {
        const outcome = yield* play(peerOf(name, "client"), { self })
        refused(outcome, "OldDialect", switching, helloOf(self, "server") + errorBlock(upgrade))
      })
    )
  }
})

describe("A server of 2006 and our client", () => {
  for (const [name, self, wanted] of [
    ["11-encrypted-server-master", low, high],
    ["12-encrypted-client-master", high, low]
  ] as const) {
    it.effect(`${name}: is asked as its own clients ask, and told to upgrade (N15)`, () =>
      Effect.gen(function* () {
        const outcome = yield* play(peerOf(name, "server", wanted.tubId), { self })
        const [get] = said(name, "client")
        refused(outcome, "OldDialect", get?.bytes ?? "", helloOf(self, "client") + errorBlock(upgrade))
      })
    )
  }

  for (const [name, tag] of [
    ["01-unencrypted", "TlsNotOffered"],
    ["14-encrypted-client-to-unencrypted", "TlsNotOffered"],
    ["06-secure-url-to-unencrypted", "NotATub"],
    ["15-unknown-tubid", "NotATub"]
  ] as const) {
    it.effect(`${name}: is ${tag}, and hears nothing more (N9)`, () =>
      Effect.gen(function* () {
        const outcome = yield* play(peerOf(name, "server", high.tubId), { self: low })
        const [get] = said("11-encrypted-server-master", "client")
        refused(outcome, tag, get?.bytes ?? "", "")
      })
    )
  }
})
