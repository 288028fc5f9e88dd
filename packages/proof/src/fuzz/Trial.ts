/** One input, and what has to hold of it. */
import { BananaDecoder } from "@effect-foolscap/banana/BananaDecoder"
import { BananaEncoder } from "@effect-foolscap/banana/BananaEncoder"
import type { Received } from "@effect-foolscap/banana/Received"
import type { Value } from "@effect-foolscap/banana/value/Value"
import { Vocabulary } from "@effect-foolscap/banana/wire/Vocabulary"
import * as Result from "effect/Result"
import { canonical } from "../../../banana/test/Canonical.ts"
import { told } from "../../../banana/test/Told.ts"
import type { Counts } from "./Counts.ts"
import type { Input } from "./Input.ts"

const decoderFor = ({ constraint, limits, table }: Input): BananaDecoder =>
  new BananaDecoder({ vocabulary: Vocabulary.initial(table), limits, constraint })

const isLast = ({ _tag }: Received): boolean => _tag === "Failed" || _tag === "PeerError"

/** In pieces of 1 to 8 bytes mostly, sometimes of more. The decoder must have read a piece before it is written over. */
const inPieces = (input: Input, decoder: BananaDecoder): ReadonlyArray<Received> => {
  const { bytes, choose } = input
  const received: Array<Received> = []
  const most = choose(4) === 0 ? 64 : choose(2) === 0 ? 1 : 8
  for (let at = 0; at < bytes.length;) {
    const piece = bytes.slice(at, at + 1 + choose(most))
    received.push(...decoder.push(piece))
    piece.fill(0x81)
    at += piece.length
  }
  return received
}

/** Sends a value again: it has to come back the same, and as the same bytes. */
const again = (value: Value, table: 0 | 1): string | undefined => {
  const vocabulary = Vocabulary.initial(table)
  const encoded = (each: Value): Uint8Array | string => {
    const encoder = new BananaEncoder({ vocabulary })
    const result = encoder.encode(each)
    return Result.isSuccess(result) ? Buffer.concat(encoder.take()) : result.failure.message
  }
  const bytes = encoded(value)
  if (typeof bytes === "string") return `${canonical(value)} cannot be sent again: ${bytes}`
  const [back, ...more] = new BananaDecoder({ vocabulary, limits: { body: 100_000 } }).push(bytes)
  if (back?._tag !== "Delivered" || more.length > 0) return `${canonical(value)} came back as ${back && told(back)}`
  if (canonical(back.value) !== canonical(value)) return `${canonical(value)} came back as ${canonical(back.value)}`
  const twice = encoded(back.value)
  return typeof twice === "string" || !Buffer.from(bytes).equals(twice)
    ? `${canonical(value)} has other bytes the second time`
    : undefined
}

/** Tells the peer what was found: it has to hear the same. */
const toldTo = (text: string): string | undefined => {
  const encoder = new BananaEncoder({ vocabulary: Vocabulary.none })
  encoder.error(text)
  const [heard] = new BananaDecoder({ vocabulary: Vocabulary.none }).push(Buffer.concat(encoder.take()))
  return heard?._tag === "PeerError" && heard.text === text
    ? undefined
    : `the ERROR ${text} is heard as ${heard && told(heard)}`
}

/** Counts what came of an input. Returns what is wrong, and the decoder if it waits for more. */
export const run = (input: Input, counts: Counts): { readonly problem?: string; readonly waiting?: BananaDecoder } => {
  const decoder = decoderFor(input)
  const received = decoder.push(input.bytes)
  const values = received.filter((each) => each._tag === "Delivered")
  const last = received.at(-1)
  const hasEnded = last !== undefined && isLast(last)
  counts.inputs++
  counts.bytes += input.bytes.length
  counts[input.kind]++
  counts.delivered += values.length
  if (values.length > 0) counts.withValues++
  if (received.some(({ _tag }) => _tag === "Violated")) counts.withViolations++
  if (last?._tag === "Failed") counts.failed++
  if (last?._tag === "PeerError") counts.told++

  if (received.slice(0, -1).some(isLast)) return { problem: "something was told behind an end" }
  if (input.values !== undefined) {
    const [came, went] = [received.map(told).join("\n"), input.values.map(canonical).join("\n")]
    if (came !== went) return { problem: `what was sent\n${went}\ncame as\n${came}` }
  }
  if (input.choose(4) === 0) {
    counts.cut++
    const [whole, cut] = [received, inPieces(input, decoderFor(input))].map((each) => each.map(told).join("\n"))
    if (whole !== cut) return { problem: `whole it gives\n${whole}\nand in pieces\n${cut}` }
  }
  for (const { value } of values) {
    if (input.choose(4) > 0) continue
    counts.again++
    const problem = again(value, input.table)
    if (problem !== undefined) return { problem }
  }
  if (last?._tag === "Failed") {
    const problem = toldTo(last.error.wireText)
    if (problem !== undefined) return { problem }
  }
  if (hasEnded) {
    const more = decoder.push(Uint8Array.of(1, 0x81, 0x8e, 0x89, 0x90))
    return more.length > 0 ? { problem: "something was told behind an end" } : {}
  }
  if (decoder.atBorder) return {}
  counts.waiting++
  return { waiting: decoder }
}
