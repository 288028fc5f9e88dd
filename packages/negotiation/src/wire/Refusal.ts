/**
 * A reason, the way each phase tells it to the peer before hanging up (N23).
 *
 * Whatever is told is one printable line of at most `limit` characters, so that every peer reads it whole. The form
 * depends on what the peer expects to hear: an HTTP answer, a block, or (see `NextProtocol`) a token.
 *
 * @since 0.1.0
 */
import type { Reason } from "../NegotiationError.ts"
import * as Decision from "./Decision.ts"

/**
 * The longest text put on the wire, in characters. A Foolscap peer reads 4096 bytes of header and 1000 of an ERROR
 * token.
 *
 * @category constants
 * @since 0.1.0
 */
export const limit = 500

/**
 * What a peer is told of a defect of ours: that there was one, never its text. Foolscap's own words.
 *
 * @category constants
 * @since 0.1.0
 */
export const internal = "internal server error, see logs"

const oneLine = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/[^ -~]/g, "?")
    .slice(0, limit)

/**
 * What the peer is told of this reason. Nothing, where it told us, or is gone (N24).
 *
 * @category encoding
 * @since 0.1.0
 */
export const text = (reason: Reason): string | undefined => {
  switch (reason._tag) {
    case "PeerRefused":
    case "PeerClosed":
    case "TransportFailed":
      return undefined
    case "NoOverlap":
      return `${reason.unable === "ours" ? "I" : "You"} can't handle ${reason.what} ${reason.best}`
    // What the look-up failed of is nobody else's business.
    case "LookupFailed":
      return `cannot look up TubID ${reason.tubId} now, try again later`
    default:
      return oneLine(reason.message)
  }
}

const page = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>A Foolscap Tub</title></head>
<body>
<h1>This port is for Foolscap, not for browsers</h1>
<p>A Tub listens here: programs open mutually authenticated connections to it with a FURL
(<code>pb://&hellip;</code>). There is nothing to see with a web browser.</p>
</body>
</html>
`

interface HttpForm {
  readonly status: string
  readonly headers?: ReadonlyArray<string>
  readonly page?: string
}

const httpForm = (reason: Reason | undefined): HttpForm => {
  switch (reason?._tag) {
    case "MalformedRequest":
      return { status: "400 Bad Request" }
    case "HeaderTooLong":
      return { status: "431 Request Header Fields Too Large" }
    case "UnknownTubId":
    case "UnencryptedTub":
      return { status: "404 Not Found" }
    case "NotATubPath":
      return { status: "404 Not Found", page }
    case "MethodNotAllowed":
      return { status: "405 Method Not Allowed", headers: ["Allow: GET"] }
    case "UpgradeMissing":
      return { status: "426 Upgrade Required", headers: ["Upgrade: TLS/1.0", "Connection: Upgrade"] }
    case "LookupFailed":
      return { status: "503 Service Unavailable" }
    case "DeadlineExceeded":
      return { status: "408 Request Timeout" }
    default:
      return { status: "500 Internal Server Error" }
  }
}

const encoder = new TextEncoder()

/**
 * An HTTP answer that carries `said` in its status line, where a Foolscap client quotes it in its error, and in its
 * body. A browser gets a page instead. No reason stands for a defect of ours.
 *
 * @category encoding
 * @since 0.1.0
 */
export const http = (reason: Reason | undefined, said: string): Uint8Array => {
  const { headers = [], page, status } = httpForm(reason)
  const body = page ?? `${said}\n`
  const lines = [
    page === undefined ? `HTTP/1.1 ${status}: ${said}` : `HTTP/1.1 ${status}`,
    ...headers,
    `Content-Type: ${page === undefined ? "text/plain" : "text/html"}; charset=utf-8`,
    `Content-Length: ${encoder.encode(body).length}`,
    "Connection: close"
  ]
  return encoder.encode(`${lines.join("\r\n")}\r\n\r\n${body}`)
}

/**
 * The block that stands for `said` after TLS has begun.
 *
 * @category encoding
 * @since 0.1.0
 */
export const block = (said: string): Uint8Array => Decision.formatError(said)
