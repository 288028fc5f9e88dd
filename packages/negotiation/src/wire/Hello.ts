/**
 * The Hello block: what one Tub offers when the ENCRYPTED phase begins.
 *
 * A Hello is a claim. `tubId` is unproven until `phase/Encrypted` has compared it with the certificate of the TLS
 * session, so nothing may act on it sooner.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type MalformedBlock, NoVersions, OldDialect, PeerRefused } from "../NegotiationError.ts"
import * as Block from "./Block.ts"
import { VersionRangeFromString, VocabularyRangeFromString } from "./VersionRange.ts"

/**
 * The name of a link (N30): 1 to 64 printable ASCII characters without a space.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LinkName = Schema.String.check(
  Schema.isPattern(/^[!-~]{1,64}$/, { message: "expected the name of a link, 1 to 64 printable characters" })
)

/**
 * One side's offer.
 *
 * @category models
 * @since 0.1.0
 */
export class Hello extends Schema.Class<Hello>("@effect-foolscap/negotiation/Hello")({
  /** Who the sender says it is. Text, and not a TubId, because a peer may claim anything. */
  tubId: Schema.optionalKey(Schema.String),
  versions: VersionRangeFromString,
  /** A peer that offers none has only the empty vocabulary 0 (N19). */
  vocabularies: VocabularyRangeFromString.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed("0 0"), { encodingStrategy: "passthrough" })
  ),
  /** New for every process. Absent from the oldest peers, which then lose every contest with a live connection. */
  incarnation: Schema.optionalKey(Schema.String),
  /** From a client only: the last Decision it obeyed, or `none 0`. Read only where it decides something (N22). */
  lastConnection: Schema.optionalKey(Schema.String),
  /** From a client only: the name of a link beside the one link of the pair (N30). */
  linkName: Schema.optionalKey(LinkName),
  /** `True` from a sender that takes its own parameters or none. Nobody sends it, and nobody implements it (N15). */
  forced: Schema.optionalKey(Schema.String)
}) {}

const keys = {
  tubId: "my-tub-id",
  versions: "banana-negotiation-range",
  vocabularies: "initial-vocab-table-range",
  incarnation: "my-incarnation",
  lastConnection: "last-connection",
  linkName: "link-name",
  forced: "negotiation-forced"
} as const

/**
 * `Hello` under its wire names. Unknown keys are dropped, which is what lets a newer peer add some.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HelloFromBlock = Hello.pipe(Schema.encodeKeys(keys))

const decode = Schema.decodeUnknownResult(HelloFromBlock)

/**
 * Writes a Hello exactly as Foolscap does (N13), with the lines that an application adds (N28).
 *
 * @category encoding
 * @since 0.1.0
 */
export const format = (hello: Hello, added: ReadonlyArray<readonly [string, string]> = []): Uint8Array =>
  Block.format([...Block.lines(hello, keys), ...added])

/**
 * Reads what a peer sent in the place of its Hello (N15): its refusal, the dialect of 2006, no offer at all, or an
 * offer.
 *
 * @category decoding
 * @since 0.1.0
 */
export const read = (
  block: Block.Block
): Result.Result<Hello, MalformedBlock | PeerRefused | OldDialect | NoVersions> => {
  const error = block.get("error")
  if (error !== undefined) return Result.fail(new PeerRefused({ text: error }))
  if (!block.has(keys.versions)) {
    return Result.fail(block.has("banana-negotiation-version") ? new OldDialect() : new NoVersions())
  }
  return Result.mapError(decode(Block.toRecord(block)), Block.malformed)
}
