/**
 * The Decision block: what the Master settled, or that it will not go on.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { type MalformedBlock, NoDecisionVersion, PeerRefused } from "../NegotiationError.ts"
import * as Block from "./Block.ts"

/**
 * Which vocabulary both sides start with, and the hash of its words: `1 bb33` on the wire (N19).
 *
 * @category models
 * @since 0.1.0
 */
export class VocabularyChoice extends Schema.Class<VocabularyChoice>("@effect-foolscap/negotiation/VocabularyChoice")({
  index: Schema.Int,
  /** The first four hex digits, lower case. */
  hash: Schema.String
}) {
  override toString() {
    return `${this.index} ${this.hash}`
  }
}

const VocabularyChoiceFromString = Schema.String.check(
  Schema.isPattern(/^\s*[+-]?\d{1,15}\s+\S+\s*$/, { message: "expected a number and a hash, as in 1 bb33" })
).pipe(
  Schema.decodeTo(
    VocabularyChoice,
    SchemaTransformation.transform({
      decode: (text) => {
        const [index, hash = ""] = text.trim().split(/\s+/)
        return { index: Number(index), hash }
      },
      encode: ({ hash, index }) => `${index} ${hash}`
    })
  )
)

const WholeNumberFromString = Schema.String.check(
  Schema.isPattern(/^\s*[+-]?\d{1,15}\s*$/, { message: "expected a whole number" })
).pipe(Schema.decodeTo(Schema.Int, SchemaTransformation.numberFromString))

/**
 * What the Master decided.
 *
 * @category models
 * @since 0.1.0
 */
export class Decision extends Schema.Class<Decision>("@effect-foolscap/negotiation/Decision")({
  version: WholeNumberFromString,
  /** `<incarnation of the Master> <seqnum>`, for the other side to remember as it is (N21). */
  currentConnection: Schema.optionalKey(Schema.String),
  /** Absent means the empty vocabulary 0. */
  vocabulary: Schema.optionalKey(VocabularyChoiceFromString)
}) {}

const keys = {
  version: "banana-decision-version",
  currentConnection: "current-connection",
  vocabulary: "initial-vocab-table-index"
} as const

/**
 * `Decision` under its wire names. Unknown keys are dropped.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DecisionFromBlock = Decision.pipe(Schema.encodeKeys(keys))

const decode = Schema.decodeUnknownResult(DecisionFromBlock)

/**
 * Writes a Decision exactly as Foolscap does (N20), with the lines that an application adds (N28).
 *
 * @category encoding
 * @since 0.1.0
 */
export const format = (decision: Decision, added: ReadonlyArray<readonly [string, string]> = []): Uint8Array =>
  Block.format([...Block.lines(decision, keys), ...added])

/**
 * Writes the block with which a side gives up after TLS has begun (N23). `text` is one line.
 *
 * @category encoding
 * @since 0.1.0
 */
export const formatError = (text: string): Uint8Array =>
  Block.format([
    [keys.version, "1"],
    ["error", text]
  ])

/**
 * Reads what the Master sent in the place of its Decision (N20): no version at all, a refusal, or a Decision.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (block: Block.Block): Result.Result<Decision, MalformedBlock | NoDecisionVersion | PeerRefused> => {
  const error = block.get("error")
  if (error !== undefined) return Result.fail(new PeerRefused({ text: error }))
  if ((block.get(keys.version) ?? "") === "") return Result.fail(new NoDecisionVersion())
  const present = [...block].filter(([, value]) => value !== "") // an empty value counts as none
  return Result.mapError(decode(Object.fromEntries(present)), Block.malformed)
}

const errorPrefix = "banana-decision-version:"

/**
 * Recognises a refusal that comes where the next protocol is expected (N25): a peer that found fault with us while our
 * Decision was on its way writes an error block, not knowing that we have gone on.
 *
 * Gives the refusal, `"incomplete"` while the bytes may still become one, and `undefined` for anything else.
 *
 * @category decoding
 * @since 0.1.0
 */
export const lateRefusal = (beginning: Uint8Array): PeerRefused | "incomplete" | undefined => {
  const start = String.fromCharCode(...beginning.subarray(0, errorPrefix.length))
  if (!errorPrefix.startsWith(start)) return undefined
  const split = Block.split(beginning)
  if (split._tag === "Incomplete") return "incomplete"
  if (split._tag === "TooLong") return undefined
  const refused = Result.getFailure(Result.flatMap(Block.parse(split.header), read))
  return refused._tag === "Some" && refused.value._tag === "PeerRefused" ? refused.value : undefined
}
