/**
 * The port to whatever connections arrive at: an open listening socket, and how to open one.
 * `@effect-foolscap/node/NodeEndpoint` opens TCP ports and Unix domain sockets.
 *
 * @since 0.1.0
 */
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/**
 * A TCP port of a machine.
 *
 * @category models
 * @since 0.1.0
 */
export interface TcpAddress {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * A Unix domain socket: a file, through which programs on one machine meet.
 *
 * @category models
 * @since 0.1.0
 */
export interface UnixAddress {
  readonly path: string
}

/**
 * What can be listened on, and connected to.
 *
 * @category models
 * @since 0.1.0
 */
export type Address = TcpAddress | UnixAddress

/**
 * An address as people write it: `127.0.0.1:4711`, `[::1]:4711`, `/run/tub.sock`.
 *
 * @category formatting
 * @since 0.1.0
 */
export const formatAddress = (address: Address): string => {
  if ("path" in address) return address.path
  return address.host.includes(":") ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`
}

/**
 * The address cannot be listened on: it is in use, not ours, or not allowed.
 *
 * @category errors
 * @since 0.1.0
 */
export class ListenFailed extends Schema.TaggedError<ListenFailed>("@effect-foolscap/tub/ListenFailed")(
  "ListenFailed",
  {
    /** `host:port` or the path, as asked for. */
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
export interface Endpoint<A extends Address = Address> {
  /** Where it listens. A port is the real one, also when 0 was asked for. */
  readonly address: A
  /**
   * Runs `handler` for every connection that arrives, each in a fiber and a Scope of its own, until interrupted or the
   * endpoint closes. When a handler ends its connection is destroyed; when `run` is interrupted every handler is
   * interrupted and every connection destroyed. Connections that arrive before `run` wait for it.
   */
  readonly run: <R>(
    handler: (transport: PlainTransport) => Effect.Effect<void, never, R | Scope.Scope>
  ) => Effect.Effect<never, never, Exclude<R, Scope.Scope>>
  /**
   * Stops listening, and no more: whoever has arrived stays, `run` goes on serving, and the address is free for somebody
   * else. Safe to call more than once. The Scope does the same before it drops the connections.
   */
  readonly stop: Effect.Effect<void>
}

/**
 * Handles one connection among others, which its defect must not end: that is logged.
 *
 * @category combinators
 * @since 0.1.0
 */
export const contained = <R>(handling: Effect.Effect<void, never, R>): Effect.Effect<void, never, R> =>
  Effect.catchCause(handling, (cause) =>
    Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("the handler of a connection died", cause)
  )
