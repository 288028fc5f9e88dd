/**
 * What both sides of a connection agree on: two offers in, one Decision out.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import {
  type NoAgreement,
  type NoOverlap,
  UnknownDecisionVersion,
  VocabularyMismatch,
  VocabularyOutOfRange
} from "../NegotiationError.ts"
import type { Block } from "../wire/Block.ts"
import { type Decision, VocabularyChoice } from "../wire/Decision.ts"
import type { Hello } from "../wire/Hello.ts"
import { overlap, type VersionRange } from "../wire/VersionRange.ts"
import * as Application from "./Application.ts"

/**
 * What this side can do in the protocol that follows the negotiation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Capabilities {
  /** The versions to offer and, as Master, to decide for. */
  readonly versions: VersionRange
  /** The versions to accept from a Master's Decision. Wider than the offer where older versions differ in little. */
  readonly understood: VersionRange
  /** The vocabularies to offer. */
  readonly vocabularies: VersionRange
  /** The first four hex digits of the hash over the words of a vocabulary (N19). */
  readonly hashOf: (vocabulary: number) => string
}

/**
 * What a link starts with, the same on both sides.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parameters extends Application.Agreed {
  /** The version of Banana: 1, 2 or 3. */
  readonly version: number
  /** The number of the initial vocabulary. */
  readonly vocabulary: number
}

/**
 * The version to speak, or why there is none. Both sides ask this of the other's Hello before anyone decides (N18).
 *
 * @category policies
 * @since 0.1.0
 */
export const version = (ours: Capabilities, theirs: Hello): Result.Result<number, NoOverlap> =>
  overlap("banana version", ours.versions, theirs.versions)

/**
 * The Master's choice of everything but the version (N19, N28). `lines` are what the Decision says to the application.
 *
 * @category policies
 * @since 0.1.0
 */
export const decide = (
  ours: Capabilities & Application.Application,
  theirs: Hello,
  theirHello: Block,
  version: number
): Result.Result<
  {
    readonly parameters: Parameters
    readonly vocabulary: VocabularyChoice
    readonly lines: Application.Lines
  },
  NoOverlap | NoAgreement
> =>
  Result.gen(function* () {
    const vocabulary = yield* overlap("initial vocab set", ours.vocabularies, theirs.vocabularies)
    const { agreed, lines } = yield* Application.decide(ours, theirHello)
    return {
      parameters: { version, vocabulary, ...agreed },
      vocabulary: new VocabularyChoice({ index: vocabulary, hash: ours.hashOf(vocabulary) }),
      lines
    }
  })

/**
 * The NonMaster's reading of a Decision: whether it can live with what the Master chose (N20, N28).
 *
 * As Foolscap does, a version is accepted that we understand although we did not offer it, and the hash of the empty
 * vocabulary 0 is not compared.
 *
 * @category policies
 * @since 0.1.0
 */
export const accept = (
  ours: Capabilities & Application.Application,
  theirHello: Block,
  decision: Decision,
  decisionBlock: Block
): Result.Result<Parameters, UnknownDecisionVersion | VocabularyOutOfRange | VocabularyMismatch | NoAgreement> =>
  Result.gen(function* () {
    const { version } = decision
    if (!contains(ours.understood, version)) return yield* Result.fail(new UnknownDecisionVersion({ version }))
    const vocabulary = yield* acceptVocabulary(ours, decision)
    return { version, vocabulary, ...(yield* Application.accept(ours, theirHello, decisionBlock)) }
  })

const acceptVocabulary = (
  { hashOf, vocabularies }: Capabilities,
  { vocabulary }: Decision
): Result.Result<number, VocabularyOutOfRange | VocabularyMismatch> => {
  if (vocabulary === undefined) return Result.succeed(0)
  const { hash, index } = vocabulary
  if (!contains(vocabularies, index)) return Result.fail(new VocabularyOutOfRange({ index }))
  return index > 0 && hash !== hashOf(index)
    ? Result.fail(new VocabularyMismatch({ index, ours: hashOf(index), theirs: hash }))
    : Result.succeed(index)
}

const contains = ({ max, min }: VersionRange, version: number): boolean => min <= version && version <= max
