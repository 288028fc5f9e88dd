/**
 * Socks5Wire: what a client of SOCKS5 writes and reads (RFC 1928, and RFC 1929 for the password), as bytes. No sockets.
 *
 * ```text
 *   client ── greeting ──▶ proxy      05 01 METHOD
 *   client ◀── choice ──── proxy      05 METHOD
 *   client ── password ──▶ proxy      01 LENGTH USERNAME LENGTH PASSWORD
 *   client ◀── verdict ─── proxy      01 STATUS
 *   client ── request ───▶ proxy      05 01 00 TYPE ADDRESS PORT PORT
 *   client ◀── reply ───── proxy      05 REPLY | 00 TYPE ADDRESS PORT PORT
 * ```
 *
 * How long a reply is stands in it. It is read in two parts, each of a length that is known by then: a proxy that refuses
 * need not say more than the first.
 *
 * @since 0.1.0
 */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { isIPv4, isIPv6 } from "node:net"
import { BrokenAnswer, MethodRefused, NotSocks5, TargetUnreachable, WrongPassword } from "./Socks5Error.ts"

/**
 * How a client proves itself, and the byte for it: by nothing, or by username and password.
 *
 * @category models
 * @since 0.1.0
 */
export type Method = MethodRefused["offered"]

const methods = { none: 0x00, password: 0x02 } as const satisfies Record<Method, number>

/**
 * A username and a password, each of 1 to 255 bytes in UTF-8. They travel to the proxy in clear.
 *
 * @category models
 * @since 0.1.0
 */
export interface Auth {
  readonly username: string
  readonly password: Redacted.Redacted<string>
}

/**
 * Where the proxy shall connect to. A `host` that is no address is a name, of at most 255 characters.
 *
 * @category models
 * @since 0.1.0
 */
export interface Target {
  readonly host: string
  readonly port: number
}

/**
 * The first bytes. Only one method is offered, so that a proxy cannot choose to do without the password: Tor keeps the
 * streams of different passwords apart, and one without would share a circuit with others.
 *
 * @category formatting
 * @since 0.1.0
 */
export const greeting = (method: Method): Uint8Array => Uint8Array.of(0x05, 1, methods[method])

/**
 * Reads the two bytes in which the proxy chooses a method.
 *
 * @category parsing
 * @since 0.1.0
 */
export const readChoice = (
  bytes: Uint8Array,
  offered: Method
): Result.Result<void, NotSocks5 | MethodRefused | BrokenAnswer> => {
  const [version, method] = bytes
  if (version !== 0x05) return Result.fail(new NotSocks5({ received: Buffer.from(bytes).toString("hex") }))
  if (method === 0xff) return Result.fail(new MethodRefused({ offered }))
  return method === methods[offered] ? Result.void : broken(`chose method ${hex(method)}, which was not offered`)
}

/**
 * Username and password. Throws a `RangeError`, which does not show the password, if one of them is empty or has more
 * than 255 bytes.
 *
 * @category formatting
 * @since 0.1.0
 */
export const password = (auth: Auth): Uint8Array =>
  Buffer.concat([
    Uint8Array.of(0x01),
    counted("username", auth.username),
    counted("password", Redacted.value(auth.password))
  ])

const counted = (name: string, text: string): Uint8Array => {
  const bytes = Buffer.from(text)
  if (bytes.length >= 1 && bytes.length <= 255) return Buffer.concat([Uint8Array.of(bytes.length), bytes])
  throw new RangeError(`the ${name} for a SOCKS5 proxy has 1 to 255 bytes, and this one has ${bytes.length}`)
}

/**
 * Reads the two bytes in which the proxy says whether it accepts the password.
 *
 * @category parsing
 * @since 0.1.0
 */
export const readVerdict = ([version, status]: Uint8Array): Result.Result<void, WrongPassword | BrokenAnswer> => {
  if (version !== 0x01) return broken(`answered our password in version ${hex(version)}`)
  return status === 0x00 ? Result.void : Result.fail(new WrongPassword())
}

/**
 * Asks for a connection. A name goes to the proxy as it is.
 *
 * @category formatting
 * @since 0.1.0
 */
export const request = ({ host, port }: Target): Uint8Array =>
  Buffer.concat([Uint8Array.of(0x05, 0x01, 0x00), addressOf(host), Uint8Array.of(port >> 8, port & 0xff)])

const types = { ipv4: 0x01, name: 0x03, ipv6: 0x04 } as const

const addressOf = (host: string): Uint8Array => {
  if (isIPv4(host)) return Uint8Array.of(types.ipv4, ...host.split(".").map(Number))
  if (isIPv6(host)) return Uint8Array.of(types.ipv6, ...groupsOf(host).flatMap((group) => [group >> 8, group & 0xff]))
  return Uint8Array.of(types.name, host.length, ...Buffer.from(host, "latin1"))
}

const groupsOf = (ipv6: string): ReadonlyArray<number> => {
  // The parser of URLs makes every spelling the shortest one, which has groups only: ::ffff:1.2.3.4 is ::ffff:102:304.
  const [before = [], after = []] = new URL(`http://[${ipv6}]`).hostname
    .slice(1, -1)
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16))))
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after]
}

/**
 * Reads the first two bytes of a reply: whether there is a connection now.
 *
 * @category parsing
 * @since 0.1.0
 */
export const readReply = ([version, code = 0]: Uint8Array): Result.Result<void, TargetUnreachable | BrokenAnswer> => {
  if (version !== 0x05) return broken(`replied in version ${hex(version)}`)
  return code === 0x00 ? Result.void : Result.fail(new TargetUnreachable({ code }))
}

/**
 * Reads the three bytes after those: how many there are still to come. They say from which address the proxy has
 * connected, which is of no use here.
 *
 * @category parsing
 * @since 0.1.0
 */
export const readReplyLength = ([, type, first = 0]: Uint8Array): Result.Result<number, BrokenAnswer> => {
  // One byte of the address is `first`, which for a name is its length. Two bytes of port follow.
  switch (type) {
    case types.ipv4:
      return Result.succeed(3 + 2)
    case types.ipv6:
      return Result.succeed(15 + 2)
    case types.name:
      return Result.succeed(first + 2)
    default:
      return broken(`replied with an address of unknown type ${hex(type)}`)
  }
}

const broken = (problem: string) => Result.fail(new BrokenAnswer({ problem: `it ${problem}` }))

const hex = (byte = 0): string => `0x${byte.toString(16).padStart(2, "0")}`
