/**
 * What an application wants settled, as lines of the Hello and the Decision (N28).
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import { NoAgreement } from "../NegotiationError.ts"
import type { Block } from "../wire/Block.ts"
import type { Choices, Parameter } from "./Parameter.ts"

/**
 * What an application wants settled.
 *
 * @category models
 * @since 0.1.0
 */
export interface Application {
  /** Which protocol the link speaks (N29). */
  readonly protocol: Parameter<string>
  /** The application's own parameters. */
  readonly others: ReadonlyArray<Parameter<unknown>>
}

/**
 * What was settled for an application, the same on both sides.
 *
 * @category models
 * @since 0.1.0
 */
export interface Agreed {
  /** What the link speaks: `banana`, unless both sides offer something else. */
  readonly applicationProtocol: string
  /** What was chosen for the application's own parameters, which `Parameter.choice` reads. */
  readonly choices: Choices
}

/**
 * Lines of a block, in no order.
 *
 * @category models
 * @since 0.1.0
 */
export type Lines = ReadonlyArray<readonly [key: string, value: string]>

/**
 * How many bytes the parameters of an application may take in one block, keys and line ends included. What Tubs say for
 * themselves takes less than the other 1024 of a block's 4096 (N6).
 *
 * @category constants
 * @since 0.1.0
 */
export const room = 3072

/**
 * What would make every negotiation of this application fail, which is a mistake of the program: two parameters with the
 * same key, or offers for which there is no `room`.
 *
 * @category policies
 * @since 0.1.0
 */
export const mistake = ({ others, protocol }: Application): string | undefined => {
  const keys = [protocol, ...others].flatMap(({ decisionKey, key }) => [...new Set([key, decisionKey])])
  const twice = keys.find((key, at) => keys.indexOf(key) !== at)
  if (twice !== undefined) return `two application parameters have the key ${twice}`
  const size = sizeOf(offers({ others, protocol }))
  return size > room ? `the application parameters take ${size} bytes of a Hello, ${room} are theirs` : undefined
}

/**
 * The lines of our Hello. What silence says too is not said.
 *
 * @category policies
 * @since 0.1.0
 */
export const offers = ({ others, protocol }: Application): Lines =>
  [protocol, ...others].flatMap(({ key, offered }) => (offered === undefined ? [] : [[key, offered] as const]))

/**
 * Whether every offer in the peer's Hello can be read. Both sides ask this before anyone decides.
 *
 * @category policies
 * @since 0.1.0
 */
export const check = ({ others, protocol }: Application, theirHello: Block): Result.Result<void, NoAgreement> => {
  for (const { check, key } of [protocol, ...others]) {
    const checked = check(theirHello.get(key))
    if (Result.isFailure(checked)) return checked
  }
  return Result.void
}

/**
 * The Master's part: a choice for every parameter, and the lines of the Decision for those that the peer's Hello speaks
 * of. (A peer that does not speak of one may not know it, and Foolscap's bytes stay what they are.)
 *
 * @category policies
 * @since 0.1.0
 */
export const decide = (
  { others, protocol }: Application,
  theirHello: Block
): Result.Result<{ readonly agreed: Agreed; readonly lines: Lines }, NoAgreement> =>
  Result.gen(function* () {
    const lines: Array<readonly [string, string]> = []
    const settle = <Choice>({ decide, decisionKey, key }: Parameter<Choice>): Result.Result<Choice, NoAgreement> =>
      Result.flatMap(decide("Master", theirHello.get(key)), ({ choice, text }) => {
        if (theirHello.has(key)) lines.push([decisionKey, text])
        return sizeOf(lines) > room
          ? Result.fail(new NoAgreement({ key, problem: "what was chosen does not fit into a block" }))
          : Result.succeed(choice)
      })
    const applicationProtocol = yield* settle(protocol)
    if (others.length === 0) return { agreed: { applicationProtocol, choices: nothing }, lines }
    const choices = new Map<string, unknown>()
    for (const parameter of others) choices.set(parameter.key, yield* settle(parameter))
    return { agreed: { applicationProtocol, choices }, lines }
  })

/**
 * The NonMaster's part: what the Master chose for every parameter. Where both Hellos spoke of one the Decision has to;
 * where one of them was silent, this side knows without it.
 *
 * @category policies
 * @since 0.1.0
 */
export const accept = (
  { others, protocol }: Application,
  theirHello: Block,
  decision: Block
): Result.Result<Agreed, NoAgreement> =>
  Result.gen(function* () {
    const learn = <Choice>(parameter: Parameter<Choice>): Result.Result<Choice, NoAgreement> => {
      const { decide, decisionKey, key, offered, read } = parameter
      const text = decision.get(decisionKey)
      if (text !== undefined) return read(text)
      if (offered !== undefined && theirHello.has(key)) {
        return Result.fail(new NoAgreement({ key, problem: "the Decision says nothing of it" }))
      }
      return Result.map(decide("NonMaster", theirHello.get(key)), ({ choice }) => choice)
    }
    const applicationProtocol = yield* learn(protocol)
    if (others.length === 0) return { applicationProtocol, choices: nothing }
    const choices = new Map<string, unknown>()
    for (const parameter of others) choices.set(parameter.key, yield* learn(parameter))
    return { applicationProtocol, choices }
  })

// Every link keeps what it has, and most have none.
const nothing: Choices = new Map()

const encoder = new TextEncoder()

const sizeOf = (lines: Lines): number =>
  lines.reduce((size, [key, value]) => size + encoder.encode(`${key}: ${value}\r\n`).length, 0)
