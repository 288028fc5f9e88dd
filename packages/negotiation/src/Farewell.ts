/**
 * How a failed negotiation leaves: the peer is told in the form it expects, then the connection is closed (N23, N26).
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Reason } from "./NegotiationError.ts"
import type { NextProtocol } from "./NextProtocol.ts"
import type { Progress } from "./Progress.ts"
import type { Redirect } from "./Redirect.ts"
import { closeGently, closeLimit } from "./Transport.ts"
import * as Refusal from "./wire/Refusal.ts"

/** The bytes for the peer; none where it knows already, cannot hear, or nobody is left to speak. */
const lastWords = (
  { expected }: Progress,
  cause: Cause.Cause<Reason | Redirect>,
  next: NextProtocol["Service"]
): Uint8Array | undefined => {
  if (Cause.hasInterruptsOnly(cause)) return undefined
  const failure = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (failure?._tag === "Redirect") return undefined
  // Without a failure it is a defect of ours, whose text is nobody's business.
  const said = failure === undefined ? Refusal.internal : Refusal.text(failure)
  if (said === undefined) return undefined
  switch (expected) {
    case "http":
      return Refusal.http(failure, said)
    case "block":
      return Refusal.block(said)
    case "token":
      return next.refusal(said)
    case "nothing":
      return undefined
  }
}

/**
 * Takes leave of the peer of a negotiation that ended with `cause`.
 *
 * Succeeds as soon as the last words have left, `closeLimit` at most. If there were any, the connection is then closed
 * gently, so that they are not lost on their way, and `scope` waits for that when it closes; otherwise it is dropped.
 *
 * @category combinators
 * @since 0.1.0
 */
export const bid = Effect.fnUntraced(function* (
  progress: Progress,
  cause: Cause.Cause<Reason | Redirect>,
  next: NextProtocol["Service"],
  scope: Scope.Scope
): Effect.fn.Return<void> {
  const { hasRedirected, transport } = progress
  const words = lastWords(progress, cause, next)
  if (words === undefined && !hasRedirected) return yield* transport.destroy
  if (words !== undefined) {
    yield* Effect.interruptible(Effect.andThen(transport.write(words), transport.flush)).pipe(
      Effect.timeoutOption(closeLimit),
      Effect.ignore
    )
  }
  // It ends by itself, at `closeLimit`. In the Scope, whose close would cut it short, the words could still be lost.
  const closing = yield* Effect.forkDetach(closeGently(transport), { startImmediately: true })
  yield* Scope.addFinalizer(scope, Fiber.await(closing))
})
