/**
 * Connector: finds a Tub at one of the places its FURL names, or at one that it is sent on to from there.
 *
 * ```text
 *   FURL ──▶ tcp:a ── 303 ──▶ tcp:c      dialled as soon as tcp:a answers
 *        └─▶ tcp:b                       both at once; the first link wins
 * ```
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { DeadlineExceeded, NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import { TimeFromString } from "@effect-foolscap/negotiation/Settings"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Attempt, ConnectError, GaveUp } from "./ConnectError.ts"
import { HintHandler } from "./HintHandler.ts"
import * as Itinerary from "./Itinerary.ts"
import { Tub } from "./Tub.ts"

/**
 * How long a dial may take over all its hints and all redirects: two minutes, Foolscap's figure. Read when the layer is
 * built; `Connector.layerConfig` takes it from the configuration.
 *
 * @category references
 * @since 0.1.0
 */
export const DialDeadline = Context.Reference<Duration.Duration>("@effect-foolscap/tub/DialDeadline", {
  defaultValue: () => Duration.minutes(2)
})

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
 * Connects to Tubs by TubId and location hints.
 *
 * @category services
 * @since 0.1.0
 */
export class Connector extends Context.Service<
  Connector,
  {
    /**
     * Tries all hints at once; the first that is negotiated wins, and the others are closed. The link belongs to the
     * Scope. Takes a `Furl`, of which it uses TubId and hints.
     *
     * Where a server answers with a redirect (N11) it goes on to the places named there, asking for the same Tub: no
     * place twice, at most `Itinerary.maxRedirects` one after another, and from the redirects behind each of `hints` at
     * most `Itinerary.maxLocations` places. `redirected` hears of every redirect that is followed, just before the places
     * in its `hints` are dialled, which waits for it.
     *
     * Fails when every place has failed, or at `DialDeadline`, with the list of what was tried. At `DialDeadline`
     * `redirected` is interrupted too. A defect of it, or of the `HintHandler`, ends the whole dial.
     */
    readonly dial: (
      target: { readonly tubId: TubId; readonly hints: ReadonlyArray<LocationHint> },
      handlers?: { readonly redirected: (redirect: Redirect, by: Itinerary.Stop) => Effect.Effect<void> }
    ) => Effect.Effect<Connected, ConnectError, Scope.Scope>
  }
>()("@effect-foolscap/tub/Connector") {
  /** Dials on behalf of `Tub` wherever `HintHandler` reaches. */
  static readonly layer: Layer.Layer<Connector, never, Tub | NegotiationService | HintHandler> = Layer.effect(
    Connector,
    Effect.gen(function* () {
      const tub = yield* Tub
      const negotiation = yield* NegotiationService
      const handler = yield* HintHandler
      const deadline = yield* DialDeadline

      // Whatever is late fails by itself, so that it says how far it got and tells its peer. `left` is what is left of the
      // time of the whole dial; what is told is the whole, which somebody has set.
      const reach = Effect.fnUntraced(function* (
        hint: LocationHint,
        wanted: TubId,
        lastConnection: string,
        left: Effect.Effect<Duration.Duration>
      ) {
        const after = yield* left
        const tooLate = Effect.suspend(() => Effect.fail(new GaveUp({ after, deadline })))
        if (Duration.isZero(after)) return yield* tooLate
        const transport = yield* Effect.timeoutOrElse(handler.connect(hint), { duration: after, orElse: () => tooLate })
        const host = hint._tag === "TcpHint" ? hint.host : hint.text
        const within = yield* left
        const dialling = negotiation.dial(transport, { tub, wanted, host, within, lastConnection })
        return yield* Effect.mapError(dialling, (error) => {
          if (error._tag !== "NegotiationError" || error.reason._tag !== "DeadlineExceeded") return error
          // The `Deadline` of each negotiation may be shorter.
          if (!Duration.equals(error.reason.after, within)) return error
          const { peer, phase, side } = error
          const reason = new DeadlineExceeded({ after: deadline })
          return new NegotiationError({ phase, side, ...(peer === undefined ? {} : { peer }), reason })
        })
      })

      const dial: Connector["Service"]["dial"] = Effect.fn("Connector.dial")(function* ({ hints, tubId }, handlers) {
        yield* Effect.annotateCurrentSpan({ "tub.local_id": tub.tubId, "tub.peer_id": tubId })
        const scope = yield* Scope.fork(yield* Effect.scope)
        const began = yield* Clock.monotonicTimeNanos
        // A name may take long to be found, and a redirect leads on later still: a link that came up meanwhile is not one
        // that this dial knew.
        const lastConnection = yield* negotiation.lastConnection({ local: tub.tubId, remote: tubId })
        // In the whole milliseconds that timers count. A timer may be late.
        const left = Effect.map(Clock.monotonicTimeNanos, (now) =>
          Duration.millis(Math.max(0, Math.ceil(Duration.toMillis(deadline) - Number(now - began) / 1_000_000)))
        )
        const winner = yield* Deferred.make<Connected>()
        const attempts: Array<Attempt> = []
        const fail = ({ hint, via }: Itinerary.Stop, after: Duration.Duration, error: Attempt["error"]) =>
          void attempts.push(new Attempt({ via, hint: hint.text, after, error }))
        // How long each server took that has redirected us.
        const took = new Map<LocationHint, Duration.Duration>()
        const [beginning, stops] = Itinerary.start(hints)
        let itinerary = beginning

        // Each attempt has a Scope of its own, which stays open for the winner alone. Gives why there is no link.
        const attempt = ({ hint, via }: Itinerary.Stop) =>
          Effect.uninterruptibleMask(
            Effect.fnUntraced(function* (restore) {
              const own = yield* Scope.fork(scope)
              const [after, exit] = yield* restore(Scope.provide(reach(hint, tubId, lastConnection, left), own)).pipe(
                Effect.result,
                Effect.exit,
                Effect.timed
              )
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
        const visit = Effect.fnUntraced(function* (stop: Itinerary.Stop): Effect.fn.Return<void> {
          const outcome = yield* attempt(stop)
          if (outcome === undefined) return
          const { after, error } = outcome
          if (error._tag !== "Redirect") return fail(stop, after, error)

          took.set(stop.hint, after)
          const [further, { followed, omitted }] = Itinerary.follow(itinerary, stop, error.hints)
          itinerary = further
          for (const { by, next } of followed) {
            const redirect = new Redirect({ side: "client", tubId, hints: Arr.map(next, ({ hint }) => hint) })
            fail(by, took.get(by.hint) ?? after, redirect)
            if (handlers !== undefined) yield* Effect.timeoutOption(handlers.redirected(redirect, by), yield* left)
          }
          if (omitted !== undefined) fail(stop, after, omitted)
          yield* visitAll(followed.flatMap(({ next }) => next))
        })
        const visitAll = Effect.forEach(visit, { concurrency: "unbounded", discard: true })

        const all = visitAll(stops)
        const failed = Effect.suspend(() => Effect.fail(new ConnectError({ tubId, attempts })))
        return yield* Effect.raceFirst(
          Deferred.await(winner),
          Effect.flatMap(all, () => Effect.flatMap(Deferred.isDone(winner), (won) => (won ? Effect.never : failed)))
        ).pipe(
          // A link that came in the very moment of an interruption must not stay open behind its caller's back.
          Effect.onExit((exit) => (Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void))
        )
      })

      return Connector.of({ dial })
    })
  )

  /**
   * The same, with `DialDeadline` from the configuration key `FOOLSCAP_DIAL_DEADLINE`: a time such as `30 seconds`; where
   * the key is not there, `DialDeadline` stays as it is. A value that cannot be read, or is not above zero, is a
   * `ConfigError` that names the key. The `tub` command reads no configuration; it has `--timeout`.
   */
  static readonly layerConfig: Layer.Layer<Connector, Config.ConfigError, Tub | NegotiationService | HintHandler> =
    Connector.layer.pipe(
      Layer.provide(
        Layer.effect(
          DialDeadline,
          Effect.flatMap(DialDeadline, (otherwise) =>
            Config.schema(TimeFromString, "FOOLSCAP_DIAL_DEADLINE").pipe(Config.withDefault(otherwise))
          )
        )
      )
    )
}
