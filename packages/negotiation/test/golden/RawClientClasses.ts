/** What our client does with each raw server, in the place of what Foolscap's did. */
import { block, type Class, type Instead, silence, token } from "./RawClasses.ts"
import type { Ending } from "./Expected.ts"

const get =
  "GET /id/p34dey6aut5fvfk7jekonycc7apozbhf HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n"

/** Nothing after the GET. */
const onlyTheGet = (tag: Ending["tag"], text?: string): Instead => ({
  ending: text === undefined ? { tag } : { tag, text },
  tcp: get,
  hasEnded: true
})

const wrongTub = (wanted: string, reached: string): Instead =>
  block("WrongTub", `connected to the wrong Tub: wanted ${wanted}, reached ${reached}`)

export const classes: ReadonlyArray<Class> = [
  {
    rule: "N9: a client says nothing to a server that did not answer 101, and knows a Tub's refusal",
    cases: {
      "reply-404": onlyTheGet("NotATub"),
      "reply-500": onlyTheGet("PeerRefused", "unknown TubID x"),
      "reply-302": onlyTheGet("NotATub"),
      "reply-101-no-upgrade": onlyTheGet("TlsNotOffered"),
      "reply-101-pb-only": onlyTheGet("TlsNotOffered"),
      "reply-one-word": onlyTheGet("NotATub"),
      "reply-empty": onlyTheGet("NotATub"),
      "reply-not-utf8": onlyTheGet("NotATub"),
      "reply-too-long": onlyTheGet("HeaderTooLong")
    }
  },
  {
    rule: "N9: what cannot become an answer is recognised at once",
    cases: { "reply-ssh-banner": onlyTheGet("NotATub") }
  },
  {
    rule: "N9: the name of the Upgrade header may be in any case",
    cases: { "reply-101-lowercase-upgrade": { ending: { tag: "Waiting" }, tls: "", hasEnded: false } }
  },
  {
    rule: "N11: a redirect is one, or fails without a usable Location",
    cases: {
      "reply-303": onlyTheGet("Redirect", "tcp:127.0.0.1:21999"),
      "reply-303-furl": onlyTheGet("BadRedirect")
    }
  },
  {
    rule: "N15: the reason, for a Hello that cannot be accepted",
    cases: {
      "hello-forced": block("NegotiationForced", "the peer forces its own parameters on us, which is not supported")
    }
  },
  {
    rule: "N16: the reason, for an identity that is not proven or not the one asked for",
    cases: {
      "wrong-tub": wrongTub("p34dey6aut5fvfk7jekonycc7apozbhf", "q7gnr532bznswxq6lojaooge3masohyd"),
      "wrong-tub-raw-slave": wrongTub("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet", "5b633fkrmh5ljnyzrd43joa4f6gkcpz6"),
      "tubid-mismatch": block(
        "TubIdMismatch",
        'TubID mismatch: the peer claims "p34dey6aut5fvfk7jekonycc7apozbhf" but proved to be q7gnr532bznswxq6lojaooge3masohyd'
      ),
      "no-tubid": block(
        "CertificateWithoutClaim",
        "the peer proved to be p34dey6aut5fvfk7jekonycc7apozbhf but claims no TubID"
      )
    }
  },
  {
    rule: "N20: the reason, in an ERROR token, for a Decision that cannot be obeyed",
    cases: {
      "decision-version-4": token("UnknownDecisionVersion", "I cannot handle banana-decision-version value of 4")
    }
  },
  {
    rule: "N20: an error counts before the version, and is not answered",
    cases: { "decision-error-2006": silence("our negotiation offers are different") }
  },
  {
    rule: "N24: the first reason stands",
    cases: { "error-block-then-more": { ending: { tag: "NoOverlap" } } }
  },
  {
    rule: "N27: the deadline is a reason of its own, and the connection does not stay open",
    cases: {
      "silent-server": { ending: { tag: "DeadlineExceeded" } },
      "silent-after-101": { ending: { tag: "DeadlineExceeded" }, hasEnded: true }
    }
  },
  {
    rule: "not a difference: a server that closes at once has not read our GET, which the memory transport keeps",
    cases: { "close-at-once": onlyTheGet("PeerClosed", "answer") }
  }
]

/** The same bytes as Foolscap's. */
export const same: ReadonlyArray<string> = [
  "reply-ok-101-only",
  "reply-4096-no-end",
  "reply-101-minimal",
  "close-after-get",
  "ok-raw-server-is-master",
  "ok-raw-server-is-slave",
  "hello-error",
  "hello-2006",
  "version-4-5",
  "version-1-2",
  "decision-vocab-bad-hash",
  "decision-version-missing",
  "decision-error"
]
