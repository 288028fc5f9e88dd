/**
 * The exit codes of `tub`, which scripts rely on. `docs/errors.md` says what each of them means.
 */
import type { Reason } from "@effect-foolscap/negotiation/NegotiationError"
import type { Attempt, ConnectError } from "@effect-foolscap/tub/ConnectError"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as MutableRef from "effect/MutableRef"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"

export const usage = 2
export const unreachable = 3
export const notATub = 4
export const refused = 5
export const notProven = 6
export const timedOut = 7
export const redirected = 8

/**
 * What to exit with when a signal ends the program: 130 as shells expect, but 0 where running until a signal is the job.
 */
export const OnSignal = Context.Reference<MutableRef.MutableRef<number>>("@effect-foolscap/cli/ExitCode/OnSignal", {
  defaultValue: () => MutableRef.make(130)
})

const ofReason = (reason: Reason): number => {
  switch (reason._tag) {
    case "NotATub":
    case "TlsNotOffered":
    case "EarlyPlaintext":
    case "HeaderTooLong":
    case "MalformedBlock":
    case "NoVersions":
      return notATub
    case "PeerRefused":
    case "OldDialect":
    case "NoOverlap":
    case "NegotiationForced":
    case "DuplicateConnection":
    case "NoDecisionVersion":
    case "UnknownDecisionVersion":
    case "VocabularyOutOfRange":
    case "VocabularyMismatch":
    case "NoAgreement":
    case "NotAdmitted":
      return refused
    case "AnonymousPeer":
    case "ClaimWithoutCertificate":
    case "CertificateWithoutClaim":
    case "TubIdMismatch":
    case "WrongTub":
      return notProven
    case "DeadlineExceeded":
      return timedOut
    case "BadRedirect":
    case "RedirectedElsewhere":
      return redirected
    // Whoever hangs up instead of answering is no Tub. Whoever does so later, or lets TLS fail, has something against us.
    case "PeerClosed":
      return reason.awaiting === "answer" ? notATub : refused
    case "TransportFailed":
      return reason.cause.kind === "tls" ? refused : unreachable
    // Only servers fail for these.
    case "MalformedRequest":
    case "NotATubPath":
    case "MethodNotAllowed":
    case "UpgradeMissing":
    case "UnencryptedTub":
    case "UnknownTubId":
    case "LookupFailed":
      return unreachable
  }
}

const ofAttempt = ({ error }: Attempt): number | undefined => {
  switch (error._tag) {
    case "Unreachable":
    case "UnknownHint":
    case "NobodyListens":
      return unreachable
    case "GaveUp":
      return timedOut
    case "RedirectLoop":
    case "AnotherNetwork":
    case "TooManyRedirects":
    case "TooManyLocations":
      return redirected
    // What came of the places that these lead to stands under attempts of its own.
    case "Redirect":
    case "AlreadyDialled":
      return undefined
    case "NegotiationError":
      return ofReason(error.reason)
  }
}

// Of several hints, the one that got furthest says most.
const telling = [notProven, redirected, refused, notATub, timedOut]

/**
 * The code for a dial that failed.
 */
export const ofConnectError = ({ attempts }: ConnectError): number => {
  const codes = new Set(attempts.map(ofAttempt))
  return telling.find((code) => codes.has(code)) ?? unreachable
}

/**
 * The code for the end of the whole program.
 */
export const ofExit = (exit: Exit.Exit<unknown, unknown>, onSignal: number): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.hasInterruptsOnly(exit.cause)) return onSignal
  const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (CliError.isCliError(error)) return error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : usage
  return error === undefined ? 1 : Runtime.getErrorExitCode(error)
}
