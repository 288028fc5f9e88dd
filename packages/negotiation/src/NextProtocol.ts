/**
 * The port to what follows the negotiation, Banana: the little that must be known about it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type { Capabilities } from "./policy/Parameters.ts"
import { VersionRange } from "./wire/VersionRange.ts"

const encoder = new TextEncoder()

/**
 * What this side can do after the negotiation, and how it refuses when the other side already speaks that.
 *
 * @category services
 * @since 0.1.0
 */
export class NextProtocol extends Context.Service<
  NextProtocol,
  Capabilities & {
    /** How a failure is told to a peer that expects the next protocol, where a block would be noise (N23). */
    readonly refusal: (text: string) => Uint8Array
  }
>()("@effect-foolscap/negotiation/NextProtocol") {
  /**
   * Banana as Foolscap 21.7 offers it: version 3 (1 and 2 understood), vocabularies 0 and 1, an ERROR token.
   */
  static readonly layerBanana = Layer.succeed(NextProtocol)({
    versions: new VersionRange({ min: 3, max: 3 }),
    understood: new VersionRange({ min: 1, max: 3 }),
    vocabularies: new VersionRange({ min: 0, max: 1 }),
    hashOf: (vocabulary) => (vocabulary === 1 ? "bb33" : "da39"),
    refusal: (text) => {
      const body = encoder.encode(text)
      // ERROR: the length in base 128, least significant digit first, the type byte 0x8D, the text.
      const header: Array<number> = []
      for (let length = body.length; length > 0; length >>>= 7) header.push(length & 0x7f)
      return Uint8Array.from([...header, 0x8d, ...body])
    }
  })
}
