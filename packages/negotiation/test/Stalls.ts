/** Conversations with a peer that may never say enough, on virtual time. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestClock } from "effect/testing"
import { converse } from "./Peer.ts"

/** A conversation for which two minutes pass in the end, in case that the service still waits. */
export const converseToTheEnd = Effect.fnUntraced(function* (...args: Parameters<typeof converse>) {
  const conversing = yield* Effect.forkChild(converse(...args))
  yield* TestClock.adjust("2 minutes")
  return yield* Fiber.join(conversing)
})
