/** What became of one negotiation, in the words of the table. */
import * as Exit from "effect/Exit"
import type { LinkEnd } from "../../src/Link.ts"
import {
  clientHello,
  decision,
  type Ended,
  errorBlock,
  errorToken,
  get,
  type Heard,
  hello,
  other,
  outcomeOf,
  switching
} from "../Peer.ts"
import { high } from "../Sides.ts"
import { type Position, wordsOf } from "./Points.ts"
import type { Saboteur } from "./Steps.ts"

/** Two minutes, in milliseconds (N27). */
const deadline = 120_000

/** What the owner of a negotiation sees of it. */
export interface Seen {
  exit?: Ended
  /** When it failed or connected, in milliseconds. */
  at?: number
  /** What its socket gave. */
  read: string
  end?: LinkEnd
}

/** What is left of `words` without those we say in any case, in the words of the table. */
const formOf = (words: Heard, { on, self }: Position): string => {
  const without = (text: string, ...usual: ReadonlyArray<string>) =>
    usual.reduce((rest, word) => (rest.startsWith(word) ? rest.slice(word.length) : rest), text)
  const clear = without(words.clear, on === "client" ? get(other(self).tubId) : switching)
  const secret = without(
    words.secret,
    on === "client" ? clientHello(self) : hello(self),
    self === high ? decision() : ""
  )
  if (clear + secret === "") return "nothing"
  const [, status, said = ""] = /^HTTP\/1\.1 (4\d\d) [A-Za-z ]+: ([ -~]{1,500})\r\n/.exec(clear) ?? []
  if (status !== undefined && secret === "" && clear.endsWith(`\r\n\r\n${said}\n`)) return status
  const [text = ""] = /[ -~]{1,500}(?=(?:\r\n\r\n)?$)/.exec(secret) ?? []
  if (clear === "" && secret === errorBlock(text.replace(/^error: /, ""))) return "block"
  if (clear === "" && secret === errorToken(text)) return "token"
  return JSON.stringify({ clear, secret })
}

/** What the peer is told. What we say to one that does not read stands in parentheses. */
const toldTo = ({ heard }: Saboteur, unsent: Heard, position: Position): string => {
  const told = formOf(heard, position)
  const said = formOf({ clear: heard.clear + unsent.clear, secret: heard.secret + unsent.secret }, position)
  return told === said ? told : `(${said})`
}

/** What has passed, in whole seconds, since it should have ended: at once, or with the deadline. */
const lateness = ({ at = Infinity }: Seen, reason: string, misbehavedAt = 0): string => {
  const late = Math.round((at - (reason === "DeadlineExceeded" ? deadline : misbehavedAt)) / 1000)
  return late === 0 ? "" : `, ${late} s later`
}

/** What became of the bytes behind the last block. They are the next protocol's, except for a refusal. */
const handover = ({ end, read }: Seen, behind: string): string => {
  if (read === (end?._tag === "RefusedByPeer" ? "" : behind)) return ""
  return read === "" && end === undefined ? ", held back" : `, read ${JSON.stringify(read)}`
}

/** The whole cell. */
export const describe = (seen: Seen, position: Position, peer: Saboteur, unsent: Heard): string => {
  const { exit } = seen
  if (exit === undefined) return "hangs"
  const told = toldTo(peer, unsent, position)
  if (Exit.isFailure(exit)) {
    const outcome = outcomeOf(exit)
    return `${outcome} → ${told}${lateness(seen, outcome.split(" ")[1] ?? "", peer.misbehavedAt)}`
  }
  const { hello, decision } = wordsOf(position)
  return [
    "link",
    ...(seen.end === undefined ? [] : [` → ${seen.end._tag}`]),
    ...(told === "nothing" ? [] : [`, told ${told}`]),
    handover(seen, peer.said.secret.slice(hello.length + decision.length)),
    lateness(seen, "", peer.misbehavedAt)
  ].join("")
}
