/**
 * A connection whose every message waits until the explorer delivers it.
 *
 * ```text
 *   client end ── in flight ──▶ server end
 *   client end ◀── in flight ── server end
 * ```
 *
 * Each direction keeps its order, as TCP does. TLS is three messages, as in TLS 1.3: the client's hello, the server's
 * certificate, the client's certificate; its first application bytes may follow at once. A "certificate" is a TubId.
 */
import type { Side } from "@effect-foolscap/negotiation/policy/Master"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { type Loss, type Name, otherThan } from "./Setup.ts"

/** One thing under way. */
export type Item =
  | { readonly _tag: "Bytes"; readonly bytes: Uint8Array; readonly label: string; readonly secure: boolean }
  | { readonly _tag: "ClientHello" }
  | { readonly _tag: "Certificate"; readonly proven: TubId | undefined }
  | { readonly _tag: "End" }
  | { readonly _tag: "Reset" }

/** What a person, and a state, call it. */
export const nameOf = (item: Item): string => (item._tag === "Bytes" ? item.label : item._tag)

/** What a direction was at some moment. */
type Moment = Pick<Direction, "inFlight" | "dead" | "abandoned">

/** What is under way towards one end. */
export class Direction {
  inFlight: Array<Item> = []
  /** Nothing that is sent from now on will arrive. */
  dead = false
  /** Nobody is there to deliver to. */
  abandoned = false

  moment(): Moment {
    return { inFlight: [...this.inFlight], dead: this.dead, abandoned: this.abandoned }
  }

  restore({ abandoned, dead, inFlight }: Moment): void {
    this.inFlight = [...inFlight]
    this.dead = dead
    this.abandoned = abandoned
  }

  push(item: Item): void {
    if (!this.dead) this.inFlight.push(item)
  }

  /** Loses what is under way and whatever follows; the end it leads to hears `last`, if anything. */
  lose(last?: Item): void {
    if (this.dead) return
    this.dead = true
    this.inFlight = last === undefined ? [] : [last]
  }

  /** The end it leads to has gone. */
  abandon(): void {
    this.dead = true
    this.abandoned = true
    this.inFlight = []
  }
}

/** One connection. */
export class Wire {
  /** Who has which end. */
  readonly owners: Readonly<Record<Side, Name>>
  readonly towards: Readonly<Record<Side, Direction>> = { client: new Direction(), server: new Direction() }
  /** It was lost in such a way that somebody may not have heard. */
  broken = false

  constructor(client: Name) {
    this.owners = { client, server: otherThan(client) }
  }

  /** The end at which something can arrive. */
  get next(): Side | undefined {
    const { client, server } = this.towards
    return client.inFlight.length > 0 ? "client" : server.inFlight.length > 0 ? "server" : undefined
  }

  /** Whether it still stands, and whoever is to hear of its loss still listens. */
  canBeLost(heardBy: Loss): boolean {
    const [client, server] = [!this.towards.client.abandoned, !this.towards.server.abandoned]
    if (this.broken) return false
    switch (heardBy) {
      case "everybody":
        return client && server
      case "client":
        return client
      case "server":
        return server
      case "nobody":
        return client || server
    }
  }

  /** Gives a function that makes the wire again what it is now. */
  remember(): () => void {
    const { broken } = this
    const [client, server] = [this.towards.client.moment(), this.towards.server.moment()]
    return () => {
      this.broken = broken
      this.towards.client.restore(client)
      this.towards.server.restore(server)
    }
  }

  /** Takes everything under way with it. */
  lose(heardBy: Loss): void {
    this.broken = true
    for (const side of ["client", "server"] as const) {
      const heard = heardBy === "everybody" || heardBy === side
      this.towards[side].lose(heard ? { _tag: "Reset" } : undefined)
    }
  }

  /** Tells both ends of a loss that they may have missed. */
  hear(): void {
    for (const side of ["client", "server"] as const) {
      if (!this.towards[side].abandoned) this.towards[side].inFlight = [{ _tag: "Reset" }]
    }
  }
}
