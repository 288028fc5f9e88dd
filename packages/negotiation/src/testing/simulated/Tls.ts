/**
 * What stands for TLS on a simulated network: records, and a handshake in the order of TLS 1.3. Nothing is encrypted.
 *
 * ```text
 *   client ── ClientHello ─────────────────────▶ server
 *   client ◀── ServerHello, its certificate ──── server
 *   client ── its certificate, Finished ───────▶ server
 * ```
 *
 * So the client is done half a round trip before the server, and whatever is no record fails the session. A certificate
 * is the TubId that it proves, or empty.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Schema from "effect/Schema"
import type { Side } from "../../policy/Master.ts"
import type { TransportError } from "../../TransportError.ts"
import type { ByteStream } from "./ByteStream.ts"
import { concat, type End } from "./End.ts"

// The record types of TLS.
const alert = 21
const handshake = 22
const data = 23
const types: ReadonlySet<number | undefined> = new Set([alert, handshake, data])

const clientHello = "ClientHello"
const certificate = "Certificate "

const headerLength = 5
// The longest record that TLS allows.
const longest = 16_384

const isTubId = Schema.is(TubId)
const nothing = new Uint8Array(0)
const encoder = new TextEncoder()
const decoder = new TextDecoder()

const record = (type: number, payload: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(headerLength + payload.length)
  bytes.set([type, 3, 3, payload.length >> 8, payload.length & 0xff])
  bytes.set(payload, headerLength)
  return bytes
}

/** Whether a record can begin with these bytes, as far as they go. */
const isRecord = ([type, major = 3, minor = 3]: Uint8Array): boolean => types.has(type) && major === 3 && minor === 3

/**
 * One side's session over one end of a connection.
 *
 * @category models
 * @since 0.1.0
 */
export class Tls implements ByteStream {
  private readonly end: End
  private readonly side: Side
  private readonly certificate: string
  private partial: Uint8Array
  /** What was unwrapped and not read, each with the length of the record it came in. */
  private readonly unwrapped: Array<{ readonly bytes: Uint8Array; readonly length: number }> = []
  private failure: TransportError["kind"] | undefined
  /** What the peer has to say next. */
  private expected: "ClientHello" | "certificate" | "data"
  /** How many of the bytes to come need no room made for them. */
  private paid: number
  private theirs: string | undefined

  /** `early` is read before anything else that arrives. */
  constructor(end: End, options: { readonly side: Side; readonly certificate: string; readonly early: Uint8Array }) {
    this.end = end
    this.side = options.side
    this.certificate = options.certificate
    this.partial = options.early
    this.paid = options.early.length
    this.expected = this.side === "server" ? "ClientHello" : "certificate"
    if (this.side === "client") this.say(clientHello)
    this.unwrap()
  }

  /** Whether the handshake is done on this side. */
  get isEstablished(): boolean {
    return this.expected === "data"
  }

  /** Who the peer's certificate proves it to be. */
  get proven(): TubId | undefined {
    return isTubId(this.theirs) ? this.theirs : undefined
  }

  readonly hasBytes = (): boolean => this.unwrapped.length > 0

  readonly read = (): Uint8Array | undefined => {
    const next = this.unwrapped.shift()
    if (next === undefined) return undefined
    this.consumed(next.length)
    return next.bytes
  }

  readonly ended = (): TransportError["kind"] | undefined => {
    if (this.end.isDropped && this.failure !== "tls") return "closed"
    return this.unwrapped.length > 0 ? undefined : this.failure
  }

  readonly write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += longest) this.end.send(record(data, bytes.subarray(at, at + longest)))
  }

  /** Says close_notify and finishes. */
  readonly finish = (): void => {
    this.end.send(record(alert, nothing))
    this.end.finishSending()
  }

  readonly discard = (): void => {
    while (this.read() !== undefined);
    this.end.discard()
  }

  private say(text: string): void {
    this.end.send(record(handshake, encoder.encode(text)))
  }

  /** Reads what has arrived. */
  unwrap(): void {
    for (let bytes = this.end.take(); bytes !== undefined; bytes = this.end.take()) {
      this.partial = concat([this.partial, bytes])
    }
    while (this.failure === undefined && this.partial.length > 0) {
      if (!isRecord(this.partial)) return this.refuse()
      const [type, , , high, low] = this.partial
      const length = headerLength + ((high ?? 0) << 8) + (low ?? 0)
      if (low === undefined || this.partial.length < length) break
      const payload = this.partial.subarray(headerLength, length)
      this.partial = this.partial.subarray(length)
      this.receive(type, payload, length)
    }
    this.failure ??= this.end.end
    // As with a socket, what was not read before a reset is gone.
    if (this.end.end === "reset" && this.unwrapped.length > 0) {
      this.unwrapped.length = 0
      this.failure = "reset"
    }
  }

  private receive(type: number | undefined, payload: Uint8Array, length: number): void {
    if (type === data && this.expected === "data") {
      this.unwrapped.push({ bytes: payload, length })
      return
    }
    this.consumed(length)
    if (type === alert) this.failure = "eof"
    else if (type === handshake) this.shake(decoder.decode(payload))
    else this.refuse()
  }

  private shake(said: string): void {
    const isHello = said === clientHello
    if (this.expected === "data" || isHello !== (this.expected === "ClientHello")) return this.refuse()
    if (!isHello) this.theirs = said.slice(certificate.length)
    this.expected = isHello ? "certificate" : "data"
    if (isHello || this.side === "client") this.say(`${certificate}${this.certificate}`)
  }

  /** What came early has been paid for when it was read. */
  private consumed(length: number): void {
    const paid = Math.min(this.paid, length)
    this.paid -= paid
    this.end.consumed(length - paid)
  }

  private refuse(): void {
    this.failure = "tls"
    this.end.drop()
  }
}
