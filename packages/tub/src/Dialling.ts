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
import * as Latch from "effect/Latch"
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
 * Hears of every redirect that is followed, just before the places in its `hints` are dialled, which waits for it. It is
 * interrupted when the time for the dial is over.
 *
 * @category models
 * @since 0.1.0
 */
export type Redirected = (redirect: Redirect, by: Itinerary.Stop) => Effect.Effect<void>

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
   * Dials these hints too, those of them that are new to it; they have the whole time of a dial. False if the dial has
   * ended: then nobody dials them.
   */
  readonly add: (hints: ReadonlyArray<LocationHint>) => Effect.Effect<boolean>
  /**
   * Tells until the Scope closes how far the dial has come at each of its places, now and whenever that changes, in a fiber
   * of its own: nobody waits for `tell`, and if it dies, that is logged and the end of it. What this gives succeeds when
   * everything so far was told.
   */
  readonly watch: (
    tell: (hints: ReadonlyArray<HintStatus>) => Effect.Effect<void>
  ) => Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
  /** The first link, or why there is none: fails when every place has failed. */
  readonly outcome: Effect.Effect<Connected, ConnectError>
}

/**
 * Begins to dial `tubId`, at no place yet. The link belongs to the Scope; closing it ends the dial.
 *
 * A defect of `reach` or of `redirected` ends the whole dial.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* (options: {
  readonly tubId: TubId
  readonly reach: Reach
  /** How long each hint may take, with all redirects behind it. */
  readonly deadline: Duration.Duration
  readonly redirected?: Redirected | undefined
}): Effect.fn.Return<Dialling, never, Scope.Scope> {
  const { deadline, reach, redirected, tubId } = options
  const scope = yield* Effect.scope
  const visits = yield* FiberSet.make<void>()
  // The first link, a defect, or that every place has failed.
  const outcome = Deferred.makeUnsafe<Connected, ConnectError>()
  const attempts: Array<Attempt> = []
  const watching = new Set<(hints: ReadonlyArray<HintStatus>) => Effect.Effect<void>>()
  const statuses = new Map<LocationHint, HintStatus>()
  // How long each server took that has redirected us.
  const took = new Map<LocationHint, Duration.Duration>()
  let [itinerary] = Itinerary.start([])
  // The places that are being dialled.
  let open = 0
  let hasEnded = false

  const became = (hint: LocationHint, status: HintStatus) =>
    Effect.suspend(() => {
      statuses.set(hint, status)
      if (watching.size === 0) return Effect.void
      const all = [...statuses.values()]
      return Effect.forEach([...watching], (tell) => tell(all), { discard: true })
    })
  const fail = ({ hint, via }: Itinerary.Stop, after: Duration.Duration, error: Attempt["error"]) => {
    const attempt = new Attempt({ via, hint: hint.text, after, error })
    attempts.push(attempt)
    return became(hint, HintStatus.Ended({ attempt }))
  }

  // Each attempt has a Scope of its own, which stays open for the winner alone. Gives why there is no link.
  const attempt = ({ hint, via }: Itinerary.Stop, left: TimeLeft) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const own = yield* Scope.fork(scope)
        const place = { hint: hint.text, via }
        yield* became(hint, HintStatus.Connecting(place))
        const reaching = reach(hint, left, became(hint, HintStatus.Negotiating(place)))
        const [after, exit] = yield* restore(Scope.provide(reaching, own)).pipe(
          Effect.result,
          Effect.exit,
          Effect.timed
        )
        if (Exit.isSuccess(exit) && exit.value._tag === "Success") {
          // For whoever else answers, the negotiation fails (N16).
          const connection = { ...exit.value.success, peer: tubId }
          const connected = { connection, hint, redirects: via.length }
          if (yield* Deferred.succeed(outcome, connected)) return undefined
        }
        // Taking leave of a peer may last for as long as `closeLimit`, and nobody need wait for that.
        yield* Effect.forkIn(Scope.close(own, Exit.void), scope, { startImmediately: true })
        if (Exit.isFailure(exit)) return yield* Effect.failCause(exit.cause)
        return exit.value._tag === "Failure" ? { after, error: exit.value.failure } : undefined
      })
    )

  // One place, and then those that its server sends us on to.
  const visit = (stop: Itinerary.Stop, left: TimeLeft): Effect.Effect<void> =>
    Effect.gen(function* () {
      const failure = yield* attempt(stop, left)
      if (failure === undefined) return
      const { after, error } = failure
      if (error._tag !== "Redirect") return yield* fail(stop, after, error)

      took.set(stop.hint, after)
      const [further, { followed, omitted }] = Itinerary.follow(itinerary, stop, error.hints)
      itinerary = further
      for (const { by, next } of followed) {
        const redirect = new Redirect({ side: "client", tubId, hints: Arr.map(next, ({ hint }) => hint) })
        yield* fail(by, took.get(by.hint) ?? after, redirect)
        if (redirected !== undefined) yield* Effect.timeoutOption(redirected(redirect, by), yield* left)
      }
      if (omitted !== undefined) yield* fail(stop, after, omitted)
      yield* visitAll(
        followed.flatMap(({ next }) => next),
        left
      )
    }).pipe(
      Effect.onExit((exit) => {
        open--
        if (Exit.isSuccess(exit)) return endIfAllFailed
        return Cause.hasInterruptsOnly(exit.cause) ? Effect.void : Deferred.failCause(outcome, exit.cause)
      })
    )

  // Each in a fiber of its own. All are counted before the first of them can fail.
  const visitAll = (stops: ReadonlyArray<Itinerary.Stop>, left: TimeLeft): Effect.Effect<void> =>
    Effect.suspend(() => {
      open += stops.length
      return Effect.forEach(stops, (stop) => FiberSet.run(visits, visit(stop, left)), { discard: true })
    })

  const endIfAllFailed = Effect.suspend(() => {
    if (open > 0 || Deferred.isDoneUnsafe(outcome)) return Effect.void
    hasEnded = true
    return Deferred.fail(outcome, new ConnectError({ tubId, attempts }))
  })

  const add: Dialling["add"] = (hints) =>
    Effect.gen(function* () {
      const began = yield* Clock.monotonicTimeNanos
      if (hasEnded) return false
      const [further, stops] = Itinerary.join(itinerary, hints)
      itinerary = further
      // In the whole milliseconds that timers count. A timer may be late.
      const left = Effect.map(Clock.monotonicTimeNanos, (now) =>
        Duration.millis(Math.max(0, Math.ceil(Duration.toMillis(deadline) - Number(now - began) / 1_000_000)))
      )
      yield* visitAll(stops, left)
      // There may have been no place to dial at all.
      yield* endIfAllFailed
      return true
    })

  // The others are abandoned before the winner is handed over.
  const end = Effect.suspend(() => {
    hasEnded = true
    return FiberSet.clear(visits)
  })

  const watch: Dialling["watch"] = (tell) =>
    Effect.gen(function* () {
      const scope = yield* Effect.scope
      const news: Array<ReadonlyArray<HintStatus>> = []
      const isIdle = Latch.makeUnsafe(true)
      const forget = () => {
        watching.delete(push)
        news.length = 0
      }
      const telling = Effect.gen(function* () {
        for (let all = news.shift(); all !== undefined; all = news.shift()) yield* tell(all)
      }).pipe(
        Effect.catchCause((cause) => {
          forget()
          return Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("an observer of a dial died", cause)
        }),
        Effect.ensuring(isIdle.open)
      )
      const push = (all: ReadonlyArray<HintStatus>) =>
        Effect.suspend(() => {
          news.push(all)
          const isTelling = !isIdle.closeUnsafe()
          return isTelling ? Effect.void : Effect.asVoid(Effect.forkIn(telling, scope, { startImmediately: true }))
        })
      yield* Effect.acquireRelease(
        Effect.sync(() => watching.add(push)),
        () => Effect.sync(forget)
      )
      if (statuses.size > 0) yield* push([...statuses.values()])
      return isIdle.await
    })

  return { add, watch, outcome: Effect.ensuring(Deferred.await(outcome), end) }
})
