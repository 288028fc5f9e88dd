/** What our server does with each raw client, in the place of what Foolscap's did. */
import { block, type Class, http, type Instead, late, silence, token, tooLong, unreadable } from "./RawClasses.ts"

const badRequest = (problem: string): Instead =>
  http("MalformedRequest", "400 Bad Request", `not a request for a Tub: ${problem}`)
const firstLine = badRequest("its first line is not METHOD PATH HTTP/1.1")
const unknown = (asked: string): Instead => http("UnknownTubId", "404 Not Found", `unknown TubID ${asked}`)
const unencrypted = http("UnencryptedTub", "404 Not Found", "secure Tubs require encryption")
const notGet = (method: string): Instead =>
  http("MethodNotAllowed", "405 Method Not Allowed", `a Tub is asked for with GET, not ${method}`, ["Allow: GET"])
const headerTooLong = http("HeaderTooLong", "431 Request Header Fields Too Large", tooLong)
const upgradeMissing = http("UpgradeMissing", "426 Upgrade Required", "the request lacks the header Upgrade: TLS/1.0", [
  "Upgrade: TLS/1.0",
  "Connection: Upgrade"
])

const html = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>A Foolscap Tub</title></head>
<body>
<h1>This port is for Foolscap, not for browsers</h1>
<p>A Tub listens here: programs open mutually authenticated connections to it with a FURL
(<code>pb://&hellip;</code>). There is nothing to see with a web browser.</p>
</body>
</html>
`
const page: Instead = {
  ending: { tag: "NotATubPath" },
  tcp: `HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ${html.length}\r\nConnection: close\r\n\r\n${html}`
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, PB/1.0\r\nConnection: Upgrade\r\n\r\n"
const decision =
  "banana-decision-version: 3\r\ncurrent-connection: 4444444444444444 1\r\ninitial-vocab-table-index: 1 bb33\r\n\r\n"

const malformed = (problem: string): Instead => block("MalformedBlock", unreadable(problem))
const versions = malformed('expected two whole numbers, as in 3 3 at ["banana-negotiation-range"]')
const vocabularies = malformed('expected two whole numbers, as in 3 3 at ["initial-vocab-table-range"]')
const malformedDecision = (problem: string): Instead => token("MalformedBlock", unreadable(problem))
const vocabularyChoice = malformedDecision(
  'expected a number and a hash, as in 1 bb33 at ["initial-vocab-table-index"]'
)
const mismatch = (claimed: string): Instead =>
  block(
    "TubIdMismatch",
    `TubID mismatch: the peer claims "${claimed}" but proved to be bkwv3voln2kkwhxhkj5bhsjw7n7qvlet`
  )
const unknownVersion = (version: number): Instead =>
  token("UnknownDecisionVersion", `I cannot handle banana-decision-version value of ${version}`)

export const classes: ReadonlyArray<Class> = [
  {
    rule: "N8: the status, the headers and the body tell what is wrong",
    cases: {
      "browser-get-root": page,
      "get-other-path": page,
      post: notGet("POST"),
      "get-lowercase": notGet("get"),
      "garbage-line": firstLine,
      "empty-header": firstLine,
      "get-two-words": firstLine,
      "get-four-words": firstLine,
      "get-unknown-tubid-with-cr": firstLine,
      "get-tubid-not-utf8": badRequest("it is not UTF-8"),
      "get-empty-tubid": unencrypted,
      "get-empty-tubid-tls": unencrypted,
      "get-unknown-tubid": unknown("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
      "get-uppercase-tubid": unknown("DV2U427FB2IEQLUHRK3QNIZXKPA4WMDU"),
      "get-tubid-with-slash": unknown("dv2u427fb2ieqluhrk3qnizxkpa4wmdu/"),
      "get-tubid-with-query": unknown("dv2u427fb2ieqluhrk3qnizxkpa4wmdu?x=1"),
      "header-4097-no-end": headerTooLong,
      "header-4097-with-end": headerTooLong
    }
  },
  {
    rule: "N8: the request must offer to upgrade to TLS",
    cases: { "get-no-upgrade-header": upgradeMissing, "get-http-1.0": upgradeMissing }
  },
  {
    rule: "N8: what cannot become a request is refused at once",
    cases: {
      "get-lf-only": badRequest("a line ends without CR"),
      "tls-clienthello-first": badRequest("it begins with a TLS handshake, and a Tub is asked for in clear first")
    }
  },
  {
    rule: "N6: only the header counts towards its limit, not what follows",
    cases: {
      // What follows a GET is for the TLS engine (N10), which cannot read it.
      "header-ok-plus-excess": { ending: { tag: "TransportFailed" }, tcp: switching },
      "hello-plus-4k-banana-in-one-record": { ending: { tag: "Connected" }, tls: decision, hasEnded: false },
      "decision-plus-5000-bytes-same-record": { ending: { tag: "Connected" }, tls: "", hasEnded: false }
    }
  },
  {
    rule: "N10: a Hello in clear is for the TLS engine, and the connection does not stay open",
    cases: { "hello-in-plaintext-with-get": { ending: { tag: "TransportFailed" }, hasEnded: true } }
  },
  {
    rule: "N15: the reason, for a Hello that cannot be accepted",
    cases: {
      "hello-line-without-colon": malformed("it has a line without a colon"),
      "hello-empty": malformed("it has a line without a colon"),
      "hello-not-utf8": malformed("it is not UTF-8"),
      "hello-version-'3'": versions,
      "hello-version-'3 3 3'": versions,
      "hello-version-'a b'": versions,
      "hello-version-''": versions,
      "hello-version-'0x3 3'": versions,
      "hello-vocab-'1'": vocabularies,
      "hello-vocab-'x y'": vocabularies,
      "hello-forced": block("NegotiationForced", "the peer forces its own parameters on us, which is not supported"),
      "hello-4097": block("HeaderTooLong", tooLong),
      "hello-too-long-no-end": block("HeaderTooLong", tooLong)
    }
  },
  {
    rule: "N16: the reason, for an identity that is not proven",
    cases: {
      // The claim ends with a space.
      "hello-trailing-space": mismatch("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet "),
      "hello-wrong-tubid": mismatch("5b633fkrmh5ljnyzrd43joa4f6gkcpz6"),
      "hello-uppercase-tubid": mismatch("BKWV3VOLN2KKWHXHKJ5BHSJW7N7QVLET"),
      "hello-no-tubid": block(
        "CertificateWithoutClaim",
        "the peer proved to be bkwv3voln2kkwhxhkj5bhsjw7n7qvlet but claims no TubID"
      ),
      "no-cert-with-tubid": block(
        "ClaimWithoutCertificate",
        "you must use a certificate to claim a TubID (claimed: bkwv3voln2kkwhxhkj5bhsjw7n7qvlet)"
      ),
      "no-cert-no-tubid": block(
        "AnonymousPeer",
        "the peer has neither a certificate nor a TubId; anonymous peers are not accepted here"
      )
    }
  },
  {
    rule: "N22: the reason, for a last connection that cannot be read where it decides",
    cases: {
      "existing-then-last-connection-'none'": malformed('last-connection is "none"'),
      "existing-then-last-connection-'4444444444444444 x'": malformed('last-connection is "4444444444444444 x"'),
      "existing-then-last-connection-''": malformed('last-connection is ""')
    }
  },
  {
    rule: "N20: the reason, in an ERROR token, for a Decision that cannot be obeyed",
    cases: {
      "decision-version-4": unknownVersion(4),
      "decision-version-0": unknownVersion(0),
      "decision-version-text": malformedDecision('expected a whole number at ["banana-decision-version"]'),
      "decision-vocab-no-hash": vocabularyChoice,
      "decision-vocab-text": vocabularyChoice,
      "decision-no-colon": malformedDecision("it has a line without a colon"),
      "decision-empty": malformedDecision("it has a line without a colon"),
      "decision-too-long": token("HeaderTooLong", tooLong)
    }
  },
  {
    rule: "N20: an error counts before the version, and is not answered",
    cases: { "decision-error-without-version": silence("nope"), "decision-error-version-9": silence("nope") }
  },
  {
    rule: "N27: we say that time is up, and do not leave the connection open",
    cases: {
      "server-timeout-plaintext": http("DeadlineExceeded", "408 Request Timeout", late),
      "server-timeout-after-101": { ending: { tag: "DeadlineExceeded" }, hasEnded: true },
      "server-timeout-after-tls": block("DeadlineExceeded", late),
      "server-timeout-deciding": token("DeadlineExceeded", late)
    }
  }
]

/** Answered byte for byte as Foolscap answered. */
export const same: ReadonlyArray<string> = [
  "get-ok-then-hello-from-server",
  "header-4096-no-end",
  "header-4096-with-end",
  "get-one-byte-at-a-time",
  "immediate-close",
  "hello-without-tls",
  "hello-ok-raw-is-slave",
  "hello-ok-raw-is-master",
  "hello-minimal",
  "hello-unknown-keys",
  "hello-keys-any-order-and-case",
  "hello-no-space-after-colon",
  "hello-duplicate-key",
  "hello-value-with-colon",
  "hello-error-block",
  "hello-2006",
  "hello-no-version",
  "hello-version-'1 2'",
  "hello-version-'4 9'",
  "hello-version-'1 9'",
  "hello-version-'3 2'",
  "hello-version-'9 3'",
  "hello-version-' 3  3'",
  "hello-version-'+3 3'",
  "hello-version-'-1 3'",
  "hello-vocab-'0 0'",
  "hello-vocab-'0 1'",
  "hello-vocab-'1 1'",
  "hello-vocab-'0 9'",
  "hello-vocab-'2 3'",
  "hello-vocab-'1 0'",
  "hello-vocab-'-1 0'",
  "hello-forced-false",
  "hello-empty-incarnation",
  "hello-last-connection-'none'",
  "hello-last-connection-'x y z'",
  "hello-last-connection-'none zero'",
  "hello-last-connection-''",
  "hello-last-connection-'abcd x'",
  "hello-4096",
  "hello-plus-banana-from-slave",
  "existing-then-last-connection-None",
  "existing-then-last-connection-'none 0'",
  "existing-then-last-connection-'4444444444444444 1'",
  "existing-then-last-connection-'4444444444444444 0'",
  "existing-then-last-connection-'4444444444444444 2'",
  "existing-then-last-connection-'other 1'",
  "existing-then-new-incarnation",
  "existing-then-no-incarnation",
  "decision-ok",
  "decision-version-1",
  "decision-version-2",
  "decision-version-missing",
  "decision-version-empty",
  "decision-vocab-missing",
  "decision-vocab-bad-hash",
  "decision-vocab-0-any-hash",
  "decision-vocab-2",
  "decision-vocab-negative",
  "decision-vocab-uppercase-hash",
  "decision-no-current-connection",
  "decision-current-connection-one-word",
  "decision-error",
  "decision-unknown-key",
  "decision-plus-ping-same-record",
  "decision-plus-4000-bytes-same-record",
  "decision-then-5000-bytes-next-record",
  "close-notify-not-answered",
  "decision-never-close"
]
