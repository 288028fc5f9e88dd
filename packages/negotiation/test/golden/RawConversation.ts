/** Plays a recorded raw peer against our service, and gives what that peer saw. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { TestClock } from "effect/testing"
import type { LocalTub } from "../../src/LocalTub.ts"
import type { Parameters } from "../../src/policy/Parameters.ts"
import { side, tub } from "../Sides.ts"
import { type Ending, endingOf } from "./Expected.ts"
import { type RawCase, serverCases } from "./Fixtures.ts"
import * as RawPeer from "./RawPeer.ts"

/** The Tub that Foolscap was in all raw cases. */
export const recordedTub = tub("dv2u427fb2ieqluhrk3qnizxkpa4wmdu", "4444444444444444")

export interface Outcome {
  /** What we said in clear. */
  readonly tcp: string
  /** What we said inside TLS, up to the switch. */
  readonly tls: string
  /** Whether the raw peer has seen the end of the connection. */
  readonly hasEnded: boolean
  readonly ending: Ending
  readonly parameters: Parameters | undefined
  /** What the connection hands on to the next protocol. */
  readonly banana: string
  /** Whether the connection that was there before has ended, where there was one. */
  readonly earlierEnded: boolean | undefined
}

export interface Options {
  /** Which Tub we are: Foolscap's, unless another is named. */
  readonly self?: LocalTub
  /** Time that passes after the last event. */
  readonly passes?: `${number} seconds`
  /** How each write is cut on its way, in both directions. */
  readonly split?: RawPeer.Split
  /** The raw peer says only so many of its bytes, and closes. */
  readonly only?: number
}

/** These raw peers close without waiting for us. */
const closesByItself = (raw: RawCase): boolean =>
  raw.name === "immediate-close" || raw.end === "closed by the raw peer itself"

const converse = Effect.fnUntraced(function* (
  self: Effect.Success<ReturnType<typeof side>>,
  raw: RawCase,
  options: Options
) {
  const { wanted } = raw
  const peer = yield* RawPeer.make({
    side: wanted === undefined ? "client" : "server",
    proves: raw.proves,
    split: options.split
  })
  const negotiating = yield* Effect.forkScoped(
    RawPeer.lettingGo(
      wanted === undefined ? self.accept(peer.ours) : self.dial(peer.ours, { wanted, host: "127.0.0.1" })
    )
  )

  let left = options.only ?? Number.POSITIVE_INFINITY
  const heard = { tcp: 0, tls: 0 }
  const lastInClear = raw.events.findLastIndex(({ layer }) => layer === "tcp")
  for (const [index, event] of raw.events.entries()) {
    if (event.layer === "tls") yield* peer.startTls
    if (event.raw === "sent") {
      if (left === 0) break
      const said = event.bytes.slice(0, left)
      left -= said.length
      for (const piece of event.byteByByte === true ? said : [said]) yield* peer.say(event.layer, piece)
      if (said.length < event.bytes.length) break
    } else {
      heard[event.layer] += event.bytes.length
      yield* peer.until(() => peer.pending(event.layer).length >= heard[event.layer] || peer.hasEnded())
    }
    if (raw.startsTls && index === lastInClear) yield* peer.startTls
  }
  yield* peer.settle
  if (options.passes !== undefined) yield* TestClock.adjust(options.passes)
  if (options.only !== undefined || closesByItself(raw)) yield* peer.finish
  yield* peer.settle

  const exit = negotiating.pollUnsafe()
  const connection = exit !== undefined && Exit.isSuccess(exit) ? exit.value : undefined
  const banana = connection === undefined ? undefined : yield* RawPeer.read(connection)
  yield* peer.settle
  return {
    peer,
    negotiating,
    outcome: {
      tcp: peer.pending("tcp"),
      tls: peer.pending("tls"),
      hasEnded: peer.hasEnded(),
      ending: endingOf(exit),
      parameters: connection?.parameters,
      banana: banana?.() ?? ""
    }
  }
})

const plainHello = serverCases.find(({ name }) => name === "hello-ok-raw-is-slave")

/** Plays `raw` to its end. Whoever still waits when the raw peer has gone must end with a reason, too. */
export const play = Effect.fnUntraced(function* (raw: RawCase, options: Options = {}) {
  const self = yield* side(options.self ?? recordedTub)
  assert.isDefined(plainHello)
  const earlier = raw.earlierEnd === undefined ? undefined : yield* converse(self, plainHello, {})
  const { negotiating, outcome, peer } = yield* converse(self, raw, options)
  const result: Outcome = { ...outcome, earlierEnded: earlier?.peer.hasEnded() }

  yield* peer.finish
  yield* peer.until(() => negotiating.pollUnsafe() !== undefined)
  const afterwards = endingOf(negotiating.pollUnsafe()).tag
  if (outcome.ending.tag === "Waiting") {
    assert.include(["PeerClosed", "TransportFailed"], afterwards, `${raw.name}, after the peer has gone`)
  }
  return result
}, Effect.scoped)

/** What the raw peer heard from Foolscap. */
export const heardFromFoolscap = (raw: RawCase, layer: "tcp" | "tls"): string =>
  raw.events.flatMap((event) => (event.raw === "received" && event.layer === layer ? [event.bytes] : [])).join("")

/** The first bytes of Banana that the raw peer sent behind its blocks. */
export const bananaFrom = (raw: RawCase): string => {
  const said = raw.events
    .flatMap((event) => (event.raw === "sent" && event.layer === "tls" ? [event.bytes] : []))
    .join("")
  const blocks = raw.proves !== null && raw.proves > recordedTub.tubId ? 2 : 1
  return said.split("\r\n\r\n").slice(blocks).join("\r\n\r\n")
}
