/** The points of a negotiation at which a peer can misbehave: what it has done until then, and what it would do next. */
import type { LocalTub } from "../../src/LocalTub.ts"
import type { Side } from "../../src/policy/Master.ts"
import { clientHello, decision, errorBlock, get, hello, other, switching } from "../Peer.ts"
import { high, low, stranger } from "../Sides.ts"
import { hear, misbehave, pause, say, startTls, type Step } from "./Steps.ts"

/** Who we are in a conversation. */
export interface Position {
  readonly name: string
  readonly on: Side
  readonly self: LocalTub
}

/** In the order of the table's columns. */
export const positions: ReadonlyArray<Position> = [
  { name: "client, Master", on: "client", self: high },
  { name: "client, NonMaster", on: "client", self: low },
  { name: "server, Master", on: "server", self: high },
  { name: "server, NonMaster", on: "server", self: low }
]

/** One point for one position. */
export interface Point {
  /** What the peer has done in good order. */
  readonly before: ReadonlyArray<Step>
  /** What it has said in one piece with what comes next: the beginning of a block, or the block before. */
  readonly begun?: string
  /** What is due behind `begun`. Absent where it is TLS, whose bytes do not exist in memory. */
  readonly due?: string
  /** How it goes on in good order behind `due`. */
  readonly after?: ReadonlyArray<Step>
  /** What it says behind `begun` to repeat itself. */
  readonly again: string
  /** What is said here by a peer that confuses the order. */
  readonly disorder: string
  /** How many of our writes leave, where the peer stops reading. */
  readonly leaving?: number
}

const banana = "\u0001\u0088\u0001\u0081\u0001\u0089"
const tlsRecord = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000"
const refusal = errorBlock("TubID mismatch")
const notABlock = "no colon\r\n\r\n"

/** Everything that the peer says in good order. */
export const wordsOf = ({ on, self }: Position) => ({
  clear: on === "server" ? get(self.tubId) : switching,
  hello: on === "server" ? clientHello(other(self)) : hello(other(self)),
  decision: self === low ? decision() : ""
})

const firstLine = (block: string): string => block.slice(0, block.indexOf("\r\n"))

type At = (position: Position) => Point

/** The beginning of a conversation up to TLS. */
const upToTls = (position: Position): ReadonlyArray<Step> =>
  position.on === "server"
    ? [say(wordsOf(position).clear), hear, startTls]
    : [hear, say(wordsOf(position).clear), startTls]

/** The rest of a conversation, behind the GET or the 101. */
const fromTls = (position: Position): ReadonlyArray<Step> => {
  const { decision, hello } = wordsOf(position)
  return [...(position.on === "server" ? [hear] : []), startTls, say(hello), say(decision)]
}

const beforeClear: At = (position) => {
  const { clear, hello } = wordsOf(position)
  return {
    before: position.on === "client" ? [hear, pause] : [pause],
    due: clear,
    after: fromTls(position),
    again: clear + clear,
    disorder: hello
  }
}

const inClear: At = (position) => {
  const { clear } = wordsOf(position)
  const begun = firstLine(clear)
  return { ...beforeClear(position), begun, due: clear.slice(begun.length), again: clear, disorder: tlsRecord }
}

const behindClear: At = (position) => {
  const { clear, hello } = wordsOf(position)
  return { before: position.on === "client" ? [hear, pause] : [pause], begun: clear, again: clear, disorder: hello }
}

const inTls: At = (position) => {
  const { clear, hello } = wordsOf(position)
  const before = position.on === "client" ? [hear, say(clear), pause] : [say(clear), hear, pause]
  return { before, again: clear, disorder: hello }
}

const beforeHello: At = (position) => {
  const { decision: theirs, hello } = wordsOf(position)
  return {
    before: [...upToTls(position), pause],
    due: hello,
    after: [say(theirs)],
    again: hello + hello,
    disorder: decision()
  }
}

const inHello: At = (position) => {
  const { hello } = wordsOf(position)
  const begun = firstLine(hello)
  return { ...beforeHello(position), begun, due: hello.slice(begun.length), again: hello }
}

const whileWeDecide: At = (position) => {
  const { hello } = wordsOf(position)
  return { before: [...upToTls(position), pause], begun: hello, due: banana, again: hello, disorder: decision() }
}

const beforeDecision: At = (position) => {
  const { decision, hello } = wordsOf(position)
  return {
    before: [...upToTls(position), say(hello), pause],
    due: decision,
    again: decision + decision,
    disorder: banana
  }
}

const inDecision: At = (position) => {
  const { decision } = wordsOf(position)
  const begun = firstLine(decision)
  return { ...beforeDecision(position), begun, due: decision.slice(begun.length), again: decision }
}

const behindDecision: At = (position) => {
  const { decision, hello } = wordsOf(position)
  return {
    before: [...upToTls(position), say(hello), say(decision), pause],
    due: banana,
    again: decision === "" ? hello : decision,
    disorder: refusal
  }
}

const inLateRefusal: At = (position) => {
  const begun = firstLine(refusal)
  const point = { ...behindDecision(position), begun, due: refusal.slice(begun.length), again: refusal }
  return { ...point, disorder: banana }
}

/** A conversation that we have just ended: with an error block as Master, with an ERROR token as NonMaster. */
const refused: At = (position) => {
  const { decision, hello } = wordsOf(position)
  const right = decision === "" ? [] : [say(hello)]
  const before = [...upToTls(position), ...right, misbehave, say(notABlock), pause]
  return { before, due: hello, again: hello, disorder: refusal }
}

const refusedInClear: At = (position) => {
  const { clear, hello } = wordsOf(position)
  return { before: [misbehave, say(get(stranger.tubId)), pause], due: clear, again: clear, disorder: hello }
}

/** Our first writes are the GET or the 101, the Hello, and the Decision or a refusal. */
const reading =
  (leaving: number, at: At): At =>
  (position) => ({ ...at(position), leaving })

const whileOurClear: At = (position) => {
  const { clear, hello } = wordsOf(position)
  const before = position.on === "client" ? [pause] : [say(clear), pause]
  return { before, due: clear, again: clear, disorder: hello }
}

/** All points by the names they have in the table, in the order of a conversation. */
export const points: ReadonlyMap<string, At> = new Map([
  ["before its GET", beforeClear],
  ["in its GET", inClear],
  ["while our GET or 101 is being written", reading(0, whileOurClear)],
  ["before its 101", beforeClear],
  ["in its 101", inClear],
  ["right behind its GET or 101", behindClear],
  ["in the TLS handshake", inTls],
  ["while our Hello is being written", reading(1, beforeHello)],
  ["before its Hello", beforeHello],
  ["in its Hello", inHello],
  ["while we decide", whileWeDecide],
  ["while our Decision is being written", reading(2, behindDecision)],
  ["before its Decision", beforeDecision],
  ["in its Decision", inDecision],
  ["behind the Decision", behindDecision],
  ["in a late refusal", inLateRefusal],
  ["while our refusal is being written", reading(2, refused)],
  ["while we take leave in clear", refusedInClear],
  ["while we take leave under TLS", refused]
])
