/**
 * The one link with a Tub, for everyone who asks for it: the one there is, or one dial for all who wait.
 *
 * ```text
 *   connect ──┐                ┌── an open link: hold it
 *   connect ──┼─▶ the same Tub ┤
 *   connect ──┘                └── none: one dial ──▶ dialled, or dialled by the other Tub
 * ```
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Spans from "@effect-foolscap/negotiation/Spans"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import type { ConnectError } from "./ConnectError.ts"
import type { Dialling } from "./Dialling.ts"
import type { Links, PeerLink, SharedLink } from "./Links.ts"
import type { Target } from "./Target.ts"

/**
 * How long a Tub waits for the link of which its peer says that it is there already: 5 seconds. When two Tubs dial each
 * other at once, the refusal of one connection may overtake the Decision on the other.
 *
 * @category constants
 * @since 0.1.0
 */
export const crossingLimit: Duration.Duration = Duration.seconds(5)

type Watch = Parameters<Dialling["watch"]>[0]

/** A dial that somebody waits for. */
interface SharedDial {
  readonly dialling: Dialling
  readonly fiber: Fiber.Fiber<void, ConnectError>
  readonly found: Deferred.Deferred<SharedLink>
  /** Open when nobody waits any more. */
  readonly left: Latch.Latch
  waiting: number
}

/**
 * Shares the links of the Tub `local`. Dials, and the links they lead to, live in the current Scope.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (options: {
  readonly local: TubId
  readonly links: Links["Service"]
  /** Begins to dial a Tub, at no place yet. */
  readonly begin: (tubId: TubId) => Effect.Effect<Dialling, never, Scope.Scope>
  /** How long a link is kept that nobody holds. */
  readonly idleTime: Duration.Duration
}) {
  const { begin, idleTime, links, local } = options
  // Of many links each takes its time to close.
  const lifetime = yield* Scope.fork(yield* Effect.scope, "parallel")
  const mutex = yield* Semaphore.make(1)
  const dials = new Map<TubId, SharedDial>()

  // Keeps a link that was dialled here for as long as anybody needs it.
  const keep = (link: SharedLink) => Effect.raceFirst(link.connection.ended, link.unneeded(idleTime))

  // Finds the link, and hands it to everyone who waits.
  const run = Effect.fnUntraced(function* (tubId: TubId, { dialling, found, left }: Omit<SharedDial, "fiber">) {
    yield* Spans.annotate({ "tub.local_id": local, "tub.peer_id": tubId })
    const crossing = (error: ConnectError) => Effect.andThen(Effect.sleep(crossingLimit), Effect.fail(error))
    const forget = Effect.sync(() => {
      if (dials.get(tubId)?.found === found) dials.delete(tubId)
    })
    const dialled = dialling.outcome.pipe(
      Effect.catchIf(saysDuplicate, crossing),
      Effect.map(({ connection }) => ({ ours: connection }))
    )
    const arrived = Effect.map(links.next({ local, remote: tubId }), (theirs) => ({ theirs }))
    const abandoned = Effect.as(left.await, undefined)
    const first = yield* Effect.ensuring(Effect.raceFirst(Effect.raceFirst(dialled, arrived), abandoned), forget)
    if (first === undefined) return
    const isOurs = "ours" in first
    // Shared only now: as soon as it is, it arrives too.
    const link = isOurs ? yield* links.share(first.ours) : first.theirs
    yield* Deferred.succeed(found, link)
    // Before that some may still be about to hold it.
    yield* left.await
    if (isOurs) yield* keep(link)
  }, Spans.within("Connector.connect"))

  const leave = Effect.fnUntraced(function* (tubId: TubId, dial: SharedDial) {
    dial.waiting--
    if (dial.waiting > 0) return
    dial.left.openUnsafe()
    if (Deferred.isDoneUnsafe(dial.found)) return
    // The last one out ends the dial; but if the link comes at this very moment, somebody else may hold it already.
    if (dials.get(tubId) === dial) dials.delete(tubId)
    yield* Effect.raceFirst(Fiber.await(dial.fiber), Deferred.await(dial.found))
  })

  // Waits for the dial that there is for this Tub, or begins one.
  const join = Effect.fnUntraced(function* ({ hints, tubId }: Target) {
    const existing = dials.get(tubId)
    if (existing !== undefined) {
      // Counted first, so that the last one who leaves meanwhile is not the last.
      existing.waiting++
      return { dial: existing, isAdded: yield* existing.dialling.add(hints) }
    }
    const scope = yield* Scope.fork(lifetime)
    const dialling = yield* Scope.provide(begin(tubId), scope)
    yield* dialling.add(hints)
    const fresh = { dialling, found: Deferred.makeUnsafe<SharedLink>(), left: Latch.makeUnsafe(), waiting: 1 }
    const running = Effect.onExit(Scope.provide(run(tubId, fresh), scope), (exit) => Scope.close(scope, exit))
    const dial = Object.assign(fresh, { fiber: yield* Effect.forkIn(Effect.interruptible(running), lifetime) })
    dials.set(tubId, dial)
    return { dial, isAdded: true }
  }, Semaphore.withPermit(mutex))

  // Succeeds with the link that the dial has found, or fails as it does, when the caller has heard of everything.
  const wait = Effect.fnUntraced(function* ({ dialling, fiber, found }: SharedDial, watch: Watch | undefined) {
    const caughtUp = watch === undefined ? Effect.void : yield* dialling.watch(watch)
    // Its failure is that of everyone who waits.
    const failed = Effect.andThen(Fiber.join(fiber), Effect.never)
    return yield* Effect.onExit(Effect.raceFirst(Deferred.await(found), failed), () => Effect.interruptible(caughtUp))
  }, Effect.scoped)

  const connect = (target: Target, watch?: Watch): Effect.Effect<PeerLink, ConnectError, Scope.Scope> =>
    Effect.uninterruptibleMask(
      Effect.fnUntraced(function* (restore) {
        const { tubId } = target
        while (true) {
          const existing = yield* links.find({ local, remote: tubId })
          if (existing !== undefined) {
            if (yield* existing.hold) return existing.connection
            yield* restore(existing.connection.ended)
          }
          const { dial, isAdded } = yield* join(target)
          const exit = yield* Effect.exit(restore(wait(dial, watch)))
          const isHeld = Exit.isSuccess(exit) && (yield* exit.value.hold)
          yield* leave(tubId, dial)
          // A dial that had ended when we came may have brought a link; what became of its hints says nothing of ours.
          if (Exit.isFailure(exit) && !isAdded && !Exit.hasInterrupts(exit)) continue
          if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
          if (isHeld) return exit.value.connection
        }
      })
    )
  return connect
})

const saysDuplicate = ({ attempts }: ConnectError): boolean =>
  attempts.some(
    ({ error }) =>
      error._tag === "NegotiationError" &&
      (error.reason._tag === "DuplicateConnection" ||
        // What Foolscap says too.
        (error.reason._tag === "PeerRefused" && error.reason.text.startsWith("Duplicate connection")))
  )
