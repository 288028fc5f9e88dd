/**
 * One dial: every place that a Tub may be at, tried at once, until the first of them leads to a link.
 *
 * ```text
 *   FURL ──▶ tcp:a ── 303 ──▶ tcp:c      dialled as soon as tcp:a answers
 *        └─▶ tcp:b                       both at once; the first link wins
 * ```
 *
 * What opens a place is the Connector's part.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Scope from "effect/Scope"
import { Attempt, ConnectError } from "./ConnectError.ts"
import { HintStatus } from "./HintStatus.ts"
import * as Itinerary from "./Itinerary.ts"

/**
 * A link, and how it was found.
 *
 * @category models
 * @since 0.1.0
 */
export interface Connected {
  /** Its peer is the Tub that was asked for. */
  readonly connection: NegotiatedConnection & { readonly peer: TubId }
  /** The hint that led to it: of the FURL, or of the last redirect. */
  readonly hint: LocationHint
  /** How many redirects led to that hint, 0 to `Itinerary.maxRedirects`. */
  readonly redirects: number
}

/**
 * Who wants to hear what a dial is doing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Observers {
  /**
   * Hears of every redirect that is followed, just before the places in its `hints` are dialled, which waits for it. It is
   * interrupted when the time for the dial is over.
   */
  readonly redirected?: (redirect: Redirect, by: Itinerary.Stop) => Effect.Effect<void>
  /**
   * Hears how far the dial has come at each of its places, whenever that changes. The dial waits for it, as long as there is
   * time.
   */
  readonly watch?: (hints: ReadonlyArray<HintStatus>) => Effect.Effect<void>
}

/**
 * Opens one place: fails with why there is no link there.
 *
 * `left` is what is left of the time of the dial; `negotiating` is to be run when somebody has answered.
 *
 * @category models
 * @since 0.1.0
 */
export type Reach = (
  hint: LocationHint,
  left: Effect.Effect<Duration.Duration>,
  negotiating: Effect.Effect<void>
) => Effect.Effect<NegotiatedConnection, Attempt["error"], Scope.Scope>

type TimeLeft = Effect.Effect<Duration.Duration>

/**
 * A dial under way.
 *
 * @category models
 * @since 0.1.0
 */
export interface Dialling {
  /**
   * Dials these hints too, those of them that are new to it; they have the whole time of a dial. The observers hear at once
   * how far the others have come. False if the dial has ended: then nobody dials them.
   */
  readonly add: (hints: ReadonlyArray<LocationHint>, observers?: Observers) => Effect.Effect<boolean>
  /** No longer tells these observers. */
  readonly leave: (observers: Observers) => Effect.Effect<void>
  /** The first link, or why there is none: fails when every place has failed. */
  readonly outcome: Effect.Effect<Connected, ConnectError>
}

/**
 * Begins to dial `tubId`, at no place yet. The link belongs to the Scope; closing it ends the dial.
 *
 * A defect of `reach` or of an observer ends the whole dial.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (
  tubId: TubId,
  reach: Reach,
  deadline: Duration.Duration
): Effect.fn.Return<Dialling, never, Scope.Scope> {
  const scope = yield* Effect.scope
  const visits = yield* FiberSet.make<void>()
  // The first link, or a defect.
  const winner = yield* Deferred.make<Connected>()
  const attempts: Array<Attempt> = []
  const observing = new Set<Observers>()
  const statuses = new Map<LocationHint, HintStatus>()
  // How long each server took that has redirected us.
  const took = new Map<LocationHint, Duration.Duration>()
  let [itinerary] = Itinerary.start([])
  let hasEnded = false

  const became = Effect.fnUntraced(function* (hint: LocationHint, status: HintStatus, left: TimeLeft) {
    statuses.set(hint, status)
    const all = [...statuses.values()]
    for (const { watch } of observing) if (watch !== undefined) yield* Effect.timeoutOption(watch(all), yield* left)
  })
  const fail = (
    { hint, via }: Itinerary.Stop,
    failure: { readonly after: Duration.Duration; readonly error: Attempt["error"] },
    left: TimeLeft
  ) => {
    const attempt = new Attempt({ via, hint: hint.text, ...failure })
    attempts.push(attempt)
    return became(hint, HintStatus.Ended({ attempt }), left)
  }

  // Each attempt has a Scope of its own, which stays open for the winner alone. Gives why there is no link.
  const attempt = ({ hint, via }: Itinerary.Stop, left: TimeLeft) =>
    Effect.uninterruptibleMask(
      Effect.fnUntraced(function* (restore) {
        const own = yield* Scope.fork(scope)
        const place = { hint: hint.text, via }
        const reached = Effect.andThen(
          became(hint, HintStatus.Connecting(place), left),
          reach(hint, left, became(hint, HintStatus.Negotiating(place), left))
        )
        const [after, exit] = yield* restore(Scope.provide(reached, own)).pipe(Effect.result, Effect.exit, Effect.timed)
        if (Exit.isSuccess(exit) && exit.value._tag === "Success") {
          // For whoever else answers, the negotiation fails (N16).
          const connection = { ...exit.value.success, peer: tubId }
          const connected = { connection, hint, redirects: via.length }
          if (yield* Deferred.succeed(winner, connected)) return undefined
        }
        // Taking leave of a peer may last for as long as `closeLimit`, and nobody need wait for that.
        yield* Effect.forkIn(Scope.close(own, Exit.void), scope, { startImmediately: true })
        if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
        return exit.value._tag === "Failure" ? { after, error: exit.value.failure } : undefined
      })
    )

  // One place, and all that its server sends us on to.
  const visit = (left: TimeLeft) => {
    const one = Effect.fnUntraced(function* (stop: Itinerary.Stop): Effect.fn.Return<void> {
      const outcome = yield* attempt(stop, left)
      if (outcome === undefined) return
      const { after, error } = outcome
      if (error._tag !== "Redirect") return yield* fail(stop, { after, error }, left)

      took.set(stop.hint, after)
      const [further, { followed, omitted }] = Itinerary.follow(itinerary, stop, error.hints)
      itinerary = further
      for (const { by, next } of followed) {
        const redirect = new Redirect({ side: "client", tubId, hints: Arr.map(next, ({ hint }) => hint) })
        yield* fail(by, { after: took.get(by.hint) ?? after, error: redirect }, left)
        for (const { redirected } of observing) {
          if (redirected !== undefined) yield* Effect.timeoutOption(redirected(redirect, by), yield* left)
        }
      }
      if (omitted !== undefined) yield* fail(stop, { after, error: omitted }, left)
      yield* all(followed.flatMap(({ next }) => next))
    })
    const all = Effect.forEach(one, { concurrency: "unbounded", discard: true })
    return all
  }

  const add: Dialling["add"] = Effect.fnUntraced(function* (hints, observers) {
    if (hasEnded) return false
    if (observers !== undefined) {
      observing.add(observers)
      if (statuses.size > 0) yield* observers.watch?.([...statuses.values()]) ?? Effect.void
    }
    const [further, stops] = Itinerary.join(itinerary, hints)
    itinerary = further
    const began = yield* Clock.monotonicTimeNanos
    // In the whole milliseconds that timers count. A timer may be late.
    const left = Effect.map(Clock.monotonicTimeNanos, (now) =>
      Duration.millis(Math.max(0, Math.ceil(Duration.toMillis(deadline) - Number(now - began) / 1_000_000)))
    )
    const visiting = Effect.tapCause(visit(left)(stops), (cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Deferred.failCause(winner, cause)
    )
    yield* FiberSet.run(visits, visiting)
    return true
  })

  const allFailed: Effect.Effect<never, ConnectError> = FiberSet.awaitEmpty(visits).pipe(
    Effect.andThen(FiberSet.size(visits)),
    Effect.flatMap((size) => {
      if (Deferred.isDoneUnsafe(winner)) return Effect.never
      // Somebody has just added some more.
      if (size > 0) return allFailed
      hasEnded = true
      return Effect.fail(new ConnectError({ tubId, attempts }))
    })
  )
  // The others are abandoned before the winner is handed over.
  const end = Effect.suspend(() => {
    hasEnded = true
    return FiberSet.clear(visits)
  })
  const leave = (observers: Observers) => Effect.sync(() => void observing.delete(observers))
  return { add, leave, outcome: Effect.ensuring(Effect.raceFirst(Deferred.await(winner), allFailed), end) }
})
