/**
 * How a simulated connection is opened, and its two ends.
 *
 * ```text
 *   client ── syn ─────────────▶ server
 *   client ◀── syn-ack, or rst ── server
 *   client ── ack ─────────────▶ server     now it has arrived
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { End } from "./End.ts"
import type { Flow, Mapping, Route } from "./Route.ts"

/**
 * Two ends, and what the routers between them know.
 *
 * @category models
 * @since 0.1.0
 */
export interface Connection {
  readonly client: End
  readonly server: End
  readonly mapping: Mapping
}

/**
 * Two ends that know each other and are not connected yet.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (options: {
  readonly number: number
  readonly now: number
  readonly client: { readonly address: string; readonly route: Route }
  readonly server: { readonly address: string; readonly route: Route }
}): Connection => {
  const mapping: Mapping = { usedAt: options.now, isForgotten: false }
  const flow = (): Flow => ({ mapping, arrival: 0, hasGap: false })
  const client = new End({ ...options.client, connection: options.number, flow: flow() })
  const server = new End({ ...options.server, connection: options.number, flow: flow() })
  End.join(client, server)
  return { client, server, mapping }
}

/**
 * Opens a connection from its client's end. `listener` is asked when the syn has arrived whether anybody listens, and if
 * so for what to do with the server's end. Fails with `refused` if nobody does. Interruption abandons the attempt.
 *
 * @category combinators
 * @since 0.1.0
 */
export const open = <E>(
  { client, server }: Connection,
  listener: () => ((end: End) => void) | undefined,
  refused: () => E
): Effect.Effect<void, E, Scope.Scope> => {
  let outcome: Exit.Exit<void, E> | undefined
  const settle = (exit: Exit.Exit<void, E>) => {
    outcome = exit
    client.changes.notify()
  }
  const dial = Effect.sync(() =>
    client.transmit("syn", () => {
      const arrive = listener()
      if (arrive === undefined) {
        server.vanish()
        return server.transmit("rst", () => {
          client.vanish()
          settle(Exit.fail(refused()))
        })
      }
      server.transmit("syn-ack", () => {
        if (client.isDropped) return client.abort()
        client.transmit("ack", () => arrive(server))
        settle(Exit.void)
      })
    })
  )
  const established = client.changes.until(() => outcome)
  return Effect.acquireRelease(dial, () => Effect.sync(() => client.drop())).pipe(
    Effect.andThen(established),
    // Nothing was said yet that a peer would have to hear the end of, and until it arrives the server's end is nobody's.
    Effect.onInterrupt(() =>
      Effect.sync(() => {
        client.vanish()
        if (outcome === undefined) server.vanish()
      })
    )
  )
}
