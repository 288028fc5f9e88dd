/**
 * Links: the one link that a Tub has with each of its peers, who holds it, and the way from a Tub to itself.
 *
 * A link without a name (N30) belongs to everyone who needs it, whoever of the two Tubs dialled it. Whoever holds it keeps
 * it open; when nobody does, whoever made it closes it.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { Pair } from "@effect-foolscap/negotiation/ConnectionTable"
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import * as LoopbackTransport from "@effect-foolscap/negotiation/LoopbackTransport"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"

/**
 * A Tub that connects to itself has no Listener that would answer.
 *
 * @category errors
 * @since 0.1.0
 */
export class NobodyListens extends Schema.TaggedError<NobodyListens>("@effect-foolscap/tub/NobodyListens")(
  "NobodyListens",
  {}
) {
  override readonly message = "this Tub is the one that dials, and none of its Listeners is running"
}

/**
 * A link whose peer is somebody.
 *
 * @category models
 * @since 0.1.0
 */
export type PeerLink = NegotiatedConnection & { readonly peer: TubId }

/**
 * A link that anyone may hold.
 *
 * @category models
 * @since 0.1.0
 */
export interface SharedLink {
  readonly connection: PeerLink
  /** Keeps the link open until the Scope closes. False if its maker has begun to close it. */
  readonly hold: Effect.Effect<boolean, never, Scope.Scope>
  /**
   * For its maker: succeeds when nobody has held the link for `idleTime`. From then on nobody can.
   */
  unneeded(idleTime: Duration.Duration): Effect.Effect<void>
}

/**
 * Finds and shares links.
 *
 * @category services
 * @since 0.1.0
 */
export class Links extends Context.Service<
  Links,
  {
    /** The open link with a peer, if there is one. */
    readonly find: (pair: Pair) => Effect.Effect<SharedLink | undefined>
    /** The open link with a peer: the one there is, or the next one. */
    readonly next: (pair: Pair) => Effect.Effect<SharedLink>
    /** Lets others find this link until the Scope closes. */
    readonly share: (connection: PeerLink) => Effect.Effect<SharedLink, never, Scope.Scope>
    /**
     * Answers, until the Scope closes, when one of the Tubs of this program connects to itself. `protocols` are those that
     * are spoken here, if not the usual ones.
     */
    readonly answer: (
      serve: (transport: PlainTransport) => Effect.Effect<void>,
      protocols?: ReadonlyArray<string>
    ) => Effect.Effect<void, never, Scope.Scope>
    /** The way from a Tub to itself: to a Listener that speaks one of `protocols`, or else to any. */
    readonly loopback: (
      tubId: TubId,
      protocols?: ReadonlyArray<string>
    ) => Effect.Effect<PlainTransport, NobodyListens, Scope.Scope>
  }
>()("@effect-foolscap/tub/Links") {
  /** For the Tubs of one `NegotiationService`. */
  static readonly layer: Layer.Layer<Links> = Layer.sync(Links)(() => {
    const shared = new Map<string, SharedLink>()
    const waiting = new Map<string, Set<Deferred.Deferred<SharedLink>>>()
    const answering = new Set<{
      readonly serve: (transport: PlainTransport) => Effect.Effect<void>
      readonly protocols: ReadonlyArray<string> | undefined
    }>()

    const find = Effect.fnUntraced(function* (pair: Pair) {
      const link = shared.get(keyOf(pair))
      return link === undefined || (yield* link.connection.hasEnded) ? undefined : link
    })

    const next = (pair: Pair) =>
      Effect.suspend(() => {
        const key = keyOf(pair)
        const arrival = Deferred.makeUnsafe<SharedLink>()
        const arrivals = waiting.get(key) ?? new Set()
        waiting.set(key, arrivals.add(arrival))
        const forget = Effect.sync(() => {
          arrivals.delete(arrival)
          if (arrivals.size === 0 && waiting.get(key) === arrivals) waiting.delete(key)
        })
        // None can come between looking and waiting, which has begun.
        return find(pair).pipe(
          Effect.flatMap((link) => (link === undefined ? Deferred.await(arrival) : Effect.succeed(link))),
          Effect.ensuring(forget)
        )
      })

    const share = Effect.fnUntraced(function* (connection: PeerLink) {
      const key = keyOf({ local: connection.local, remote: connection.peer })
      const forget = () => {
        if (shared.get(key) === self) shared.delete(key)
      }
      const self = new Shared(connection, forget)
      // A newer one may have taken its place already.
      if (yield* connection.hasEnded) return self
      shared.set(key, self)
      yield* Scope.addFinalizer(yield* Effect.scope, Effect.sync(forget))
      const arrivals = waiting.get(key) ?? []
      waiting.delete(key)
      for (const arrival of arrivals) Deferred.doneUnsafe(arrival, Effect.succeed(self))
      return self
    }, Effect.uninterruptible)

    return Links.of({
      find,
      next,
      share,
      answer: (serve, protocols) =>
        Effect.asVoid(
          Effect.acquireRelease(
            Effect.sync(() => {
              const answer = { serve, protocols }
              answering.add(answer)
              return answer
            }),
            (answer) => Effect.sync(() => answering.delete(answer))
          )
        ),
      loopback: Effect.fnUntraced(function* (tubId, protocols) {
        const speaks = ({ protocols: theirs }: { readonly protocols: ReadonlyArray<string> | undefined }) =>
          protocols === undefined ? theirs === undefined : protocols.some((name) => theirs?.includes(name) === true)
        const candidates = [...answering]
        const answer = candidates.find(speaks) ?? candidates[0]
        if (answer === undefined) return yield* new NobodyListens()
        // Each end is dropped by whoever has it, so that the other still reads what was said.
        const { client, server } = yield* LoopbackTransport.makePair(tubId).pipe(Scope.provide(yield* Scope.make()))
        yield* Effect.addFinalizer(() => client.destroy)
        yield* answer.serve(server)
        return client
      })
    })
  })
}

/** Getters and methods, because as fields the effects would be a good part of what a link keeps in memory. */
class Shared implements SharedLink {
  readonly connection: PeerLink
  private readonly forget: () => void
  private holders = 0
  // Made when somebody waits. `free` is open as long as nobody holds the link, `held` as long as somebody does.
  private free: Latch.Latch | undefined
  private held: Latch.Latch | undefined
  private isRetired = false

  constructor(connection: PeerLink, forget: () => void) {
    this.connection = connection
    this.forget = forget
  }

  get hold(): Effect.Effect<boolean, never, Scope.Scope> {
    return Effect.acquireRelease(
      Effect.sync(() => {
        if (this.isRetired) return false
        this.holders++
        this.free?.closeUnsafe()
        this.held?.openUnsafe()
        return true
      }),
      (isHeld) =>
        Effect.sync(() => {
          if (!isHeld || --this.holders > 0) return
          this.held?.closeUnsafe()
          this.free?.openUnsafe()
        })
    )
  }

  unneeded(idleTime: Duration.Duration): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const isPatient = Duration.isPositive(idleTime)
      while (!this.isRetired) {
        this.free ??= Latch.makeUnsafe(this.holders === 0)
        yield* this.free.await
        this.held ??= Latch.makeUnsafe(this.holders > 0)
        if (isPatient) yield* Effect.raceFirst(Effect.sleep(idleTime), this.held.await)
        if (this.holders > 0) continue
        this.isRetired = true
        // Ended before it is forgotten: whoever does not find it may dial anew, and must not be its duplicate.
        yield* this.connection.end(isPatient ? LinkEnd.Idle({ after: idleTime }) : LinkEnd.Closed())
        this.forget()
      }
    })
  }
}

const keyOf = ({ local, remote }: Pair): string => `${local} ${remote}`
