/**
 * Whom to connect to.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"

/**
 * A Tub, and where it may be reached. A `Furl` is one.
 *
 * @category models
 * @since 0.1.0
 */
export interface Target {
  readonly tubId: TubId
  readonly hints: ReadonlyArray<LocationHint>
}
