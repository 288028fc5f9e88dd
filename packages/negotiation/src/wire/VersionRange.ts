/**
 * A range of versions, `<min> <max>` on the wire, and how two of them overlap.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { NoOverlap } from "../NegotiationError.ts"

/**
 * The versions from `min` to `max`, both included.
 *
 * A peer may offer a range that is upside down. It is a range like any other that overlaps with nothing, and the peer
 * is told so in the words Foolscap has for that (N18).
 *
 * @category models
 * @since 0.1.0
 */
export class VersionRange extends Schema.Class<VersionRange>("@effect-foolscap/negotiation/VersionRange")({
  min: Schema.Int,
  max: Schema.Int
}) {
  override toString() {
    return `${this.min} ${this.max}`
  }
}

// Python's int() takes a sign and surrounding white space; so does a Foolscap peer.
const fromText = (pattern: RegExp) =>
  Schema.String.check(Schema.isPattern(pattern, { message: "expected two whole numbers, as in 3 3" })).pipe(
    Schema.decodeTo(
      VersionRange,
      SchemaTransformation.transform({
        decode: (text) => {
          const [min, max] = text.trim().split(/\s+/, 2)
          return { min: Number(min), max: Number(max) }
        },
        encode: ({ max, min }) => `${min} ${max}`
      })
    )
  )

/**
 * `<min> <max>` and nothing else, as `banana-negotiation-range` has it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const VersionRangeFromString = fromText(/^\s*[+-]?\d{1,15}\s+[+-]?\d{1,15}\s*$/)

/**
 * `<min> <max>` and perhaps more words, which are ignored, as `initial-vocab-table-range` has it.
 *
 * @category schemas
 * @since 0.1.0
 */
export const VocabularyRangeFromString = fromText(/^\s*[+-]?\d{1,15}\s+[+-]?\d{1,15}(?:\s|$)/)

/**
 * The best version that both sides can do: the lower of the two maxima, unless it lies below one side's minimum. Both
 * sides of a mismatch find it, each from its own point of view (N18).
 *
 * @category policies
 * @since 0.1.0
 */
export const overlap = (
  what: NoOverlap["what"],
  ours: VersionRange,
  theirs: VersionRange
): Result.Result<number, NoOverlap> => {
  const best = Math.min(ours.max, theirs.max)
  const unable = best < ours.min ? "ours" : best < theirs.min ? "theirs" : undefined
  return unable === undefined
    ? Result.succeed(best)
    : Result.fail(new NoOverlap({ what, ours: String(ours), theirs: String(theirs), unable, best }))
}
