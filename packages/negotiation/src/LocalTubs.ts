/**
 * The port to our own side: the Tubs that a Listener answers for, and the Tubs it knows to live elsewhere.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { LocalTub } from "./LocalTub.ts"

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
  Elsewhere: { readonly hints: Arr.NonEmptyReadonlyArray<LocationHint> }
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
    readonly find: (tubId: TubId) => Effect.Effect<Whereabouts>
  }
>()("@effect-foolscap/negotiation/LocalTubs") {
  /**
   * Answers for a fixed set of Tubs, and redirects to the ones in `elsewhere`.
   */
  static readonly layer = (options: {
    readonly here: ReadonlyArray<LocalTub>
    readonly elsewhere?: ReadonlyMap<TubId, Arr.NonEmptyReadonlyArray<LocationHint>>
  }): Layer.Layer<LocalTubs> => {
    const here = new Map(options.here.map((tub) => [tub.tubId, tub]))
    return Layer.succeed(LocalTubs)({
      find: (tubId) =>
        Effect.sync(() => {
          const tub = here.get(tubId)
          if (tub !== undefined) return Whereabouts.Here({ tub })
          const hints = options.elsewhere?.get(tubId)
          return hints === undefined ? Whereabouts.Unknown() : Whereabouts.Elsewhere({ hints })
        })
    })
  }
}
