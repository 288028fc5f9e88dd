/**
 * How a byte stream ends, in whichever transport.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

// OpenSSL's messages hold addresses, file names and line breaks; its `reason` is what a person can use.
const detailOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return ""
  const said = Predicate.hasProperty(cause, "reason") && Predicate.isString(cause.reason) ? cause.reason : cause.message
  return ` (${said.replace(/\s+/g, " ").trim()})`
}

/**
 * The byte stream ended or broke.
 *
 * - `eof`: the peer finished its side in an orderly way; every byte before that was delivered.
 * - `reset`: the connection broke, and bytes may be missing.
 * - `tls`: the TLS layer refused what the peer sent, or the peer refused ours.
 * - `closed`: this side has closed the transport.
 *
 * @category errors
 * @since 0.1.0
 */
export class TransportError extends Schema.TaggedError<TransportError>("@effect-foolscap/negotiation/TransportError")(
  "TransportError",
  {
    kind: Schema.Literals(["eof", "reset", "tls", "closed"]),
    /** What the platform reported, where it reported anything. */
    cause: Schema.optionalKey(Schema.Defect())
  }
) {
  constructor(props: { readonly kind: "eof" | "reset" | "tls" | "closed"; readonly cause?: unknown }) {
    // Every connection ends with such an error. Where in this program that was noticed tells nobody anything, and finding
    // it out costs more than all the rest of the error.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      super(props)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  override get message() {
    const detail = detailOf(this.cause)
    switch (this.kind) {
      case "eof":
        return "the peer closed the connection"
      case "reset":
        return `the connection broke${detail}`
      case "tls":
        return `TLS failed${detail}`
      case "closed":
        return "the connection is closed on this side"
    }
  }
}
