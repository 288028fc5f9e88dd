/**
 * A parameter that an application adds to the negotiation: what each side offers, and how the Master chooses (N28).
 *
 * ```text
 *   Hello      <key>: <offer>            from both sides
 *   Decision   <decisionKey>: <choice>   from the Master, if the other side offered something
 * ```
 *
 * A peer that does not know a key ignores it and says nothing of it, as Foolscap does. What such a silence offers is
 * part of the parameter, so that both sides come to the same choice there too.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { NoAgreement } from "../NegotiationError.ts"
import type { Role } from "./Master.ts"

/**
 * One parameter with our own offer, to be settled in every negotiation.
 *
 * @category models
 * @since 0.1.0
 */
export interface Parameter<out Choice> {
  /** Its key in the Hello. */
  readonly key: string
  /** Its key in the Decision. */
  readonly decisionKey: string
  /** What our Hello says of it; `undefined` where silence says the same. */
  readonly offered: string | undefined
  /** Whether the peer's offer, `undefined` for silence, can be read at all. */
  readonly check: (theirs: string | undefined) => Result.Result<void, NoAgreement>
  /** The choice between our offer and theirs, and its text for the Decision. `role` is ours. */
  readonly decide: (
    role: Role,
    theirs: string | undefined
  ) => Result.Result<{ readonly choice: Choice; readonly text: string }, NoAgreement>
  /** Reads the Master's choice. */
  readonly read: (text: string) => Result.Result<Choice, NoAgreement>
  /** Tells whether a value is a choice of this parameter. */
  readonly isChoice: (value: unknown) => value is Choice
}

/**
 * What was chosen for each parameter, by its key.
 *
 * @category models
 * @since 0.1.0
 */
export type Choices = ReadonlyMap<string, unknown>

// What a block can carry and a reader gives back as it was: one line that does not begin with white space.
const line = /^(?:[^\s\p{C}][^\p{C}]*)?$/u

const isKey = /^[a-z][a-z0-9-]{0,63}$/

const reserved: ReadonlySet<string> = new Set([
  "banana-decision-version",
  "banana-negotiation-range",
  "banana-negotiation-version",
  "current-connection",
  "error",
  "initial-vocab-table-index",
  "initial-vocab-table-range",
  "last-connection",
  "my-incarnation",
  "my-tub-id",
  "negotiation-forced"
])

/**
 * A parameter of an application.
 *
 * `decide` gets the Master's offer first, and both sides may ask it, so it has to be a pure function of the two. What it
 * fails with is a short text that both sides will read, for example `the Master wants 1 to 3, the other side 7 to 9`.
 * `silent` is what a peer is taken to offer that says nothing of the parameter, as Foolscap never will; without it such a
 * peer is refused. An offer that is equal to `silent` is not sent. So `silent`, and what the rule makes of it, are part of
 * the protocol: to change them in a program whose older versions are still in use, take another key.
 *
 * Both Schemas encode to one line of text, and what they decode from that text is what both sides have in the end, also
 * where the text says less than the value. Together the parameters of an application have 3072 bytes in a block.
 *
 * Throws if a key is not of lower-case letters, digits and hyphens, or belongs to the protocol itself, or if `ours` or
 * `silent` cannot be written and read again at once: these are mistakes of the program. So is a rule or a Schema that
 * throws, but what it throws at may be a peer's offer: it ends that negotiation with a defect.
 *
 * **Example** (How large a message may be)
 *
 * ```ts
 * import * as Parameter from "@effect-foolscap/negotiation/policy/Parameter"
 * import * as Result from "effect/Result"
 * import * as Schema from "effect/Schema"
 *
 * const bytes = Schema.FiniteFromString.check(Schema.isInt(), Schema.isGreaterThan(0))
 *
 * export const largestMessage = Parameter.make({
 *   key: "largest-message",
 *   offer: bytes,
 *   choice: bytes,
 *   ours: 1_000_000,
 *   silent: 65_536,
 *   decide: (master, other) => Result.succeed(Math.min(master, other))
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Offer, Choice>(options: {
  readonly key: string
  /** Its key in the Decision, where that is another one. */
  readonly decisionKey?: string
  readonly offer: Schema.Codec<Offer, string>
  readonly choice: Schema.Codec<Choice, string>
  /** What we offer. */
  readonly ours: Offer
  /** What a peer offers that says nothing. */
  readonly silent?: Offer
  readonly decide: (master: Offer, other: Offer) => Result.Result<Choice, string>
}): Parameter<Choice> => {
  const { decide, decisionKey = options.key, key } = options
  for (const name of [key, decisionKey]) {
    if (!isKey.test(name)) throw new Error(`"${name}" is no key for a parameter: expected a-z, 0-9 and hyphens`)
    if (reserved.has(name)) throw new Error(`the key ${name} belongs to the protocol`)
  }
  const disagreement = (problem: string) => new NoAgreement({ key, problem })
  const unreadable = (what: "offer" | "choice", text: string) => (cause: Schema.SchemaError) =>
    disagreement(`the ${what} "${text.slice(0, 100)}" cannot be read: ${cause.message}`)
  const encodeOffer = Schema.encodeResult(options.offer)
  const decodeOffer = Schema.decodeUnknownResult(options.offer)
  const encodeChoice = Schema.encodeResult(options.choice)
  const decodeChoice = Schema.decodeUnknownResult(options.choice)

  const written = (offer: Offer): { readonly text: string; readonly offer: Offer } => {
    const reread = Result.gen(function* () {
      const text = yield* encodeOffer(offer)
      return { text, offer: yield* decodeOffer(text) }
    })
    if (Result.isFailure(reread)) throw new Error(`our offer for ${key}: ${reread.failure.message}`)
    const { text } = reread.success
    if (!line.test(text)) throw new Error(`our offer for ${key}, "${text}", holds what a line of a block cannot`)
    return reread.success
  }
  const silent = options.silent === undefined ? undefined : written(options.silent)
  const ours = written(options.ours)

  const offerIn = (theirs: string | undefined): Result.Result<Offer, NoAgreement> => {
    if (theirs !== undefined) return Result.mapError(decodeOffer(theirs), unreadable("offer", theirs))
    return silent === undefined
      ? Result.fail(disagreement("one side says nothing of it"))
      : Result.succeed(silent.offer)
  }
  const read = (text: string) => Result.mapError(decodeChoice(text), unreadable("choice", text))
  const settle = (role: Role, theirs: string | undefined) =>
    Result.gen(function* () {
      const offer = yield* offerIn(theirs)
      const chosen = role === "Master" ? decide(ours.offer, offer) : decide(offer, ours.offer)
      const choice = yield* Result.mapError(chosen, disagreement)
      const text = yield* Result.mapError(encodeChoice(choice), ({ message }) => disagreement(message))
      if (!line.test(text)) {
        return yield* Result.fail(disagreement("the choice holds what a line of a block cannot"))
      }
      // What the other side will read, which may be less than what was chosen.
      return { choice: yield* read(text), text }
    })
  // Most peers say nothing, and then it is the same every time.
  const toSilence = new Map<Role, ReturnType<typeof settle>>()
  const settleSilence = (role: Role) => {
    const known = toSilence.get(role) ?? settle(role, undefined)
    toSilence.set(role, known)
    return known
  }
  return {
    key,
    decisionKey,
    offered: ours.text === silent?.text ? undefined : ours.text,
    check: (theirs) => Result.map(offerIn(theirs), () => {}),
    decide: (role, theirs) => (theirs === undefined ? settleSilence(role) : settle(role, theirs)),
    read,
    isChoice: Schema.is(options.choice)
  }
}

/**
 * What was chosen for `parameter`, in the parameters of a connection; each side asks with its own parameter of that key.
 * `None` only if this parameter was not given to the Tub that made the connection.
 *
 * @category accessors
 * @since 0.1.0
 */
export const choice = <Choice>(
  parameter: Parameter<Choice>,
  { choices }: { readonly choices: Choices }
): Option.Option<Choice> => {
  const value = choices.get(parameter.key)
  return parameter.isChoice(value) ? Option.some(value) : Option.none()
}
