/**
 * What the command does with a link: it reads along, answers nothing, and tells when it ends.
 *
 * Banana is not spoken here, so a Foolscap peer waits for its answers. It is read all the same, because the end of a link
 * comes only behind everything before it.
 */
import { describe } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Effect from "effect/Effect"
import * as Report from "./Report.ts"

/**
 * Stays until the link ends, and tells of it.
 */
export const untilClosed = (connection: NegotiatedConnection, tell: Report.Tell): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { pull } = yield* connection.socket.reader
    return yield* Effect.forever(pull)
  }).pipe(
    Effect.scoped,
    Effect.ignore,
    // Also when we are the ones who end it, by a signal for instance.
    Effect.ensuring(
      Effect.andThen(connection.close, connection.ended).pipe(
        Effect.flatMap((end) =>
          tell(Report.closed(connection, end), `link with ${Report.named(connection)} ended: ${describe(end)}`)
        )
      )
    )
  )
