/**
 * A peer that does not keep to the protocol.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { quoted } from "./value/PythonLiteral.ts"
import { maxErrorText } from "./wire/TokenType.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * The peer broke a rule of Banana, so that what follows cannot be understood: the link ends.
 *
 * @category errors
 * @since 0.1.0
 */
export class BananaError extends Schema.TaggedError<BananaError>("@effect-foolscap/BananaError")("BananaError", {
  /** The place in the stream, as Foolscap writes it: `<RootUnslicer>.[0]`. */
  where: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.reason} (at ${this.where})`
  }

  /** What the ERROR token tells the peer: Foolscap's form of it, 1000 bytes at most. */
  get wireText(): string {
    const text = `BananaError(in ${this.where}): (${quoted(this.reason)},)`
    const bytes = encoder.encode(text)
    // A character that is cut through leaves a mark behind, which is taken away too.
    return bytes.length <= maxErrorText
      ? text
      : decoder.decode(bytes.subarray(0, maxErrorText - 3)).replace(/\uFFFD$/, "")
  }
}
