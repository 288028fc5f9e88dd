/**
 * One end of a simulated TCP connection, with the laws of TCP: bytes arrive whole and in order, the end arrives behind
 * them, and a reset throws away what was not read.
 *
 * @since 0.1.0
 */
import type { TransportError } from "../../TransportError.ts"
import { Changes } from "./Changes.ts"
import type { Flow, Route, Segment } from "./Route.ts"

/**
 * How many bytes may be on their way or lie unread at the other end, before a writer has to wait: 256 KiB.
 *
 * @category constants
 * @since 0.1.0
 */
export const window = 256 * 1024

/**
 * One end of a connection. Everything here happens at once and is heard of through `changes`.
 *
 * @category models
 * @since 0.1.0
 */
export class End {
  /** `host:port` of this end. */
  readonly address: string
  readonly changes = new Changes()
  /** Told of everything that arrives, before those who wait. */
  above: (() => void) | undefined
  private readonly connection: number
  private readonly route: Route
  private readonly flow: Flow
  private readonly unsent: Array<Uint8Array> = []
  /** Bytes that have left and were not read yet. */
  private underway = 0
  private finish: "not asked" | "asked" | "sent" = "not asked"
  private readonly arrived: Array<Uint8Array> = []
  private failure: TransportError["kind"] | undefined
  private discards = false
  private isReset = false
  private isGone = false
  private counterpart: End | undefined

  constructor(options: {
    readonly address: string
    readonly connection: number
    readonly route: Route
    readonly flow: Flow
  }) {
    this.address = options.address
    this.connection = options.connection
    this.route = options.route
    this.flow = options.flow
  }

  /** Where this end is. */
  get host(): string {
    return this.route.from
  }

  /** Makes two ends of one connection. */
  static join(a: End, b: End): void {
    a.counterpart = b
    b.counterpart = a
  }

  /** The other end. */
  get peer(): End {
    if (this.counterpart === undefined) throw new Error("this end was not joined with another")
    return this.counterpart
  }

  /** Whether nothing can come any more, and why; also while there are bytes to read. */
  get end(): TransportError["kind"] | undefined {
    return this.failure
  }

  get hasBytes(): boolean {
    return this.arrived.length > 0
  }

  /** Whether more can be sent. */
  get isOpen(): boolean {
    return this.finish === "not asked" && !this.isReset && !this.isGone
  }

  /** Whether everything sent has left, the end of it too if it was asked for. Of an end that is gone, nothing is left. */
  get hasLeft(): boolean {
    return this.isGone || this.isReset || (this.unsent.length === 0 && this.finish !== "asked")
  }

  /** Whether both sides have finished, or there is no connection any more. */
  get isOver(): boolean {
    return this.isGone || this.isReset || (this.finish === "sent" && this.failure === "eof")
  }

  /** Whether the connection was dropped on this side. */
  get isDropped(): boolean {
    return this.isGone
  }

  /** The next bytes, if there are any. The other side may send on once they are `consumed`. */
  take(): Uint8Array | undefined {
    const first = this.arrived.shift()
    if (first === undefined) return undefined
    const chunks = [first]
    while (this.hasBytes && this.peer.route.merges) chunks.push(...this.arrived.splice(0, 1))
    return concat(chunks)
  }

  /** Makes room for as many bytes more. */
  consumed(length: number): void {
    this.peer.underway -= length
    this.peer.depart()
  }

  send(bytes: Uint8Array): void {
    if (!this.isOpen || bytes.length === 0) return
    this.unsent.push(bytes)
    this.depart()
  }

  /** Finishes this side, behind everything sent before. */
  finishSending(): void {
    if (this.finish !== "not asked" || this.isGone) return
    this.finish = "asked"
    this.depart()
  }

  /** From now on nothing that arrives is kept. */
  discard(): void {
    this.discards = true
    this.forgetArrived()
  }

  /** Closes at once, as a system does for a process that ends: unread bytes make it a reset. */
  drop(): void {
    if (this.isGone) return
    if (this.hasBytes) return this.abort()
    if (this.finish !== "sent" && !this.isReset) this.transmit("fin", () => this.peer.receiveFin())
    this.vanish()
  }

  /** Closes at once with a reset. */
  abort(): void {
    this.transmit("rst", () => this.peer.receiveReset())
    this.vanish()
  }

  /** Is gone without a word, as after a power failure. Whatever still arrives is answered with a reset. */
  vanish(): void {
    this.isGone = true
    this.unsent.length = 0
    this.failure = "closed"
    this.forgetArrived()
    this.changed()
  }

  /** A router that claims to be the other end finishes, and passes nothing on from there. */
  cutOff(): void {
    this.transmit("fin", () => this.peer.receiveFin())
    this.flow.hasGap = true
  }

  /** Sends a segment behind all others. */
  transmit(segment: Segment, deliver: () => void): void {
    this.route.carry(this.connection, this.flow, segment, deliver)
  }

  receiveReset(): void {
    if (this.isGone) return
    this.isReset = true
    this.unsent.length = 0
    // Whoever has read everything up to the end has lost nothing.
    if (this.failure === undefined || this.hasBytes) this.failure = "reset"
    this.forgetArrived()
    this.changed()
  }

  private receive(bytes: Uint8Array): void {
    // Nobody is here who could take them, so they are answered as anything else that belongs to no connection.
    if (this.isGone) return this.transmit("rst", () => this.peer.receiveReset())
    if (this.failure !== undefined) return
    if (this.discards) return this.consumed(bytes.length)
    this.arrived.push(bytes)
    this.changed()
  }

  private receiveFin(): void {
    if (this.failure !== undefined) return
    this.failure = "eof"
    this.changed()
  }

  private depart(): void {
    while (this.unsent.length > 0 && this.underway < window) {
      const [first] = this.unsent
      if (first === undefined) break
      const length = this.route.cut(Math.min(first.length, window - this.underway))
      const bytes = first.subarray(0, length)
      if (length === first.length) this.unsent.shift()
      else this.unsent[0] = first.subarray(length)
      this.underway += length
      this.transmit(bytes, () => this.peer.receive(bytes))
    }
    if (this.finish === "asked" && this.unsent.length === 0) {
      this.finish = "sent"
      this.transmit("fin", () => this.peer.receiveFin())
    }
    this.changes.notify()
  }

  private forgetArrived(): void {
    const length = this.arrived.reduce((sum, bytes) => sum + bytes.length, 0)
    this.arrived.length = 0
    if (length > 0) this.consumed(length)
  }

  private changed(): void {
    this.above?.()
    this.changes.notify()
  }
}

/**
 * All the bytes in one, which is not copied if there is only one that holds any.
 *
 * @category combinators
 * @since 0.1.0
 */
export const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array => {
  const [only, another] = chunks.filter((chunk) => chunk.length > 0)
  if (only !== undefined && another === undefined) return only
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
