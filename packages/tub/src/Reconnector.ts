/**
 * Reconnector: keeps a link to one Tub, and makes another when it is lost.
 *
 * ```text
 *   Connecting ──▶ Connected          a link was found
 *   Connecting ──▶ Waiting            there is none
 *   Connected  ──▶ Waiting            the link has ended
 *   Waiting    ──▶ Connecting         the time is over
 *   Waiting    ──▶ Connected          the other Tub has dialled
 * ```
 *
 * In place of Waiting it is GaveUp when trying again is in vain, or the Schedule has ended.
 *
 * The link is the one that the two Tubs share (`Connector.connect`), whoever of them dialled it.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Pull from "effect/Pull"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { Connector } from "./Connector.ts"
import { Links, type PeerLink } from "./Links.ts"
import * as ReconnectorSchedule from "./ReconnectorSchedule.ts"
import { ReconnectorState, type Setback } from "./ReconnectorState.ts"
import type { Target } from "./Target.ts"
import { Tub } from "./Tub.ts"

/**
 * What keeps the link, and how it is getting on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reconnector {
  /** What it is doing. When its Scope closes this stays as it is. */
  readonly state: SubscriptionRef.SubscriptionRef<ReconnectorState>
  /**
   * Begins the Schedule anew. While it waits, the next attempt is 1 second from now (`ReconnectorSchedule.initialDelay`);
   * if it has given up, at once.
   */
  readonly reset: Effect.Effect<void>
}

/**
 * Keeps a link to this Tub until the Scope closes, which lets go of it.
 *
 * The first attempt is made at once. After each setback `schedule` says how long to wait: it is given the `ConnectError` of
 * an attempt that failed, or the `LinkEnd` of a link that ended. It is begun anew by every link. Without one, delays are
 * those of Foolscap, for ever (`ReconnectorSchedule.foolscap`). When the Schedule ends, has an infinite delay, or trying again
 * is in vain (`ConnectError.isPermanent`), the Reconnector gives up; a link that the other Tub dials is welcome even so.
 *
 * `connected` runs once for every link, with a Scope that closes when the link has ended or the Reconnector is stopped, and
 * is interrupted then. The next attempt waits until that is done, so it never runs twice at once. Should it end sooner, or
 * die, which is logged, the link and this Scope stay. A defect of the dial or of the Schedule is logged too, and ends the
 * Reconnector.
 *
 * ```ts
 * import { Furl } from "@effect-foolscap/furl/Furl"
 * import * as Reconnector from "@effect-foolscap/tub/Reconnector"
 * import * as ReconnectorState from "@effect-foolscap/tub/ReconnectorState"
 * import { Console, DateTime, Effect, Stream, SubscriptionRef } from "effect"
 *
 * export const program = Effect.fn(function* (furl: Furl) {
 *   const { state } = yield* Reconnector.make(furl, {
 *     connected: (link) => Console.log(`there is a link with ${link.peer}`)
 *   })
 *   yield* Stream.runForEach(SubscriptionRef.changes(state), (now) =>
 *     Effect.flatMap(DateTime.now, (time) => Console.log(ReconnectorState.describe(now, time)))
 *   )
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function* <R, R2 = never>(
  target: Target,
  options: {
    readonly connected: (link: PeerLink) => Effect.Effect<void, never, R>
    readonly schedule?: Schedule.Schedule<unknown, Setback, never, R2>
  }
): Effect.fn.Return<Reconnector, never, Connector | Links | Tub | Exclude<R, Scope.Scope> | R2 | Scope.Scope> {
  const { connected, schedule = ReconnectorSchedule.foolscap } = options
  const { connect } = yield* Connector
  const links = yield* Links
  const pair = { local: (yield* Tub).tubId, remote: target.tubId }
  const state = yield* SubscriptionRef.make<ReconnectorState>(ReconnectorState.Connecting({ hints: [] }))
  const become = (next: ReconnectorState) => SubscriptionRef.set(state, next)
  const wasReset = Latch.makeUnsafe()
  const begin = Schedule.toStep(schedule)
  let step: Effect.Success<typeof begin> | undefined

  // For ever, where there is no sense in another attempt.
  const delayAfter = Effect.fnUntraced(function* (setback: Setback) {
    if (setback._tag === "ConnectError" && setback.isPermanent) return Duration.infinity
    step ??= yield* begin
    const next = Effect.map(step(yield* Clock.currentTimeMillis, setback), ([, delay]) => delay)
    return yield* Pull.catchDone(next, () => Effect.succeed(Duration.infinity))
  })

  const pause = Effect.fnUntraced(function* (after: Setback) {
    wasReset.closeUnsafe()
    let delay = yield* delayAfter(after)
    while (Duration.isFinite(delay)) {
      yield* become(ReconnectorState.Waiting({ until: DateTime.addDuration(yield* DateTime.now, delay), after }))
      const isOver = yield* Effect.raceFirst(Effect.as(Effect.sleep(delay), true), Effect.as(wasReset.await, false))
      if (isOver) return
      wasReset.closeUnsafe()
      delay = ReconnectorSchedule.initialDelay
    }
    yield* become(ReconnectorState.GaveUp({ after }))
    yield* wasReset.await
  })

  // A link that the other Tub has dialled, held.
  const arrival = Effect.gen(function* () {
    while (true) {
      const link = yield* links.next(pair)
      if (yield* link.hold) return link.connection
    }
  })

  const find = Effect.fnUntraced(function* (after: Setback | undefined) {
    if (after !== undefined) {
      const arrived = yield* Effect.raceFirst(arrival, pause(after))
      if (arrived !== undefined) return arrived
      yield* become(ReconnectorState.Connecting({ hints: [] }))
    }
    return yield* connect(target, { watch: (hints) => become(ReconnectorState.Connecting({ hints })) })
  })

  const use = Effect.fnUntraced(function* (link: PeerLink) {
    step = undefined
    yield* become(ReconnectorState.Connected({ since: yield* DateTime.now, link }))
    const handling = Effect.catchCause(connected(link), (cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("the handler of a link died", cause)
    )
    return yield* Effect.raceFirst(link.ended, Effect.scoped(Effect.andThen(handling, Effect.never)))
  })

  const once = (after: Setback | undefined) =>
    Effect.scoped(Effect.matchEffect(find(after), { onSuccess: use, onFailure: (error) => Effect.succeed(error) }))
  const keep = Effect.gen(function* () {
    let after = yield* once(undefined)
    while (true) after = yield* once(after)
  })
  yield* Effect.forkScoped(
    Effect.tapCause(keep, (cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.void : Effect.logError("a Reconnector died", cause)
    )
  )

  return {
    state,
    reset: Effect.sync(() => {
      step = undefined
      wasReset.openUnsafe()
    })
  }
})
