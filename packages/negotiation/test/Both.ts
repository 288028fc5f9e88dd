/** Two services that talk to each other over a memory pair. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { NegotiatedConnection } from "../src/NegotiatedConnection.ts"
import type { NegotiationError } from "../src/NegotiationError.ts"
import type { NegotiationService } from "../src/NegotiationService.ts"
import type { Redirect } from "../src/Redirect.ts"
import * as MemoryTransport from "../src/testing/MemoryTransport.ts"
import type { PlainTransport } from "../src/Transport.ts"
import type { side } from "./Sides.ts"

type Negotiation = NegotiationService["Service"]
type DialOptions = Partial<Parameters<Negotiation["dial"]>[1]>
type AcceptOptions = Parameters<Negotiation["accept"]>[1]

export type Service = Effect.Success<ReturnType<typeof side>>

/** How the two ends of one connection came out. */
export interface Ends<A> {
  readonly client: A
  readonly server: A
}

/**
 * One attempt of `client` to reach `server`, which lives in the current Scope. `through` may stand between the two and
 * their transports.
 */
export const attempt = Effect.fnUntraced(function* (
  client: Service,
  server: Service,
  through: { readonly [Side in "client" | "server"]?: (transport: PlainTransport) => PlainTransport } = {},
  options: { readonly dial?: DialOptions; readonly accept?: AcceptOptions } = {}
) {
  const pair = yield* MemoryTransport.makePair()
  const { client: near = (transport) => transport, server: far = (transport) => transport } = through
  return yield* Effect.all(
    {
      client: Effect.exit(
        client.dial(near(pair.client), { wanted: server.tub.tubId, host: "example.org", ...options.dial })
      ),
      server: Effect.exit(server.accept(far(pair.server), options.accept))
    },
    { concurrency: "unbounded" }
  )
})

/** An attempt that succeeds on both sides. */
export const connect = (
  client: Service,
  server: Service,
  options?: { readonly dial?: DialOptions; readonly accept?: AcceptOptions }
): Effect.Effect<Ends<NegotiatedConnection>, NegotiationError | Redirect, Scope.Scope> =>
  Effect.flatMap(attempt(client, server, {}, options), (ends) => Effect.all(ends))
