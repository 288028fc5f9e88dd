/**
 * WhereaboutsStore: where each Tub of a fleet lives, in a KeyValueStore that all its Listeners share.
 *
 * One entry stands for one Tub:
 *
 * ```text
 *   foolscap-tub-p34dey6aut5fvfk7jekonycc7apozbhf
 *
 *   tcp:192.0.2.7:4711,tcp:[2001:db8::7]:4711
 *   incarnation 6666666666666666
 * ```
 *
 * The first line are the Tub's hints as they stand in a FURL, so that a person can write it with an editor or with
 * `redis-cli set`. Lines below it are read by nobody but whoever wrote them. A later form of the entry will put something
 * into the first line that is no hint (no hint begins with `{`), and a reader of this form then says that it cannot read
 * the entry, rather than that there is no such Tub. So it does of an empty one, which may be a file that is being written.
 *
 * The key has only characters that are themselves in a file name, so that `KeyValueStore.layerFileSystem` makes one file
 * of that name. Two fleets share one store with `KeyValueStore.prefix`.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { LocalTub } from "./LocalTub.ts"
import { LookupFailed, messageOf } from "./NegotiationError.ts"
import { closeLimit } from "./Transport.ts"
import * as WhereaboutsHints from "./WhereaboutsHints.ts"

/**
 * The key of a Tub's entry.
 *
 * @category keys
 * @since 0.1.0
 */
export const key = (tubId: TubId): string => `foolscap-tub-${tubId}`

/**
 * An entry of the store says where a Tub is in a way that nobody can read.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnreadableEntry extends Schema.TaggedError<UnreadableEntry>(
  "@effect-foolscap/negotiation/UnreadableEntry"
)("UnreadableEntry", { key: Schema.String, problem: Schema.String }) {
  override get message() {
    return `the entry ${this.key} does not begin with a line such as tcp:192.0.2.7:4711,tcp:example.org:4711: ${this.problem}`
  }
}

/**
 * A Tub could not be announced: the store failed, or nobody could be sent to such hints.
 *
 * @category errors
 * @since 0.1.0
 */
export class AnnounceFailed extends Schema.TaggedError<AnnounceFailed>("@effect-foolscap/negotiation/AnnounceFailed")(
  "AnnounceFailed",
  { tubId: TubId, cause: Schema.Defect() }
) {
  override get message() {
    return `cannot announce where ${this.tubId} is: ${messageOf(this.cause)}`
  }
}

const read = (tubId: TubId, entry: string): Result.Result<WhereaboutsHints.WhereaboutsHints, UnreadableEntry> => {
  const [line = ""] = entry.split("\n", 1)
  return Result.mapError(
    WhereaboutsHints.parse(tubId, line),
    (problem) => new UnreadableEntry({ key: key(tubId), problem })
  )
}

/**
 * Where the store says that a Tub lives; `undefined` if it has no entry for it. Fails if the store does, and with an
 * `UnreadableEntry` for its cause if the entry cannot be read. Nothing is remembered: every call asks the store.
 *
 * @category accessors
 * @since 0.1.0
 */
export const find = Effect.fnUntraced(function* (
  tubId: TubId
): Effect.fn.Return<WhereaboutsHints.WhereaboutsHints | undefined, LookupFailed, KeyValueStore.KeyValueStore> {
  const store = yield* KeyValueStore.KeyValueStore
  return yield* store.get(key(tubId)).pipe(
    Effect.flatMap((entry) => (entry === undefined ? Effect.undefined : Effect.fromResult(read(tubId, entry)))),
    Effect.mapError((cause) => new LookupFailed({ tubId, cause }))
  )
})

/**
 * Tells the fleet that this Tub can be reached at `hints`, until the Scope closes. Whatever the store said of the Tub
 * before is replaced: the newest announcement counts.
 *
 * Announce a Tub once its Endpoint listens, in the same Scope, so that it is withdrawn before the port closes. The entry
 * is withdrawn only if it still is the one written here; a store has no way to compare and remove in one step, so an
 * announcement made elsewhere in that very moment can be lost. If the store fails then, or takes longer than
 * `closeLimit`, that is logged and the entry stays, as it does when the program crashes: clients are sent to where nobody
 * answers until the Tub is announced again, or somebody removes the entry.
 *
 * @category constructors
 * @since 0.1.0
 */
export const announce = Effect.fnUntraced(function* (
  { incarnation, tubId }: Pick<LocalTub, "incarnation" | "tubId">,
  hints: WhereaboutsHints.WhereaboutsHints
): Effect.fn.Return<void, AnnounceFailed, KeyValueStore.KeyValueStore | Scope.Scope> {
  const store = yield* KeyValueStore.KeyValueStore
  const ours = key(tubId)
  const line = WhereaboutsHints.format(hints)
  // With the incarnation the entry of a restarted Tub is another one, also at the same place.
  const entry = `${line}\nincarnation ${incarnation}\n`
  const failed = (cause: unknown) => new AnnounceFailed({ tubId, cause })
  // What nobody can read would make the whole fleet answer 503 for this Tub.
  yield* Effect.mapError(Effect.fromResult(WhereaboutsHints.parse(tubId, line)), (problem) =>
    failed(new Error(problem))
  )
  // Before it is written: an interrupted write may yet arrive.
  yield* Effect.addFinalizer(() =>
    store.get(ours).pipe(
      Effect.flatMap((current) => (current === entry ? store.remove(ours) : Effect.void)),
      Effect.timeout(closeLimit),
      Effect.catch((error) => Effect.logWarning(`${ours} could not be withdrawn: ${error.message}`))
    )
  )
  yield* Effect.mapError(store.set(ours, entry), failed)
})
