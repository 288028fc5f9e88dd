/**
 * Content that one side refuses.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * An object was refused: dropped on its way in, or not sent. The link goes on.
 *
 * @category errors
 * @since 0.1.0
 */
export class Violation extends Schema.TaggedError<Violation>("@effect-foolscap/Violation")("Violation", {
  /**
   * The place in the object, as Foolscap writes it: `<RootUnslicer>.[1].{}[name]`. Of an object that was not sent it begins with
   * `<RootSlicer>`.
   */
  where: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.reason} (at ${this.where})`
  }
}
