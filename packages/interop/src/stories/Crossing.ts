/** Crossing: a Foolscap that asks for an object of ours while we connect to it. */
import type { ConnectError } from "@effect-foolscap/tub/ConnectError"
import type { PeerLink } from "@effect-foolscap/tub/Links"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as FoolscapPeer from "../FoolscapPeer.ts"
import type { Application } from "./Application.ts"

/** What came of it. */
export interface Outcome {
  /** The link that we were given. */
  readonly link: PeerLink
  /** All that Foolscap reports, until none of its attempts is under way. */
  readonly heard: ReadonlyArray<FoolscapPeer.Event>
  /** Whether both dialled. Whoever has a link already does not. */
  readonly crossed: boolean
}

/**
 * Lets both begin. We are `ahead` milliseconds ahead of Foolscap, or behind it if negative. What we hold belongs to the
 * Scope.
 */
export const play = Effect.fnUntraced(function* (
  peer: FoolscapPeer.FoolscapPeer,
  { connect, hint, tubId }: Pick<Application, "connect" | "hint" | "tubId">,
  options: { readonly ahead: number; readonly name: string }
): Effect.fn.Return<Outcome, ConnectError, Scope.Scope> {
  const { ahead, name } = options
  const theirs = Effect.sync(() => peer.tell({ do: "reference", furl: `pb://${tubId}@${hint}/${name}` }))
  const ours = connect({ tubId: peer.tubId, hints: [peer.hint] })
  const [link] = yield* Effect.all([after(-ahead, ours), after(ahead, theirs)], { concurrency: 2 })
  const heard = yield* peer.settled
  const crossed = (["asking", "reached"] as const).every((kind) => heard.some(({ event }) => event === kind))
  return { link, heard, crossed }
})

const after = <A, E, R>(milliseconds: number, effect: Effect.Effect<A, E, R>) =>
  milliseconds > 0 ? Effect.delay(effect, Duration.millis(milliseconds)) : effect
