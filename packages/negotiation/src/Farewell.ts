/**
 * How a failed negotiation leaves: the peer is told in the form it expects, then the connection is closed (N23, N26).
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import type { Reason } from "./NegotiationError.ts"
import type { NextProtocol } from "./NextProtocol.ts"
import type { Progress } from "./Progress.ts"
import type { Redirect } from "./Redirect.ts"
import { closeLimit } from "./Transport.ts"
import * as Refusal from "./wire/Refusal.ts"

const nothing = new Uint8Array(0)

/** The bytes for the peer; `undefined` where it knows already, cannot hear, or nobody is left to speak. */
const lastWords = (
  { expected }: Progress,
  cause: Cause.Cause<Reason | Redirect>,
  next: NextProtocol["Service"]
): Uint8Array | undefined => {
  if (Cause.hasInterruptsOnly(cause)) return undefined
  const failure = Option.getOrUndefined(Cause.findErrorOption(cause))
  // A 303 is an answer in itself: there is nothing to add, only to see it out.
  if (failure?._tag === "Redirect") return failure.side === "server" ? nothing : undefined
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
 * Takes leave of the peer of a negotiation that ended with `cause`: says its last words, if there are any, closes gently
 * so that they are not lost on their way, and drops the connection after `closeLimit` in all.
 *
 * Succeeds as soon as the words have left; `scope` waits for the rest when it closes. Without words the connection is
 * dropped at once.
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
  const { transport } = progress
  const words = lastWords(progress, cause, next)
  if (words === undefined) return yield* transport.destroy
  const said = yield* Deferred.make<void>()
  const saying = words.length === 0 ? Effect.void : Effect.andThen(transport.write(words), transport.flush)
  const leaving = saying.pipe(
    Effect.exit,
    Effect.andThen(Deferred.succeed(said, undefined)),
    Effect.andThen(transport.close),
    Effect.timeoutOption(closeLimit),
    Effect.ensuring(Effect.andThen(transport.destroy, Deferred.succeed(said, undefined)))
  )
  // It ends by itself. In the Scope, whose close would cut it short, the words could still be lost.
  const fiber = yield* Effect.forkDetach(Effect.interruptible(leaving), { startImmediately: true })
  yield* Scope.addFinalizer(scope, Fiber.await(fiber))
  yield* Deferred.await(said)
})
