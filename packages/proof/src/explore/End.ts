/**
 * One end of a connection: the transport that a negotiation gets, and what the explorer sees of it.
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import type { Credentials, PlainTransport, SecureTransport, Transport } from "@effect-foolscap/negotiation/Transport"
import { TransportError } from "@effect-foolscap/negotiation/TransportError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { labelOf } from "./Label.ts"
import type { Item } from "./Wire.ts"

type Kind = TransportError["kind"]
type Resume<A> = (effect: Effect.Effect<A, TransportError>) => void

const isTubId = Schema.is(TubId)
const proofIn = ({ certificate }: Credentials): TubId | undefined => (isTubId(certificate) ? certificate : undefined)

// Made once: an exploration meets each of them millions of times.
const errors: Readonly<Record<Kind, TransportError>> = {
  eof: new TransportError({ kind: "eof" }),
  reset: new TransportError({ kind: "reset" }),
  tls: new TransportError({ kind: "tls" }),
  closed: new TransportError({ kind: "closed" })
}
const failed = (kind: Kind) => Effect.fail(errors[kind])

/** Where an end leads to. */
export interface Outlet {
  readonly send: (item: Item) => void
  /** Nothing needs to be delivered here any more. */
  readonly abandon: () => void
}

/** Belongs to one process. */
export class End {
  /** The name of the connection. */
  readonly wire: string
  readonly side: Side
  readonly transport: PlainTransport
  stage: "plain" | "handshake" | "secure" = "plain"
  /** What the peer ended it with, or we by leaving. Bytes that wait are still read first, unless it was a reset. */
  ended: Kind | undefined
  /** Our end has been sent. */
  finished = false
  closing = false
  destroyed = false
  /** The last block sent and received, which is how far the negotiation has come. */
  sent = ""
  received = ""
  /** What the transport was made to do that it must never do. */
  misuse: string | undefined
  private readonly outlet: Outlet
  private readonly waiting: Array<Uint8Array> = []
  private puller: Resume<Uint8Array> | undefined
  private handshake: { readonly proof: TubId | undefined; readonly settle: Resume<TubId | undefined> } | undefined
  private readonly observers = new Set<() => void>()

  constructor(wire: string, side: Side, outlet: Outlet) {
    this.wire = wire
    this.side = side
    this.outlet = outlet
    this.transport = { ...this.transportOf(false), startTls: this.startTls }
  }

  get unread(): number {
    return this.waiting.length
  }

  /** One message arrives. */
  deliver(item: Item): void {
    if (this.destroyed) return
    switch (item._tag) {
      case "Bytes":
        return this.arrive(item)
      case "ClientHello":
        return this.outlet.send({ _tag: "Certificate", proven: this.handshake?.proof })
      case "Certificate": {
        const { handshake } = this
        if (handshake === undefined) return
        if (this.side === "client") this.outlet.send({ _tag: "Certificate", proven: handshake.proof })
        this.stage = "secure"
        this.handshake = undefined
        return handshake.settle(Effect.succeed(item.proven))
      }
      case "End":
        return this.end("eof")
      case "Reset":
        this.waiting.length = 0
        return this.end("reset")
    }
  }

  /** Goes without a word to the program: what the system does for a process that has died. */
  abandon(): void {
    this.finish()
    this.destroyed = true
    this.outlet.abandon()
  }

  private arrive({ bytes, label, secure }: Extract<Item, { readonly _tag: "Bytes" }>): void {
    if (secure !== (this.stage === "secure")) this.misuse ??= `the ${this.side} was given ${label} in ${this.stage}`
    if (this.closing || this.ended !== undefined) return
    this.received = label
    const { puller } = this
    this.puller = undefined
    if (puller === undefined) this.waiting.push(bytes)
    else puller(Effect.succeed(bytes))
  }

  private end(kind: Kind): void {
    this.ended ??= kind
    if (this.handshake !== undefined) {
      const { settle } = this.handshake
      this.handshake = undefined
      settle(failed(kind === "reset" ? "reset" : "tls"))
    }
    this.changed()
  }

  private finish(): void {
    if (this.finished) return
    this.finished = true
    this.outlet.send({ _tag: "End" })
  }

  private changed(): void {
    if (this.ended !== undefined && this.waiting.length === 0) {
      this.finish()
      this.puller?.(failed(this.ended))
      this.puller = undefined
    }
    for (const observer of [...this.observers]) observer()
  }

  private readonly destroy = Effect.sync(() => {
    if (this.destroyed) return
    this.abandon()
    this.waiting.length = 0
    this.end("closed")
  })

  private readonly pull: Effect.Effect<Uint8Array, TransportError> = Effect.callback((resume) => {
    const bytes = this.waiting.shift()
    if (this.closing) resume(failed("closed"))
    else if (bytes !== undefined) {
      resume(Effect.succeed(bytes))
      if (this.ended !== undefined) this.changed()
    } else if (this.ended !== undefined) resume(failed(this.ended))
    else {
      this.puller = resume
      return Effect.sync(() => {
        if (this.puller === resume) this.puller = undefined
      })
    }
    return undefined
  })

  private write(bytes: Uint8Array, secure: boolean): Effect.Effect<void, TransportError> {
    return Effect.suspend(() => {
      const label = labelOf(bytes)
      if (secure !== (this.stage === "secure")) this.misuse ??= `the ${this.side} wrote ${label} in ${this.stage}`
      if (this.ended === "reset") return failed("reset")
      if (this.finished) return failed("closed")
      this.sent = label
      this.outlet.send({ _tag: "Bytes", bytes, label, secure })
      return Effect.void
    })
  }

  private readonly startTls: PlainTransport["startTls"] = ({ credentials, early }) =>
    Effect.callback((resume) => {
      this.stage = "handshake"
      if (early.length > 0) this.misuse ??= `${labelOf(early)} came before TLS`
      if (this.ended !== undefined) return resume(failed("tls"))
      this.handshake = {
        proof: proofIn(credentials),
        settle: (proven) =>
          resume(Effect.map(proven, (id): SecureTransport => ({ ...this.transportOf(true), proven: id })))
      }
      if (this.side === "client") this.outlet.send({ _tag: "ClientHello" })
      return this.destroy
    })

  private transportOf(secure: boolean): Transport {
    return {
      remoteAddress: this.wire,
      pull: this.pull,
      ended: this.when(() => this.ended !== undefined && this.waiting.length === 0),
      write: (bytes) => this.write(bytes, secure),
      flush: Effect.void,
      finish: Effect.sync(() => this.finish()),
      close: Effect.suspend(() => {
        this.closing = true
        this.waiting.length = 0
        this.finish()
        this.puller?.(failed("closed"))
        this.puller = undefined
        return Effect.asVoid(this.when(() => this.ended !== undefined))
      }),
      destroy: this.destroy
    }
  }

  /** Succeeds with what ended the stream, as soon as `condition` holds. */
  private when(condition: () => boolean): Effect.Effect<TransportError> {
    return Effect.callback((resume) => {
      const look = () => {
        if (!condition()) return
        this.observers.delete(look)
        resume(Effect.succeed(errors[this.ended ?? "closed"]))
      }
      this.observers.add(look)
      look()
      return Effect.sync(() => this.observers.delete(look))
    })
  }
}
