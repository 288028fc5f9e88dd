/**
 * The port to whatever connections arrive at: an open listening socket, and how to open one.
 * `@effect-foolscap/node/NodeEndpoint` opens TCP ports.
 *
 * @since 0.1.0
 */
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/**
 * The address cannot be listened on: it is in use, not ours, or not allowed.
 *
 * @category errors
 * @since 0.1.0
 */
export class ListenFailed extends Schema.TaggedError<ListenFailed>("@effect-foolscap/tub/ListenFailed")(
  "ListenFailed",
  {
    /** `host:port` as asked for. */
    address: Schema.String,
    cause: Schema.Defect()
  }
) {
  override get message() {
    return `cannot listen on ${this.address}: ${this.cause instanceof Error ? this.cause.message : String(this.cause)}`
  }
}

/**
 * An open listening socket. It belongs to the Scope it was opened in.
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint {
  /** Where it listens. `port` is the real one, also when 0 was asked for. */
  readonly address: { readonly host: string; readonly port: number }
  /**
   * Runs `handler` for every connection that arrives, each in a fiber and a Scope of its own, until interrupted or the
   * endpoint closes. When a handler ends its connection is destroyed; when `run` is interrupted every handler is
   * interrupted and every connection destroyed. Connections that arrive before `run` wait for it.
   */
  readonly run: <R>(
    handler: (transport: PlainTransport) => Effect.Effect<void, never, R | Scope.Scope>
  ) => Effect.Effect<never, never, Exclude<R, Scope.Scope>>
}
