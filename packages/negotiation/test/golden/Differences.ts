/**
 * Where our service, in the place of one Tub of a recording, does something else than Foolscap did, and by which rule of
 * docs/protocol.md.
 */
import type { LinkEnd } from "../../src/Link.ts"
import type { Ending } from "./Expected.ts"

export interface Difference {
  readonly rule: string
  /** What we say in the place of what was recorded; `""` for nothing. */
  readonly says?: string
  /** How our negotiation ends instead. */
  readonly ending?: Ending
  /** How our established link ends. `ClosedByPeer` where nothing stands. */
  readonly ends?: LinkEnd["_tag"]
  /** We have a connection where Foolscap had none, and the recording ends here. */
  readonly connectsInstead?: boolean
}

/** By the number of the event. */
type Differences = Readonly<Record<number, Difference>>

export const errorBlock = (text: string): string => `banana-decision-version: 1\r\nerror: ${text}\r\n\r\n`

/** An HTTP answer with its reason in the status line and in the body. */
export const httpAnswer = (status: string, said: string, headers: ReadonlyArray<string> = []): string =>
  [
    `HTTP/1.1 ${status}: ${said}`,
    ...headers,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${said.length + 1}`,
    "Connection: close",
    "",
    `${said}\n`
  ].join("\r\n")

const unknown = "unknown TubID jinw3en2s7a66cih7qmxx5dxibwz5fhl"
const mismatch =
  'TubID mismatch: the peer claims "jinw3en2s7a66cih7qmxx5dxibwz5fhl" but proved to be p34dey6aut5fvfk7jekonycc7apozbhf'
const equalDecision =
  "banana-decision-version: 3\r\ncurrent-connection: 3333333333333333 1\r\ninitial-vocab-table-index: 1 bb33\r\n\r\n"

const silentToHttp = { rule: "N9: a client says nothing to a server that did not answer 101", says: "" }
const firstReason = { rule: "N24: the first reason stands", ending: { tag: "NoOverlap" } } as const
const replaced = { rule: "N22: the owner hears why its link ended", ends: "Replaced" } as const

const table: Readonly<Record<string, Readonly<Record<string, Differences>>>> = {
  "03-unknown-tubid": {
    server: { 1: { rule: "N8: 404", says: httpAnswer("404 Not Found", unknown) } },
    client: { 4: silentToHttp }
  },
  "04-versions-1": { client: { 9: firstReason }, server: { 11: firstReason } },
  "05-versions-2": { client: { 9: firstReason }, server: { 11: firstReason } },
  "06-versions-3": { client: { 9: firstReason }, server: { 11: firstReason } },
  "07-versions-4": { client: { 9: firstReason }, server: { 11: firstReason } },
  "14-replaced-new-incarnation": { server: { 26: replaced } },
  "15-replaced-knows-current-seqnum": { server: { 26: replaced } },
  "16-duplicate-old-seqnum": { server: { 25: replaced } },
  "18-replaced-knows-past-life-of-master": { server: { 26: replaced } },
  "21-old-peer-handle-old-aged": { server: { 26: replaced } },
  "25-parallel-hints-client-master": {
    server: { 9: { rule: "N13: a Hello waits for the handshake, which the client never began", says: "" } },
    client: { 14: { rule: "an attempt that its Connector has given up does not fail", ending: { tag: "Interrupted" } } }
  },
  "29-simultaneous-connect": {
    other: {
      20: {
        rule: "N20: the refusal was there to read; Foolscap reports the close behind it",
        ending: { tag: "PeerRefused", text: "Duplicate connection" }
      }
    }
  },
  "30-equal-tubids": {
    server: { 6: { rule: "N17: of equal TubIds the server decides", says: equalDecision, connectsInstead: true } }
  },
  "31-server-has-other-certificate": {
    client: {
      8: { rule: "N16, N24: the reason, and one report", says: errorBlock(mismatch) },
      12: { rule: "N16: the reason", ending: { tag: "TubIdMismatch" } }
    },
    server: {
      9: { rule: "N25: a late refusal is not answered", says: "" },
      10: { rule: "N25: a late refusal is recognised", ends: "RefusedByPeer" }
    }
  },
  "32-server-redirect-configured": {
    server: {
      1: {
        rule: "N11: 303",
        says: `HTTP/1.1 303 See Other\r\nLocation: pb://jinw3en2s7a66cih7qmxx5dxibwz5fhl@tcp:192.0.2.7:4711/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
      },
      3: { rule: "N11: 303", ending: { tag: "Redirect", text: "tcp:192.0.2.7:4711" } }
    },
    client: { 4: silentToHttp }
  }
}

export const differencesOf = (transcript: string, ours: string): Differences => table[transcript]?.[ours] ?? {}

export const allDifferences = Object.entries(table).flatMap(([transcript, sides]) =>
  Object.entries(sides).flatMap(([ours, differences]) =>
    Object.entries(differences).map(([n, difference]) => ({ transcript, ours, n: Number(n), difference }))
  )
)

const equalTubId = "btc2hrdp646crsav3fmxma3ltus7n62l"

/**
 * Tables that are not Foolscap's at the end. It raises the number before it compares vocabularies (N22), and has no
 * connection to a peer with its own TubId (N17).
 */
export const tablesInstead: Readonly<
  Record<string, { readonly master: Readonly<Record<string, number>>; readonly brokers: ReadonlyArray<string> }>
> = {
  "10-vocab-range-1 server": { master: {}, brokers: [] },
  "11-vocab-range-2 server": { master: {}, brokers: [] },
  "30-equal-tubids server": { master: { [equalTubId]: 1 }, brokers: [equalTubId] }
}

/**
 * Who closes a connection of its own accord, by the number of the event that shows the close first: the application
 * (22, 23), the Connector whose other attempt has won (25), the negotiation timer (30). Every other close follows from
 * what was said before.
 */
const closers: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  "22-reconnect-server-master": { 14: "client" },
  "23-reconnect-client-master": { 14: "client" },
  "25-parallel-hints-client-master": { 13: "client" },
  "30-equal-tubids": { 6: "server" }
}

export const firstToClose = (transcript: string, n: number): string | undefined => closers[transcript]?.[n]
