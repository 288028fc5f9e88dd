/**
 * Listener: answers everyone who connects to an Endpoint.
 *
 * @since 0.1.0
 */
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Endpoint } from "./Endpoint.ts"

/**
 * Negotiates with everyone who connects, each in a fiber and a Scope of its own, until interrupted.
 *
 * `connected` has a link for as long as it runs; when it ends, the link is closed. `failed` hears of every connection
 * that did not become a link, most of them harmless: a browser, a port scanner, a parallel attempt that came second.
 * Neither can disturb the other connections.
 *
 * @category constructors
 * @since 0.1.0
 */
export const serve = Effect.fnUntraced(function* <R1, R2>(
  endpoint: Endpoint,
  handlers: {
    readonly connected: (connection: NegotiatedConnection) => Effect.Effect<void, never, R1>
    readonly failed: (error: NegotiationError | Redirect, remoteAddress: string) => Effect.Effect<void, never, R2>
  }
): Effect.fn.Return<never, never, NegotiationService | Exclude<R1, Scope.Scope> | Exclude<R2, Scope.Scope>> {
  const negotiation = yield* NegotiationService
  return yield* endpoint.run((transport) =>
    Effect.matchEffect(negotiation.accept(transport), {
      onSuccess: handlers.connected,
      onFailure: (error) => handlers.failed(error, transport.remoteAddress)
    })
  )
})
