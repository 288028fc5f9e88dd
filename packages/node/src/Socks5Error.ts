/**
 * Why a SOCKS5 proxy led to no connection: whether the fault is with the proxy, with what we asked of it, or behind it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * There was no connection to the proxy itself.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProxyUnreachable extends Schema.TaggedError<ProxyUnreachable>("@effect-foolscap/node/ProxyUnreachable")(
  "ProxyUnreachable",
  { cause: Schema.Defect() }
) {
  override get message() {
    return `cannot be reached: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}

/**
 * Something answers, but not in SOCKS5.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotSocks5 extends Schema.TaggedError<NotSocks5>("@effect-foolscap/node/NotSocks5")("NotSocks5", {
  /** How its answer begins, in hexadecimal digits. */
  received: Schema.String
}) {
  override get message() {
    // "HT" begins an answer in HTTP; the first byte of an answer in SOCKS4 is 0.
    const guess = this.received.startsWith("4854")
      ? "an HTTP server, perhaps an HTTP proxy"
      : this.received.startsWith("00")
        ? "perhaps one for SOCKS4"
        : "another kind of server"
    return `is no SOCKS5 proxy but ${guess}: its answer begins with 0x${this.received}`
  }
}

/**
 * The proxy takes no connections from whoever proves itself the way we can: by nothing, or by a username and a password.
 *
 * @category errors
 * @since 0.1.0
 */
export class MethodRefused extends Schema.TaggedError<MethodRefused>("@effect-foolscap/node/MethodRefused")(
  "MethodRefused",
  { offered: Schema.Literals(["none", "password"]) }
) {
  override get message() {
    return this.offered === "none"
      ? "wants to know who we are: give a username and a password"
      : "takes no username and password"
  }
}

/**
 * The proxy did not accept the username and password.
 *
 * @category errors
 * @since 0.1.0
 */
export class WrongPassword extends Schema.TaggedError<WrongPassword>("@effect-foolscap/node/WrongPassword")(
  "WrongPassword",
  {}
) {
  override readonly message = "does not accept our username and password"
}

// RFC 1928, section 6. Tor says 4 for names that it cannot resolve and 6 for its timeouts.
const replies: ReadonlyMap<number, string> = new Map([
  [1, "failed, and does not say why (general failure)"],
  [2, "does not allow this connection (forbidden by its rules)"],
  [3, "could not reach the host: network unreachable"],
  [4, "could not reach the host: host unreachable, or no such name"],
  [5, "could not reach the host: connection refused"],
  [6, "could not reach the host: it took too long (TTL expired)"],
  [7, "does not open connections (command not supported)"],
  [8, "does not take this kind of address (address type not supported)"],
  // What Tor adds for onion services, when its SocksPort has the flag ExtendedErrors.
  [0xf0, "could not find the onion service: its descriptor is not there"],
  [0xf1, "could not reach the onion service: its descriptor is invalid"],
  [0xf2, "could not reach the onion service: the introduction failed"],
  [0xf3, "could not reach the onion service: the rendezvous failed"],
  [0xf4, "could not reach the onion service: it asks for client authorization"],
  [0xf5, "could not reach the onion service: it refuses our client authorization"],
  [0xf6, "could not reach the onion service: its address is invalid"],
  [0xf7, "could not reach the onion service: the introduction took too long"]
])

/**
 * The proxy works, and could not or would not connect to where we want to.
 *
 * @category errors
 * @since 0.1.0
 */
export class TargetUnreachable extends Schema.TaggedError<TargetUnreachable>("@effect-foolscap/node/TargetUnreachable")(
  "TargetUnreachable",
  {
    /** The reply field of the proxy's answer: 1 to 8 in RFC 1928, 0xf0 to 0xf7 in Tor. */
    code: Schema.Int
  }
) {
  override get message() {
    return (
      replies.get(this.code) ?? `could not reach the host, for an unknown reason: reply 0x${this.code.toString(16)}`
    )
  }
}

/**
 * An answer that SOCKS5 does not know.
 *
 * @category errors
 * @since 0.1.0
 */
export class BrokenAnswer extends Schema.TaggedError<BrokenAnswer>("@effect-foolscap/node/BrokenAnswer")(
  "BrokenAnswer",
  { problem: Schema.String }
) {
  override get message() {
    return `does not keep to SOCKS5: ${this.problem}`
  }
}

/**
 * The proxy ended the connection in the middle of the conversation.
 *
 * @category errors
 * @since 0.1.0
 */
export class HungUp extends Schema.TaggedError<HungUp>("@effect-foolscap/node/HungUp")("HungUp", {
  /** What it had not answered yet. */
  awaiting: Schema.Literals(["greeting", "password", "request"])
}) {
  override get message() {
    return `hung up before it had answered our ${this.awaiting}`
  }
}

const Reason = Schema.Union([
  ProxyUnreachable,
  NotSocks5,
  MethodRefused,
  WrongPassword,
  TargetUnreachable,
  BrokenAnswer,
  HungUp
])

/**
 * No connection through a proxy, and why. Stands as `cause` in an `Unreachable`.
 *
 * @category errors
 * @since 0.1.0
 */
export class Socks5Error extends Schema.TaggedError<Socks5Error>("@effect-foolscap/node/Socks5Error")("Socks5Error", {
  /** `host:port` or the path of the proxy. */
  proxy: Schema.String,
  reason: Reason
}) {
  override get message() {
    return `the SOCKS5 proxy at ${this.proxy} ${this.reason.message}`
  }
}
