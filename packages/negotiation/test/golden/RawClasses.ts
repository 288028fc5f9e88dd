/** In which ways our answer to a raw peer is not Foolscap's: one class for each rule that says so. */
import type { Parameters } from "../../src/policy/Parameters.ts"
import { errorBlock, httpAnswer } from "./Differences.ts"
import { awaited, type Ending, endingFor } from "./Expected.ts"
import type { RawCase } from "./Fixtures.ts"
import { bananaFrom, heardFromFoolscap, type Options, type Outcome } from "./RawConversation.ts"
import { settled } from "../Sides.ts"

/** What we do instead. What is not named is as Foolscap did it. */
export interface Instead {
  readonly ending: Ending
  /** All that we say in clear. */
  readonly tcp?: string
  /** What we say inside TLS after our Hello. */
  readonly tls?: string
  readonly hasEnded?: boolean
}

export interface Class {
  /** The rule of docs/protocol.md, and what it says here. */
  readonly rule: string
  readonly cases: Readonly<Record<string, Instead>>
}

type Tag = Ending["tag"]

export const http = (tag: Tag, status: string, said: string, headers?: ReadonlyArray<string>): Instead => ({
  ending: { tag },
  tcp: httpAnswer(status, said, headers),
  hasEnded: true
})

export const block = (tag: Tag, said: string): Instead => ({ ending: { tag }, tls: errorBlock(said) })

/** An ERROR token of Banana. The text is shorter than 128 bytes, so its length is one digit. */
export const errorToken = (said: string): string => `${String.fromCharCode(said.length)}\u008d${said}`

export const token = (tag: Tag, said: string): Instead => ({ ending: { tag }, tls: errorToken(said) })

/** Nothing is said after the Hello. */
export const silence = (text: string): Instead => ({ ending: { tag: "PeerRefused", text }, tls: "" })

export const tooLong = "the peer sent more than 4096 bytes without ending its header"
export const unreadable = (problem: string): string => `the peer sent a block that cannot be read: ${problem}`
export const late = "not negotiated within 2m"

/** Each name once for each class that it stands in. */
export const namesIn = (classes: ReadonlyArray<Class>): ReadonlyArray<string> =>
  classes.flatMap(({ cases }) => Object.keys(cases))

const agreedIn = (blocks: string): Parameters =>
  settled(
    Number(/banana-decision-version: (\d+)/.exec(blocks)?.[1]),
    Number(/initial-vocab-table-index: (\d+)/.exec(blocks)?.[1] ?? 0)
  )

const recordedEnding = (raw: RawCase, said: string): Ending => {
  const [error] = raw.failure
  if (error === undefined) return { tag: "Connected" }
  if (raw.end === "still open") return { tag: "Waiting" }
  const blocks = said.split("\r\n\r\n").length - 1
  return endingFor(error, awaited(raw.wanted === undefined ? "server" : "client", blocks))
}

/** What must come out when `raw` meets us, whose Hello is `hello`. */
export const expectedFor = (raw: RawCase, instead: Instead | undefined, hello: string): Outcome => {
  const tls = instead?.tls === undefined ? heardFromFoolscap(raw, "tls") : `${hello}${instead.tls}`
  const said = raw.events.flatMap((event) => (event.raw === "sent" ? [event.bytes] : [])).join("")
  const ending = instead?.ending ?? recordedEnding(raw, said)
  const connects = ending.tag === "Connected"
  return {
    tcp: instead?.tcp ?? heardFromFoolscap(raw, "tcp"),
    tls,
    hasEnded: instead?.hasEnded ?? raw.end !== "still open",
    ending,
    parameters: connects ? agreedIn(tls.includes("banana-decision-version") ? tls : said) : undefined,
    banana: connects ? bananaFrom(raw) : "",
    earlierEnded: raw.earlierEnd === undefined ? undefined : raw.earlierEnd !== "still open"
  }
}

/** How a case is played: those about time take the whole of our deadline. */
export const optionsFor = (raw: RawCase): Options =>
  /timeout|^silent-/.test(raw.name) ? { passes: "120 seconds" } : {}
