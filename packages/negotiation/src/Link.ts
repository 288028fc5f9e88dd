/**
 * A negotiated connection from its owner's side: a socket to use, and one end with one reason.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { closeGently, type SecureTransport } from "./Transport.ts"
import type { TransportError } from "./TransportError.ts"

/**
 * Why a link ended. It ends once, and the first reason stands.
 *
 * @category models
 * @since 0.1.0
 */
export type LinkEnd = Data.TaggedEnum<{
  /** The peer closed it. A process that is killed looks the same: its system closes what it had open. */
  ClosedByPeer: {}
  /** It broke: reset, or a TLS record that does not fit. */
  Lost: { readonly cause: TransportError }
  /** The Master took a newer connection between the same two Tubs (N22). */
  Replaced: {}
  /** Nobody needed it for so long. */
  Idle: { readonly after: Duration.Duration }
  /** The peer was silent for so long, although it was asked for a sign of life. */
  KeepaliveLost: { readonly after: Duration.Duration }
  /** The peer refused it after we had taken it for settled (N25). */
  RefusedByPeer: { readonly text: string }
  /** Its owner closed it, or the owner's Scope. */
  Closed: {}
}>

/**
 * Makes and tells apart the ends of a link: `LinkEnd.Replaced()`, `LinkEnd.$match`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const LinkEnd = Data.taggedEnum<LinkEnd>()

/**
 * What a person reads about the end of a link.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describe: (end: LinkEnd) => string = LinkEnd.$match({
  ClosedByPeer: () => "the peer closed the connection",
  Lost: ({ cause }) => cause.message,
  Replaced: () => "replaced by a new connection",
  Idle: ({ after }) => `not needed for ${Duration.format(after)}`,
  KeepaliveLost: ({ after }) => `no sign of life from the peer for ${Duration.format(after)}`,
  RefusedByPeer: ({ text }) => `the peer refused: ${text}`,
  Closed: () => "closed on this side"
})

/**
 * What the end of its transport means for a link.
 *
 * @category constructors
 * @since 0.1.0
 */
export const ofTransport = (cause: TransportError): LinkEnd => {
  switch (cause.kind) {
    case "eof":
      return LinkEnd.ClosedByPeer()
    case "closed":
      return LinkEnd.Closed()
    case "reset":
    case "tls":
      return LinkEnd.Lost({ cause })
  }
}

/**
 * One connection's life after the Decision.
 *
 * @category models
 * @since 0.1.0
 */
export class Link {
  readonly transport: SecureTransport
  private readonly end: Deferred.Deferred<LinkEnd>
  private readonly scope: Scope.Scope

  private constructor(transport: SecureTransport, end: Deferred.Deferred<LinkEnd>, scope: Scope.Scope) {
    this.transport = transport
    this.end = end
    this.scope = scope
    this.ended = Deferred.await(end)
  }

  /**
   * A link over `transport`, whose closing is finished in the current Scope.
   */
  static readonly make = Effect.fnUntraced(function* (
    transport: SecureTransport
  ): Effect.fn.Return<Link, never, Scope.Scope> {
    return new Link(transport, yield* Deferred.make<LinkEnd>(), yield* Effect.scope)
  })

  /** Succeeds with the reason when the link has ended. */
  readonly ended: Effect.Effect<LinkEnd>

  get hasEnded(): boolean {
    return Deferred.isDoneUnsafe(this.end)
  }

  /**
   * Ends the link for `reason`, unless it has ended already, and leaves the closing of the transport to the link's
   * Scope. Who gave no sign of life would not answer a goodbye either: that connection is dropped.
   */
  readonly endWith = (reason: LinkEnd): Effect.Effect<void> =>
    Effect.flatMap(Deferred.succeed(this.end, reason), (first) => {
      if (!first) return Effect.void
      const closing = reason._tag === "KeepaliveLost" ? this.transport.destroy : closeGently(this.transport)
      return Effect.asVoid(Effect.forkIn(closing, this.scope))
    })

  /** Ends the link from this side and waits until it is closed, `closeLimit` at most. */
  readonly close: Effect.Effect<void> = Effect.suspend(() =>
    Effect.andThen(Deferred.succeed(this.end, LinkEnd.Closed()), closeGently(this.transport))
  )
}
