/**
 * LocationHint: one place where a Tub may be listening.
 *
 * A hint is kept exactly as it was written, and what it means is read from that text. Hints that nothing here
 * understands are kept too, because Foolscap skips such hints one by one and uses the rest of the FURL.
 *
 * What a Tub itself listens on (`tcp:PORT`) is not a hint.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

// Group 1 is a name or dotted quad, group 2 an IPv6 address without its brackets, group 3 the port. `host:port` without
// a kind is the oldest form and means tcp; therefore `tcp:123` is port 123 of a host called tcp. Foolscap takes any
// number of digits as a port.
const tcpPattern =
  /^(?:(?:tcp:)?([A-Za-z0-9.-]+)|tcp:\[([A-Fa-f0-9:]+(?:\d{1,3}(?:\.\d{1,3}){3}|%[A-Za-z0-9.]+)?)\]):(0*\d{1,5})$/

const hostOf = (tcpText: string): string => tcpText.replace(tcpPattern, "$1$2")

const portOf = (tcpText: string): number => Number(tcpText.replace(tcpPattern, "$3"))

const isTcp = (text: string): boolean => tcpPattern.test(text) && portOf(text) <= 65535

const HintText = Schema.String.check(
  Schema.isPattern(/^[^,/]+$/, { message: "a location hint is not empty and holds no comma and no slash" })
)

/**
 * A TCP port that can be connected to: `tcp:HOST:PORT`, or the oldest form `HOST:PORT`.
 *
 * Two hints are equal if their texts are.
 *
 * @category models
 * @since 0.1.0
 */
export class TcpHint extends Schema.TaggedClass<TcpHint>("@effect-foolscap/furl/TcpHint")("TcpHint", {
  /** The hint as it stands in the FURL. */
  text: Schema.String.check(
    Schema.isPattern(tcpPattern, { message: "a tcp hint is tcp:HOST:PORT, with an IPv6 host in square brackets" }),
    Schema.makeFilter((text) => portOf(text) <= 65535, { message: "the port of a tcp hint is at most 65535" })
  )
}) {
  get kind(): "tcp" {
    return "tcp"
  }

  /** A name, a dotted quad, or an IPv6 address without brackets (perhaps with a zone): the form for a Host header. */
  get host(): string {
    return hostOf(this.text)
  }

  /** 0 to 65535. */
  get port(): number {
    return portOf(this.text)
  }

  override toString() {
    return this.text
  }
}

/**
 * A hint that only a handler for its kind can use (`tor:abc.onion:80`), or that nobody can (`tcp:host`).
 *
 * @category models
 * @since 0.1.0
 */
export class OtherHint extends Schema.TaggedClass<OtherHint>("@effect-foolscap/furl/OtherHint")("OtherHint", {
  /** The hint as it stands in the FURL. From a FURL it may hold any character but comma and slash. */
  text: HintText.check(Schema.makeFilter((text) => !isTcp(text), { message: "this hint is a tcp hint" }))
}) {
  /** What stands before the first colon; empty without a colon. `tcp` if the hint is a malformed tcp hint. */
  get kind(): string {
    return this.text.slice(0, Math.max(0, this.text.indexOf(":")))
  }

  override toString() {
    return this.text
  }
}

/**
 * One place where a Tub may be listening.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LocationHint = Schema.Union([TcpHint, OtherHint])

/**
 * A hint of either kind, to be told apart by its `_tag`.
 *
 * @category models
 * @since 0.1.0
 */
export type LocationHint = typeof LocationHint.Type

/**
 * A hint as it stands in a FURL. Takes every text that may stand there, so that one hint nobody understands leaves the
 * others usable; encoding gives the same text back.
 *
 * A port above 65535, which Foolscap would try to connect to, makes an `OtherHint`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromString = HintText.pipe(
  Schema.decodeTo(
    LocationHint,
    SchemaTransformation.transform({
      decode: (text) => (isTcp(text) ? { _tag: "TcpHint" as const, text } : { _tag: "OtherHint" as const, text }),
      encode: ({ text }) => text
    })
  )
)

// The parser of URLs knows every spelling of an IP address, but no zones.
const isHost = (host: string): boolean =>
  isTcp(`tcp:${host}:0`) && URL.canParse(`http://${host.replace(/%[^\]]*/, "")}`)

const complaintAboutTcp = (address: string): Schema.FilterOutput => {
  // The last colon outside of the brackets divides host and port.
  const [, host = address, port = ""] = /^(.*):([^:\]]*)$/.exec(address) ?? []
  if (host === "") return { path: ["host"], issue: "the host is missing; write tcp:HOST:PORT" }
  if (isHost(`[${host}]`)) {
    return { path: ["host"], issue: `an IPv6 address stands in square brackets; write tcp:[${host}]:PORT` }
  }
  if (!isHost(host)) return { path: ["host"], issue: `${host} is neither a host name nor an IP address` }
  if (port === "") return { path: ["port"], issue: "the port is missing; write tcp:HOST:PORT" }
  if (!isTcp(`tcp:${host}:${port}`)) {
    return { path: ["port"], issue: `${port} is not a port; ports are numbers from 0 to 65535` }
  }
  return undefined
}

const complaintAbout = ({ kind, text }: LocationHint): Schema.FilterOutput => {
  if (!/^[!-~]+$/.test(text)) return "a location hint holds printable ASCII characters and no spaces"
  if (text.startsWith("[")) return { path: ["kind"], issue: `an IPv6 address needs its kind; write tcp:${text}` }
  if (/^tcp:\d*$/.test(text)) return complaintAboutTcp(text.slice(3))
  if (text.startsWith("tcp:")) return complaintAboutTcp(text.slice(4))
  if (/^[^:]*(?::\d*)?$/.test(text)) return complaintAboutTcp(text)
  if (!/^[a-z][a-z0-9]*$/.test(kind)) {
    return { path: ["kind"], issue: `"${kind}" is not a kind of hint; kinds are lower case, such as tcp or tor` }
  }
  return undefined
}

/**
 * A hint as a person types it, for instance as the location that a Tub announces. Rejects malformed tcp hints instead
 * of keeping them, and says which part is wrong: the issue points at `kind`, `host` or `port`.
 *
 * Kinds other than `tcp` are accepted with whatever follows them. `tcp:4711`, which is legal in a FURL and names a host
 * called `tcp`, is rejected here: whoever types that has left out the host.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FromInput = FromString.check(Schema.makeFilter(complaintAbout))

/**
 * The hint for a TCP port. `host` is a name, a dotted quad, or an IPv6 address with or without brackets.
 *
 * Throws if there is no such hint: a port that is no integer from 0 to 65535, a host with other characters.
 *
 * @category constructors
 * @since 0.1.0
 */
export const tcp = (host: string, port: number): TcpHint =>
  TcpHint.make({ text: `tcp:${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}` })

/**
 * The hint as it was written.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = (hint: LocationHint): string => hint.text
