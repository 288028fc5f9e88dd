/**
 * What a dial is doing at each of its places, for whoever wants to show it.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type { Attempt } from "./ConnectError.ts"

/**
 * How far a dial has come at one place. `via` are the hints whose servers sent us there, empty for a hint of the FURL.
 *
 * @category models
 * @since 0.1.0
 */
export type HintStatus = Data.TaggedEnum<{
  /** Nothing has answered yet. */
  Connecting: { readonly via: ReadonlyArray<string>; readonly hint: string }
  /** Somebody is there. */
  Negotiating: { readonly via: ReadonlyArray<string>; readonly hint: string }
  /** It failed, or its server sent us on. */
  Ended: { readonly attempt: Attempt }
}>

/**
 * Makes and tells apart how far a dial has come: `HintStatus.Ended({ attempt })`, `HintStatus.$match`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const HintStatus = Data.taggedEnum<HintStatus>()
