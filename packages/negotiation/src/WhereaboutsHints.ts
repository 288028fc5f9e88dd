/**
 * The hints of a Tub that lives elsewhere, as one 303 can carry them (N11), and the line of text that stands for them.
 *
 * @since 0.1.0
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type * as Arr from "effect/Array"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Block from "./wire/Block.ts"
import * as Location from "./wire/Location.ts"
import * as Upgrade from "./wire/Upgrade.ts"

/**
 * Where a Tub can be reached.
 *
 * @category models
 * @since 0.1.0
 */
export type WhereaboutsHints = Arr.NonEmptyReadonlyArray<LocationHint.LocationHint>

/**
 * Why nobody could be sent to these hints: the 303 that names them all is longer than a client reads (N6).
 *
 * @category validation
 * @since 0.1.0
 */
export const complaint = (tubId: TubId, hints: WhereaboutsHints): string | undefined => {
  const size = Upgrade.redirect(Location.format(tubId, hints)).length
  return size > Block.limit
    ? `a redirect to the ${hints.length} hints of ${tubId} takes ${size} bytes, and a client reads ${Block.limit}`
    : undefined
}

const decode = Schema.decodeUnknownResult(Schema.NonEmptyArray(LocationHint.FromInput))

/**
 * Reads a line as `format` writes it, or a person: hints with a comma between them, spaces around each of no account.
 * Fails with what is wrong with the line. A hint of a kind that nobody here knows is kept, a malformed one is not.
 *
 * @category decoding
 * @since 0.1.0
 */
export const parse = (tubId: TubId, line: string): Result.Result<WhereaboutsHints, string> =>
  Result.gen(function* () {
    // No line so long leads anywhere, and nobody should have to read all of it to find out.
    if (line.length > Block.limit) {
      return yield* Result.fail(`a line of ${line.length} characters, and a client reads ${Block.limit} bytes`)
    }
    const texts = line.split(",").map((text) => text.trim())
    const hints = yield* Result.mapError(decode(texts), ({ message }) => message)
    const tooMany = complaint(tubId, hints)
    return tooMany === undefined ? hints : yield* Result.fail(tooMany)
  })

/**
 * Writes hints as one line: `tcp:192.0.2.7:4711,tcp:example.org:4711`, as they stand in a FURL.
 *
 * @category encoding
 * @since 0.1.0
 */
export const format = (hints: WhereaboutsHints): string => hints.map(({ text }) => text).join(",")
