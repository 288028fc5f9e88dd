/**
 * Why a negotiation ended without a connection: one class per reason, and one wrapper that says where it happened.
 *
 * A reason says whose fault it was: the peer broke a rule, the peer refused us, the two sides do not overlap, the
 * transport failed, or the deadline passed. Its message tells a person what happened and, where there is something to
 * try, what. What the peer is told instead is `wire/Refusal`'s concern.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { Side } from "./policy/Master.ts"
import { TransportError } from "./TransportError.ts"

// What a peer wrote may hold anything; a message for a person holds none of its control characters.
const shown = (text: string): string => text.replace(/\s+/g, " ").replace(/\p{C}/gu, "?").slice(0, 500)

const messagesOf = (cause: unknown, depth: number): ReadonlyArray<string> =>
  cause instanceof Error && depth > 0 ? [cause.message, ...messagesOf(cause.cause, depth - 1)] : []

/**
 * What an error of somebody else says, and then what it was caused by: a store's error often says what it was doing, and
 * its cause what went wrong.
 *
 * @category formatting
 * @since 0.1.0
 */
export const messageOf = (cause: unknown): string => {
  if (typeof cause === "string") return cause
  const messages = messagesOf(cause, 3).filter((message) => message !== "")
  return messages.length === 0 ? "no reason is known" : messages.join(": ")
}

/**
 * A header block did not end within the limit (N6).
 *
 * @category reasons
 * @since 0.1.0
 */
export class HeaderTooLong extends Schema.TaggedError<HeaderTooLong>()("HeaderTooLong", {
  /** Bytes, the blank line included. */
  limit: Schema.Int
}) {
  override get message() {
    return `the peer sent more than ${this.limit} bytes without ending its header`
  }
}

/**
 * What arrived at our port is not an HTTP request (N8).
 *
 * @category reasons
 * @since 0.1.0
 */
export class MalformedRequest extends Schema.TaggedError<MalformedRequest>()("MalformedRequest", {
  problem: Schema.String
}) {
  override get message() {
    return `not a request for a Tub: ${shown(this.problem)}`
  }
}

/**
 * An HTTP request for something else than a Tub, as a web browser sends (N8).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NotATubPath extends Schema.TaggedError<NotATubPath>()("NotATubPath", { path: Schema.String }) {
  override get message() {
    return `an HTTP client asked for ${shown(this.path)}, which is no Tub`
  }
}

/**
 * An HTTP request with another method than GET (N8).
 *
 * @category reasons
 * @since 0.1.0
 */
export class MethodNotAllowed extends Schema.TaggedError<MethodNotAllowed>()("MethodNotAllowed", {
  method: Schema.String
}) {
  override get message() {
    return `a Tub is asked for with GET, not ${shown(this.method)}`
  }
}

/**
 * A GET for a Tub that does not offer to upgrade to TLS (N8).
 *
 * @category reasons
 * @since 0.1.0
 */
export class UpgradeMissing extends Schema.TaggedError<UpgradeMissing>()("UpgradeMissing", {}) {
  override readonly message = "the request lacks the header Upgrade: TLS/1.0"
}

/**
 * A GET for the empty TubId, as the unencrypted Tubs of 2006 were asked for (N8).
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnencryptedTub extends Schema.TaggedError<UnencryptedTub>()("UnencryptedTub", {}) {
  override readonly message = "secure Tubs require encryption"
}

/**
 * The client asked for a Tub that this Listener does not know (N8).
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnknownTubId extends Schema.TaggedError<UnknownTubId>()("UnknownTubId", {
  /** Exactly what the client wrote, which need not be a TubId at all. */
  asked: Schema.String
}) {
  override get message() {
    return `unknown TubID ${shown(this.asked)}`
  }
}

/**
 * Where the Tub asked for is could not be found out, because whatever `LocalTubs` asks did not answer, or not in a way
 * that can be read (N8). What is told of it here stays on this side: the client only hears that it may try again.
 *
 * @category reasons
 * @since 0.1.0
 */
export class LookupFailed extends Schema.TaggedError<LookupFailed>()("LookupFailed", {
  tubId: TubId,
  cause: Schema.Defect()
}) {
  override get message() {
    return `cannot look up where ${this.tubId} is: ${shown(messageOf(this.cause))}; trying again later may help`
  }
}

/**
 * Whatever listens at the address we dialled is not a Tub: it answered something else than 101 (N9).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NotATub extends Schema.TaggedError<NotATub>()("NotATub", {
  /** The first line of the answer. */
  answer: Schema.String
}) {
  override get message() {
    return `the server answered "${shown(this.answer)}": it is not a Tub; check the host and port of the hint`
  }
}

/**
 * The server answered 101 but does not offer to go on under TLS (N9).
 *
 * @category reasons
 * @since 0.1.0
 */
export class TlsNotOffered extends Schema.TaggedError<TlsNotOffered>()("TlsNotOffered", { answer: Schema.String }) {
  override get message() {
    return `the server answered "${shown(this.answer)}" without Upgrade: TLS/1.0`
  }
}

/**
 * The server sent bytes in clear after its 101, where only TLS may follow (N10).
 *
 * @category reasons
 * @since 0.1.0
 */
export class EarlyPlaintext extends Schema.TaggedError<EarlyPlaintext>()("EarlyPlaintext", {}) {
  override readonly message = "the server sent plaintext after its 101, where only TLS may follow"
}

/**
 * A 303 whose Location no Tub can be found at (N11).
 *
 * @category reasons
 * @since 0.1.0
 */
export class BadRedirect extends Schema.TaggedError<BadRedirect>()("BadRedirect", { location: Schema.String }) {
  override get message() {
    return this.location === ""
      ? "the server redirects without saying where to"
      : `the server redirects to "${shown(this.location)}", which names no place to dial; expected pb://TUBID@HINT/, http://HOST:PORT/id/TUBID or a hint`
  }
}

/**
 * A 303 to another Tub than the one asked for (N11).
 *
 * @category reasons
 * @since 0.1.0
 */
export class RedirectedElsewhere extends Schema.TaggedError<RedirectedElsewhere>()("RedirectedElsewhere", {
  wanted: TubId,
  location: Schema.String
}) {
  override get message() {
    return `the server redirects to another Tub than ${this.wanted}: "${shown(this.location)}"`
  }
}

/**
 * The peer said that it will not go on, and why.
 *
 * @category reasons
 * @since 0.1.0
 */
export class PeerRefused extends Schema.TaggedError<PeerRefused>()("PeerRefused", {
  /** The peer's own words. */
  text: Schema.String
}) {
  override get message() {
    return `the peer refused: ${shown(this.text)}`
  }
}

/**
 * The peer sent a block that cannot be read (N5).
 *
 * @category reasons
 * @since 0.1.0
 */
export class MalformedBlock extends Schema.TaggedError<MalformedBlock>()("MalformedBlock", {
  problem: Schema.String
}) {
  override get message() {
    return `the peer sent a block that cannot be read: ${shown(this.problem)}`
  }
}

/**
 * The peer speaks the dialect of Foolscap 0.0.5 or earlier (N15).
 *
 * @category reasons
 * @since 0.1.0
 */
export class OldDialect extends Schema.TaggedError<OldDialect>()("OldDialect", {}) {
  override readonly message =
    "Peer is speaking foolscap-0.0.5 or earlier, which is not compatible with this version. Please upgrade the peer."
}

/**
 * The peer's Hello names no version at all (N15).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NoVersions extends Schema.TaggedError<NoVersions>()("NoVersions", {}) {
  override readonly message = "No valid banana-negotiation sequence seen"
}

/**
 * The peer insists on its own parameters (`negotiation-forced: True`), which nobody implements (N15).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NegotiationForced extends Schema.TaggedError<NegotiationForced>()("NegotiationForced", {}) {
  override readonly message = "the peer forces its own parameters on us, which is not supported"
}

/**
 * The two sides' ranges of something they must agree on do not overlap (N18, N19).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NoOverlap extends Schema.TaggedError<NoOverlap>()("NoOverlap", {
  /** What the ranges are about, in Foolscap's words. */
  what: Schema.Literals(["banana version", "initial vocab set"]),
  /** `<min> <max>` as offered. */
  ours: Schema.String,
  theirs: Schema.String,
  /** Which side cannot do `best`, the lower of the two maxima. */
  unable: Schema.Literals(["ours", "theirs"]),
  best: Schema.Number
}) {
  override get message() {
    return `no ${this.what} in common: we offer ${this.ours.replace(" ", " to ")}, the peer ${this.theirs.replace(" ", " to ")}`
  }
}

/**
 * The peer proved no identity and claimed none (N16).
 *
 * @category reasons
 * @since 0.1.0
 */
export class AnonymousPeer extends Schema.TaggedError<AnonymousPeer>()("AnonymousPeer", {}) {
  override readonly message = "the peer has neither a certificate nor a TubId; anonymous peers are not accepted here"
}

/**
 * The peer is not among those who may have a link here (N31).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NotAdmitted extends Schema.TaggedError<NotAdmitted>()("NotAdmitted", {
  /** Who it is; left out for an anonymous peer. */
  peer: Schema.optionalKey(TubId)
}) {
  override get message() {
    return `${this.peer ?? "an anonymous peer"} is not admitted here`
  }
}

/**
 * The peer claims a TubId without showing any certificate (N16).
 *
 * @category reasons
 * @since 0.1.0
 */
export class ClaimWithoutCertificate extends Schema.TaggedError<ClaimWithoutCertificate>()("ClaimWithoutCertificate", {
  claimed: Schema.String
}) {
  override get message() {
    return `you must use a certificate to claim a TubID (claimed: ${shown(this.claimed)})`
  }
}

/**
 * The peer shows a certificate but claims no TubId (N16).
 *
 * @category reasons
 * @since 0.1.0
 */
export class CertificateWithoutClaim extends Schema.TaggedError<CertificateWithoutClaim>()("CertificateWithoutClaim", {
  proven: TubId
}) {
  override get message() {
    return `the peer proved to be ${this.proven} but claims no TubID`
  }
}

/**
 * The certificate of the session is not the one the Hello claims (N16).
 *
 * @category reasons
 * @since 0.1.0
 */
export class TubIdMismatch extends Schema.TaggedError<TubIdMismatch>()("TubIdMismatch", {
  claimed: Schema.String,
  proven: TubId
}) {
  override get message() {
    return `TubID mismatch: the peer claims "${shown(this.claimed)}" but proved to be ${this.proven}`
  }
}

/**
 * The peer is who it says, but not who we dialled (N16).
 *
 * @category reasons
 * @since 0.1.0
 */
export class WrongTub extends Schema.TaggedError<WrongTub>()("WrongTub", { wanted: TubId, proven: TubId }) {
  override get message() {
    return `connected to the wrong Tub: wanted ${this.wanted}, reached ${this.proven}`
  }
}

/**
 * As Master we already have a connection to this peer and keep it (N22).
 *
 * @category reasons
 * @since 0.1.0
 */
export class DuplicateConnection extends Schema.TaggedError<DuplicateConnection>()("DuplicateConnection", {
  /** Which row of the table in `policy/Duplicate` decided. */
  row: Schema.Literals([
    "old-peer-refused",
    "never-heard-of-us",
    "parallel-after-restart",
    "knows-an-older-one",
    "knows-a-future-one"
  ])
}) {
  override readonly message = "Duplicate connection"
}

/**
 * The Master's Decision names no version (N20).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NoDecisionVersion extends Schema.TaggedError<NoDecisionVersion>()("NoDecisionVersion", {}) {
  override readonly message = "No banana-decision-version value"
}

/**
 * The Master decided for a version that we do not speak (N18).
 *
 * @category reasons
 * @since 0.1.0
 */
export class UnknownDecisionVersion extends Schema.TaggedError<UnknownDecisionVersion>()("UnknownDecisionVersion", {
  version: Schema.Number
}) {
  override get message() {
    return `I cannot handle banana-decision-version value of ${this.version}`
  }
}

/**
 * The Master decided for a vocabulary that we did not offer (N19).
 *
 * @category reasons
 * @since 0.1.0
 */
export class VocabularyOutOfRange extends Schema.TaggedError<VocabularyOutOfRange>()("VocabularyOutOfRange", {
  index: Schema.Number
}) {
  override get message() {
    return `I can't handle initial vocab table index ${this.index}`
  }
}

/**
 * The Master's vocabulary of this number has other words than ours (N19).
 *
 * @category reasons
 * @since 0.1.0
 */
export class VocabularyMismatch extends Schema.TaggedError<VocabularyMismatch>()("VocabularyMismatch", {
  index: Schema.Number,
  ours: Schema.String,
  theirs: Schema.String
}) {
  override get message() {
    return `Our hash for vocab-table-index ${this.index} (${this.ours}) does not match your hash (${shown(this.theirs)})`
  }
}

/**
 * The two sides do not come to terms about a parameter of the application (N28, N29).
 *
 * @category reasons
 * @since 0.1.0
 */
export class NoAgreement extends Schema.TaggedError<NoAgreement>()("NoAgreement", {
  /** The parameter's key in the Hello. */
  key: Schema.String,
  problem: Schema.String
}) {
  override get message() {
    return `no agreement on ${this.key}: ${shown(this.problem)}`
  }
}

/**
 * The peer closed the connection where it had more to say.
 *
 * @category reasons
 * @since 0.1.0
 */
export class PeerClosed extends Schema.TaggedError<PeerClosed>()("PeerClosed", {
  awaiting: Schema.Literals(["request", "answer", "Hello", "Decision"])
}) {
  override get message() {
    const hint =
      this.awaiting === "Hello"
        ? "; under TLS 1.3 that is also how a peer refuses our certificate" // N12
        : ""
    return `the peer closed the connection before its ${this.awaiting} was complete${hint}`
  }
}

/**
 * The connection broke, or TLS failed.
 *
 * @category reasons
 * @since 0.1.0
 */
export class TransportFailed extends Schema.TaggedError<TransportFailed>()("TransportFailed", {
  cause: TransportError
}) {
  override get message() {
    return this.cause.message
  }
}

/**
 * The negotiation did not complete in time (N27).
 *
 * @category reasons
 * @since 0.1.0
 */
export class DeadlineExceeded extends Schema.TaggedError<DeadlineExceeded>()("DeadlineExceeded", {
  after: Schema.Duration
}) {
  override get message() {
    return `not negotiated within ${Duration.format(this.after)}`
  }
}

/**
 * Every reason for which a negotiation can fail.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Reason = Schema.Union([
  HeaderTooLong,
  MalformedRequest,
  NotATubPath,
  MethodNotAllowed,
  UpgradeMissing,
  UnencryptedTub,
  UnknownTubId,
  LookupFailed,
  NotATub,
  TlsNotOffered,
  EarlyPlaintext,
  BadRedirect,
  RedirectedElsewhere,
  PeerRefused,
  MalformedBlock,
  OldDialect,
  NoVersions,
  NegotiationForced,
  NoOverlap,
  AnonymousPeer,
  NotAdmitted,
  ClaimWithoutCertificate,
  CertificateWithoutClaim,
  TubIdMismatch,
  WrongTub,
  DuplicateConnection,
  NoDecisionVersion,
  UnknownDecisionVersion,
  VocabularyOutOfRange,
  VocabularyMismatch,
  NoAgreement,
  PeerClosed,
  TransportFailed,
  DeadlineExceeded
])

/**
 * One reason, to be told apart by its `_tag`.
 *
 * @category models
 * @since 0.1.0
 */
export type Reason = typeof Reason.Type

/**
 * The phases of a negotiation, in their order.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Phase = Schema.Literals(["Plaintext", "Encrypted", "Deciding"])

/**
 * One phase of a negotiation.
 *
 * @category models
 * @since 0.1.0
 */
export type Phase = typeof Phase.Type

/**
 * A negotiation ended without a connection.
 *
 * Recover from one reason with `Effect.catchReason("NegotiationError", "UnknownTubId", ...)`.
 *
 * @category errors
 * @since 0.1.0
 */
export class NegotiationError extends Schema.TaggedError<NegotiationError>(
  "@effect-foolscap/negotiation/NegotiationError"
)("NegotiationError", {
  /** How far it had come. */
  phase: Phase,
  /** Which side we were on. */
  side: Side,
  /** Who the peer proved to be, where it got that far. */
  peer: Schema.optionalKey(TubId),
  reason: Reason
}) {
  override get message() {
    return `${this.phase}: ${this.reason.message}`
  }
}
