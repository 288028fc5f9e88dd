/**
 * The port to our own side: the Tubs that a Listener answers for, and the Tubs it knows to live elsewhere.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as KeyValueStore from "effect/persistence/KeyValueStore"
import type { LocalTub } from "./LocalTub.ts"
import type { LookupFailed } from "./NegotiationError.ts"
import { complaint, type WhereaboutsHints } from "./WhereaboutsHints.ts"
import * as WhereaboutsStore from "./WhereaboutsStore.ts"

/**
 * What a Listener knows of a TubId.
 *
 * @category models
 * @since 0.1.0
 */
export type Whereabouts = Data.TaggedEnum<{
  /** It is one of ours. */
  Here: { readonly tub: LocalTub }
  /** It can be reached at these hints, and not here (N11). */
  Elsewhere: { readonly hints: WhereaboutsHints }
  Unknown: {}
}>

/**
 * Makes and tells apart what a Listener knows: `Whereabouts.Here({ tub })`, `Whereabouts.$match`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Whereabouts = Data.taggedEnum<Whereabouts>()

/**
 * Finds the Tub that a client asks for.
 *
 * @category services
 * @since 0.1.0
 */
export class LocalTubs extends Context.Service<
  LocalTubs,
  {
    /** Fails if it cannot be found out now; the client is then told to try again later (N8). */
    readonly find: (tubId: TubId) => Effect.Effect<Whereabouts, LookupFailed>
  }
>()("@effect-foolscap/negotiation/LocalTubs") {
  /**
   * Answers for a fixed set of Tubs, and redirects to the ones in `elsewhere`. Dies when it is built if a Tub there has
   * more hints than a 303 can carry.
   */
  static readonly layer = (options: {
    readonly here: ReadonlyArray<LocalTub>
    readonly elsewhere?: ReadonlyMap<TubId, WhereaboutsHints>
  }): Layer.Layer<LocalTubs> => {
    const { elsewhere = new Map<TubId, WhereaboutsHints>() } = options
    const here = byTubId(options.here)
    return Layer.effect(
      LocalTubs,
      Effect.gen(function* () {
        for (const [tubId, hints] of elsewhere) {
          const mistake = complaint(tubId, hints)
          if (mistake !== undefined) return yield* Effect.die(new Error(mistake))
        }
        return { find: (tubId) => Effect.sync(() => here(tubId) ?? away(elsewhere.get(tubId))) }
      })
    )
  }

  /**
   * Answers for a fixed set of Tubs, and redirects to wherever the entries of a `KeyValueStore` say that others live;
   * `WhereaboutsStore` says what these look like, and writes them. Listeners that share a store are a fleet: whichever of
   * them a client asks, it is sent to the one that has the Tub.
   *
   * The store is asked anew for every client, and never for a Tub that is here.
   */
  static readonly layerKeyValueStore = (options: {
    readonly here: ReadonlyArray<LocalTub>
  }): Layer.Layer<LocalTubs, never, KeyValueStore.KeyValueStore> => {
    const here = byTubId(options.here)
    return Layer.effect(
      LocalTubs,
      Effect.map(KeyValueStore.KeyValueStore, (store) => ({
        find: (tubId) =>
          Effect.suspend(() => {
            const found = here(tubId)
            if (found !== undefined) return Effect.succeed(found)
            return Effect.map(WhereaboutsStore.find(tubId), away).pipe(
              Effect.provideService(KeyValueStore.KeyValueStore, store)
            )
          })
      }))
    )
  }
}

const byTubId = (tubs: ReadonlyArray<LocalTub>) => {
  const known = new Map(tubs.map((tub) => [tub.tubId, tub]))
  return (tubId: TubId): Whereabouts | undefined => {
    const tub = known.get(tubId)
    return tub === undefined ? undefined : Whereabouts.Here({ tub })
  }
}

const away = (hints: WhereaboutsHints | undefined): Whereabouts =>
  hints === undefined ? Whereabouts.Unknown() : Whereabouts.Elsewhere({ hints })
