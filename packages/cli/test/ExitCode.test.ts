import { TubId } from "@effect-foolscap/furl/TubId"
import * as Reasons from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationError, type Reason } from "@effect-foolscap/negotiation/NegotiationError"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import { TransportError } from "@effect-foolscap/negotiation/TransportError"
import { Attempt, ConnectError, GaveUp } from "@effect-foolscap/tub/ConnectError"
import { UnknownHint, Unreachable } from "@effect-foolscap/tub/HintHandler"
import {
  AlreadyDialled,
  AnotherNetwork,
  RedirectLoop,
  TooManyLocations,
  TooManyRedirects
} from "@effect-foolscap/tub/NotFollowed"
import { tcp } from "@effect-foolscap/furl/LocationHint"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import * as ExitCode from "../src/ExitCode.ts"
import { UsageError } from "../src/UsageError.ts"
import { high, low } from "./Fixtures.ts"

const tubId = TubId.make("a".repeat(32))
const text = "whatever the peer said"

/** Every reason for which a negotiation can fail, and the code that the README promises for it. */
const documented: { readonly [Tag in Reason["_tag"]]: readonly [Extract<Reason, { readonly _tag: Tag }>, number] } = {
  PeerClosed: [new Reasons.PeerClosed({ awaiting: "answer" }), 4],
  TransportFailed: [new Reasons.TransportFailed({ cause: new TransportError({ kind: "reset" }) }), 3],

  NotATub: [new Reasons.NotATub({ answer: text }), 4],
  TlsNotOffered: [new Reasons.TlsNotOffered({ answer: text }), 4],
  EarlyPlaintext: [new Reasons.EarlyPlaintext(), 4],
  HeaderTooLong: [new Reasons.HeaderTooLong({ limit: 4096 }), 4],
  MalformedBlock: [new Reasons.MalformedBlock({ problem: text }), 4],
  NoVersions: [new Reasons.NoVersions(), 4],

  PeerRefused: [new Reasons.PeerRefused({ text }), 5],
  OldDialect: [new Reasons.OldDialect(), 5],
  NoOverlap: [
    new Reasons.NoOverlap({ what: "banana version", ours: "3 3", theirs: "4 5", unable: "theirs", best: 3 }),
    5
  ],
  NegotiationForced: [new Reasons.NegotiationForced(), 5],
  DuplicateConnection: [new Reasons.DuplicateConnection({ row: "never-heard-of-us" }), 5],
  NoDecisionVersion: [new Reasons.NoDecisionVersion(), 5],
  UnknownDecisionVersion: [new Reasons.UnknownDecisionVersion({ version: 9 }), 5],
  VocabularyOutOfRange: [new Reasons.VocabularyOutOfRange({ index: 9 }), 5],
  VocabularyMismatch: [new Reasons.VocabularyMismatch({ index: 1, ours: "bb33", theirs: text }), 5],

  NoAgreement: [new Reasons.NoAgreement({ key: "chat-rooms", problem: text }), 5],

  NotAdmitted: [new Reasons.NotAdmitted({ peer: tubId }), 5],

  AnonymousPeer: [new Reasons.AnonymousPeer(), 6],
  ClaimWithoutCertificate: [new Reasons.ClaimWithoutCertificate({ claimed: text }), 6],
  CertificateWithoutClaim: [new Reasons.CertificateWithoutClaim({ proven: tubId }), 6],
  TubIdMismatch: [new Reasons.TubIdMismatch({ claimed: text, proven: tubId }), 6],
  WrongTub: [new Reasons.WrongTub({ wanted: low.tubId, proven: high.tubId }), 6],

  DeadlineExceeded: [new Reasons.DeadlineExceeded({ after: Duration.minutes(2) }), 7],

  BadRedirect: [new Reasons.BadRedirect({ location: text }), 8],
  RedirectedElsewhere: [new Reasons.RedirectedElsewhere({ wanted: tubId, location: text }), 8],

  // Only a server fails for these.
  MalformedRequest: [new Reasons.MalformedRequest({ problem: text }), 3],
  NotATubPath: [new Reasons.NotATubPath({ path: text }), 3],
  MethodNotAllowed: [new Reasons.MethodNotAllowed({ method: text }), 3],
  UpgradeMissing: [new Reasons.UpgradeMissing(), 3],
  UnencryptedTub: [new Reasons.UnencryptedTub(), 3],
  UnknownTubId: [new Reasons.UnknownTubId({ asked: text }), 3],
  LookupFailed: [new Reasons.LookupFailed({ tubId, cause: text }), 3]
}

const attempt = (error: Attempt["error"]) => new Attempt({ hint: "tcp:a:1", after: Duration.zero, error })
const negotiation = (reason: Reason) => attempt(new NegotiationError({ phase: "Plaintext", side: "client", reason }))
const codeOf = (...attempts: ReadonlyArray<Attempt>) => ExitCode.ofConnectError(new ConnectError({ tubId, attempts }))

const notFollowed = [
  new RedirectLoop({ locations: ["tcp:a:1"] }),
  new AnotherNetwork({ locations: ["unix:%2Fa"] }),
  new TooManyRedirects({ limit: 5, locations: ["tcp:b:1"] }),
  new TooManyLocations({ limit: 20, locations: ["tcp:b:1"] })
]

const unreachable = attempt(new Unreachable({ hint: "tcp:a:1", cause: new Error("refused") }))
const gaveUp = attempt(new GaveUp({ after: Duration.minutes(2), deadline: Duration.minutes(2) }))

describe("ExitCode.ofConnectError", () => {
  for (const [tag, [reason, code]] of Object.entries(documented)) {
    it(`is ${code} for ${tag}`, () => {
      assert.strictEqual(codeOf(negotiation(reason)), code)
    })
  }

  it("is 5 for a peer that hangs up under TLS, as one that refuses our certificate does", () => {
    assert.strictEqual(codeOf(negotiation(new Reasons.PeerClosed({ awaiting: "Hello" }))), 5)
    assert.strictEqual(codeOf(negotiation(new Reasons.PeerClosed({ awaiting: "Decision" }))), 5)
  })

  it("is 5 for a peer with which TLS fails, as it does where our certificate is refused", () => {
    const cause = new TransportError({ kind: "tls" })
    assert.strictEqual(codeOf(negotiation(new Reasons.TransportFailed({ cause }))), 5)
  })

  it("knows every reason there is", () => {
    const tags = Reasons.Reason.members.map((member) => member.fields._tag.schema.literal)
    assert.sameMembers(tags, Object.keys(documented))
  })

  it("is 3 where nobody answered, 7 where time ran out, 8 where redirects lead nowhere", () => {
    assert.strictEqual(codeOf(unreachable), 3)
    assert.strictEqual(codeOf(attempt(new UnknownHint({ hint: "tor:x:1" }))), 3)
    assert.strictEqual(codeOf(gaveUp), 7)
    for (const error of notFollowed) assert.strictEqual(codeOf(attempt(error)), 8)
  })

  it("goes by what came of a redirect that was followed, and not by the redirect", () => {
    const followed = attempt(new Redirect({ side: "client", tubId, hints: [tcp("b", 1)] }))
    const too = attempt(new AlreadyDialled({ locations: ["tcp:b:1"] }))
    assert.strictEqual(codeOf(followed, unreachable, too), 3)
    assert.strictEqual(codeOf(followed, too, negotiation(new Reasons.PeerRefused({ text }))), 5)
  })

  it("goes by the hint that got furthest", () => {
    const refused = negotiation(new Reasons.PeerRefused({ text }))
    const notATub = negotiation(new Reasons.NotATub({ answer: text }))
    const notProven = negotiation(new Reasons.WrongTub({ wanted: low.tubId, proven: high.tubId }))
    assert.strictEqual(codeOf(unreachable, gaveUp), 7)
    assert.strictEqual(codeOf(gaveUp, notATub, unreachable), 4)
    assert.strictEqual(codeOf(notATub, refused, gaveUp), 5)
    assert.strictEqual(codeOf(unreachable, refused, notProven, notATub, gaveUp), 6)
  })
})

describe("ExitCode.ofExit", () => {
  const ofFailure = (error: unknown) => ExitCode.ofExit(Exit.fail(error), 130)

  it("is 0 for a success and for help that was asked for", () => {
    assert.strictEqual(ExitCode.ofExit(Exit.void, 130), 0)
    assert.strictEqual(ofFailure(new CliError.ShowHelp({ commandPath: ["tub"], errors: [] })), 0)
  })

  it("is 2 for bad usage, whoever notices it", () => {
    assert.strictEqual(ofFailure(new UsageError({ message: "not a FURL" })), 2)
    const errors = [new CliError.MissingArgument({ argument: "furl" })]
    assert.strictEqual(ofFailure(new CliError.ShowHelp({ commandPath: ["tub"], errors })), 2)
  })

  it("is 1 for a defect", () => {
    assert.strictEqual(ExitCode.ofExit(Exit.die(new Error("ouch")), 130), 1)
    assert.strictEqual(ofFailure(new Error("ouch")), 1)
  })

  it("is what the command wants for a signal", () => {
    const interrupted = Exit.failCause(Cause.interrupt(1))
    assert.strictEqual(ExitCode.ofExit(interrupted, 130), 130)
    assert.strictEqual(ExitCode.ofExit(interrupted, 0), 0)
  })
})
