/** A peer that plays its end of a conversation by hand: it says what its script holds, whatever it is told. */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { LocalTub } from "../src/LocalTub.ts"
import type { NegotiatedConnection } from "../src/NegotiatedConnection.ts"
import type { NegotiationError } from "../src/NegotiationError.ts"
import type { Side } from "../src/policy/Master.ts"
import type { Redirect } from "../src/Redirect.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { Credentials, PlainTransport, Transport } from "../src/Transport.ts"
import { textOf } from "./Noise.ts"
import { high, low, type side as makeSide } from "./Sides.ts"

/** Texts here are latin1, one character for each byte. */
const raw = (text: string): Uint8Array => Buffer.from(text, "latin1")

export const get = (tubId: string): string =>
  `GET /id/${tubId} HTTP/1.1\r\nHost: example.org\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n`

export const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0, PB/1.0\r\nConnection: Upgrade\r\n\r\n"

type Lines = Readonly<Record<string, string | undefined>>

/** A block with these lines; `undefined` leaves one out. */
export const block = (lines: Lines): string =>
  Object.entries(lines)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}\r\n`]))
    .join("") + "\r\n"

export const hello = (tub: LocalTub, lines?: Lines): string =>
  block({
    "banana-negotiation-range": "3 3",
    "initial-vocab-table-range": "0 1",
    "my-incarnation": tub.incarnation,
    "my-tub-id": tub.tubId,
    ...lines
  })

/** The Hello that a client of ours says when it remembers `lastConnection`. */
export const clientHello = (tub: LocalTub, lastConnection = "none 0"): string =>
  hello(tub, { "my-incarnation": undefined, "my-tub-id": undefined, "last-connection": lastConnection }).slice(0, -2) +
  block({ "my-incarnation": tub.incarnation, "my-tub-id": tub.tubId })

export const decision = (lines?: Lines): string =>
  block({
    "banana-decision-version": "3",
    "current-connection": `${high.incarnation} 1`,
    "initial-vocab-table-index": "1 bb33",
    ...lines
  })

export const errorBlock = (text: string): string => block({ "banana-decision-version": "1", error: text })

/** A Banana ERROR token: the length in base 128, the type byte, the text. */
export const errorToken = (text: string): string => {
  const digits = text.length < 128 ? [text.length] : [text.length % 128, Math.floor(text.length / 128)]
  return `${String.fromCharCode(...digits)}\u008d${text}`
}

/** What one peer does. */
export interface Script {
  /** Said in clear: by a client at once, by a server when it has heard the GET. */
  readonly clear: string
  /** As whom it starts TLS after that. Without, it stays in clear. */
  readonly proves?: Credentials
  /** Said under TLS. */
  readonly secret?: string
  /** What it does after its last word; by default it listens to the end. */
  readonly afterwards?: "finishes" | "vanishes"
}

/** What a peer has been told so far. */
export interface Heard {
  clear: string
  secret: string
}

/** A peer that speaks TLS in good order towards `self`, which is on `side`, and says `secret` there. */
export const underTls = (side: Side, self: LocalTub, proves: Credentials, secret: string): Script => ({
  clear: side === "server" ? get(self.tubId) : switching,
  proves,
  secret
})

const hearBlock = Effect.fnUntraced(function* (transport: Transport, heard: Heard) {
  while (!heard.clear.includes("\r\n\r\n")) heard.clear += textOf(yield* transport.pull)
})

const hearAll = (transport: Transport, heard: Heard, as: keyof Heard): Effect.Effect<void> =>
  Effect.ignore(
    Effect.forever(
      Effect.map(transport.pull, (chunk) => {
        heard[as] += textOf(chunk)
      })
    )
  )

const leave = (transport: Transport, script: Script): Effect.Effect<void> =>
  script.afterwards === "finishes"
    ? transport.finish
    : script.afterwards === "vanishes"
      ? transport.destroy
      : Effect.void

/** Plays `script` on the side `as`, noting in `heard` what it is told, until the end. */
export const play = Effect.fnUntraced(function* (
  transport: PlainTransport,
  as: Side,
  script: Script,
  heard: Heard = { clear: "", secret: "" }
): Effect.fn.Return<Heard> {
  const { clear, proves, secret = "" } = script
  const talk = Effect.gen(function* () {
    if (as === "server") yield* hearBlock(transport, heard)
    yield* Effect.ignore(transport.write(raw(clear)))
    if (proves === undefined) {
      yield* leave(transport, script)
      return yield* hearAll(transport, heard, "clear")
    }
    if (as === "client") yield* hearBlock(transport, heard)
    const secure = yield* transport.startTls({ side: as, credentials: proves, early: new Uint8Array(0) })
    yield* Effect.ignore(secure.write(raw(secret)))
    yield* leave(secure, script)
    yield* hearAll(secure, heard, "secret")
  })
  yield* Effect.ignore(talk)
  return heard
})

export type Ended = Exit.Exit<NegotiatedConnection, NegotiationError | Redirect>

/** How a negotiation ended, in a few words. */
export const outcomeOf = (exit: Ended): string => {
  if (Exit.isSuccess(exit)) return `connected as ${exit.value.role}`
  if (Cause.hasInterruptsOnly(exit.cause)) return "interrupted"
  const error = Cause.findErrorOption(exit.cause)
  if (error._tag === "None") return "defect"
  return error.value._tag === "Redirect" ? "Redirect" : `${error.value.phase} ${error.value.reason._tag}`
}

type Service = Effect.Success<ReturnType<typeof makeSide>>

export const other = (tub: LocalTub): LocalTub => (tub.tubId === low.tubId ? high : low)

/**
 * One conversation of `service`, on `side`, with a scripted peer. The connection is closed as soon as the service is
 * done with it.
 */
export const converse = Effect.fnUntraced(function* (
  service: Service,
  side: Side,
  script: Script,
  options?: { readonly wanted?: TubId; readonly split?: (bytes: Uint8Array) => Iterable<Uint8Array> }
) {
  const pair = yield* MemoryTransport.makePair(options?.split === undefined ? {} : { split: options.split })
  const as = side === "client" ? "server" : "client"
  const playing = yield* Effect.forkChild(play(pair[as], as, script))
  const wanted = options?.wanted ?? other(service.tub).tubId
  const exit: Ended = yield* Effect.exit(
    Effect.scoped(
      side === "server" ? service.accept(pair.server) : service.dial(pair.client, { wanted, host: "example.org" })
    )
  )
  return { outcome: outcomeOf(exit), exit, heard: yield* Fiber.join(playing) }
})

/** Bytes one at a time: the worst that a network does. */
export const singly = (bytes: Uint8Array): Iterable<Uint8Array> => Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
