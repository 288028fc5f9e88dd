/**
 * A conversation drawn as a timeline: one Tub on the left, the other on the right, an arrow for all that was said.
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Block from "@effect-foolscap/negotiation/wire/Block"
import * as Result from "effect/Result"
import type { Moment } from "./Tap.ts"

/** A Tub in the demo: what people call it, and where it is drawn. */
export interface Actor {
  readonly name: string
  readonly tubId: TubId
  readonly place: "left" | "right"
}

/** Something an actor did. */
export interface Line {
  readonly actor: Actor
  readonly moment: Moment
}

/** How text is made to stand out; plain where the output is no terminal. */
export interface Ink {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
}

const paint = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`
const plain = (text: string) => text

export const colours: Ink = { bold: paint(1), dim: paint(2), good: paint(32), bad: paint(31) }
export const blackAndWhite: Ink = { bold: plain, dim: plain, good: plain, bad: plain }

/** Between the two life lines. */
const width = 66
const margin = " ".repeat(10)

/** The beginning of a TubId, enough to tell two apart. */
export const short = (tubId: string): string => `${tubId.slice(0, 6)}…`

/**
 * The head: who stands where.
 */
export const head = (left: Actor, right: Actor, ink: Ink): string => {
  const a = `${left.name} ${short(left.tubId)}`
  const b = `${short(right.tubId)} ${right.name}`
  return `${margin}${ink.bold(a)}${" ".repeat(width + 2 - a.length - b.length)}${ink.bold(b)}`
}

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text)

/**
 * One arrow, from the place of whoever spoke, `at` milliseconds after the beginning.
 */
export const arrow = (from: Actor["place"], at: number, said: string, ink: Ink): string => {
  const text = cut(said, width - 6)
  const shaft = "─".repeat(width - text.length - 4)
  const body = from === "left" ? `─ ${text} ${shaft}▶` : `◀${shaft} ${text} ─`
  return `${ink.dim(`${at.toFixed(1).padStart(6)} ms`)} │${body}│`
}

/**
 * Something that concerns both.
 */
export const across = (said: string, fill: "═" | " ", ink: Ink): string => {
  const text = cut(said, width - 4)
  const room = width - text.length - 2
  const before = fill.repeat(Math.floor(room / 2))
  return `${margin}│${ink.dim(before)} ${text} ${ink.dim(fill.repeat(room - before.length))}│`
}

/**
 * A conversation, one line of text for each step; times count from `start`.
 */
export const steps = (
  lines: ReadonlyArray<Line>,
  options: { readonly start: number; readonly nameOf: (tubId: string) => string; readonly ink: Ink }
): ReadonlyArray<string> => {
  const { ink, nameOf, start } = options
  const secured = lines.find(({ moment }) => moment._tag === "Secured")
  const drawn: Array<string> = []
  let hellos = 0
  for (const line of lines) {
    const { actor, moment } = line
    if (moment._tag === "Secured") {
      // Both sides report it; it is one event.
      if (line === secured) drawn.push(across("TLS: each shows a certificate and proves its key", "═", ink))
      continue
    }
    const said = gist(moment.bytes, nameOf)
    drawn.push(arrow(actor.place, moment.at - start, said, ink))
    if (said.startsWith("Hello") && ++hellos === 2) {
      const master = lines.reduce((a, b) => (a.actor.tubId > b.actor.tubId ? a : b)).actor
      drawn.push(across(`certificates fit; the higher TubId is ${master.name}'s`, " ", ink))
    }
  }
  return drawn
}

/**
 * What a message means, in a person's words.
 */
export const gist = (bytes: Uint8Array, nameOf: (tubId: string) => string): string => {
  const text = Block.text(bytes) ?? ""
  const [first = ""] = text.split("\r\n")
  const asked = /^GET \/id\/(\S+) /.exec(first)?.[1]
  if (asked !== undefined) return `GET /id/${short(asked)}  "I want to talk to ${nameOf(asked)}"`
  if (first.startsWith("HTTP/1.1 101")) return `101  "yes; let us go on under TLS"`
  const [, moved, hints] = /^HTTP\/1\.1 303 [^]*^Location: pb:\/\/([^@]*)@([^/]*)\//m.exec(text) ?? []
  if (moved !== undefined) return `303  "${nameOf(moved)} is at ${hints}"`
  if (first.startsWith("HTTP/1.1")) return first.replace("HTTP/1.1 ", "").replace(/[a-z2-7]{32}/, short)

  const split = Block.split(bytes)
  const block = split._tag === "Complete" ? Result.getOrUndefined(Block.parse(split.header)) : undefined
  const error = block?.get("error")
  if (error !== undefined) return `refused: ${error}`
  const tubId = block?.get("my-tub-id")
  if (tubId !== undefined) {
    const last = block?.get("last-connection")
    const memory =
      last === undefined
        ? ""
        : last === "none 0"
          ? ", no Decision of yours yet"
          : `, your last Decision was #${last.split(" ")[1]}`
    return `Hello: I am ${short(tubId)}, Banana ${versions(block?.get("banana-negotiation-range"))}${memory}`
  }
  const version = block?.get("banana-decision-version")
  if (version === undefined) return first
  const vocabulary = block?.get("initial-vocab-table-index")?.split(" ")[0]
  return `Decision: Banana ${version}, vocabulary ${vocabulary}, connection #${block?.get("current-connection")?.split(" ")[1]}`
}

const versions = (range: string | undefined): string => [...new Set(range?.split(" "))].join(" to ")
