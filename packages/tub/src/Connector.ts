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
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { Redirect } from "@effect-foolscap/negotiation/Redirect"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
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

const positive = Schema.DurationFromString.check(
  Schema.makeFilter((duration) => Duration.isPositive(duration), { message: "expected a time above zero" })
)

/**
 * A link, and how it was found.
 *
 * @category models
 * @since 0.1.0
 */
export interface Connected {
  readonly connection: NegotiatedConnection
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
     * place twice, at most `Itinerary.maxRedirects` one after another, at most `Itinerary.maxLocations` places in all.
     * `redirected` hears of every redirect that is followed, just before the places in its `hints` are dialled.
     *
     * Fails when every place has failed, or at `DialDeadline`, with the list of what was tried.
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
      // time of the whole dial.
      const reach = Effect.fnUntraced(function* (
        hint: LocationHint,
        wanted: TubId,
        left: Effect.Effect<Duration.Duration>
      ) {
        const after = yield* left
        const transport = yield* Effect.timeoutOrElse(handler.connect(hint), {
          duration: after,
          orElse: () => Effect.fail(new GaveUp({ after }))
        })
        const host = hint._tag === "TcpHint" ? hint.host : hint.text
        return yield* negotiation.dial(transport, { tub, wanted, host, within: yield* left })
      })

      const dial: Connector["Service"]["dial"] = Effect.fn("Connector.dial")(function* ({ hints, tubId }, handlers) {
        yield* Effect.annotateCurrentSpan({ "tub.local_id": tub.tubId, "tub.peer_id": tubId })
        const scope = yield* Scope.fork(yield* Effect.scope)
        const began = yield* Clock.monotonicTimeNanos
        const left = Effect.map(Clock.monotonicTimeNanos, (now) =>
          // A timer may be late.
          Duration.max(Duration.subtract(deadline, Duration.nanos(now - began)), Duration.zero)
        )
        const winner = yield* Deferred.make<Connected>()
        const attempts: Array<Attempt> = []
        const [beginning, stops] = Itinerary.start(hints)
        let itinerary = beginning

        // Each attempt has a Scope of its own, which stays open for the winner alone. Gives why there is no link.
        const attempt = ({ hint, via }: Itinerary.Stop) =>
          Effect.uninterruptibleMask(
            Effect.fnUntraced(function* (restore) {
              const own = yield* Scope.fork(scope)
              const [after, exit] = yield* restore(Scope.provide(reach(hint, tubId, left), own)).pipe(
                Effect.result,
                Effect.exit,
                Effect.timed
              )
              if (Exit.isSuccess(exit) && exit.value._tag === "Success") {
                const connected = { connection: exit.value.success, hint, redirects: via.length }
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
          const fail = (error: Attempt["error"]) =>
            attempts.push(new Attempt({ via: stop.via, hint: stop.hint.text, after, error }))
          if (error._tag !== "Redirect") return void fail(error)

          const [further, { next, omitted }] = Itinerary.follow(itinerary, stop, error.hints)
          itinerary = further
          if (Arr.isReadonlyArrayNonEmpty(next)) {
            const followed = new Redirect({ side: "client", tubId, hints: Arr.map(next, ({ hint }) => hint) })
            fail(followed)
            if (handlers !== undefined) yield* handlers.redirected(followed, stop)
          }
          if (omitted !== undefined) fail(omitted)
          yield* visitAll(next)
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
   * The same, with `DialDeadline` from the configuration key `FOOLSCAP_DIAL_DEADLINE`: a duration such as `30 seconds`,
   * by default `2 minutes`. A value that cannot be read, or is not above zero, is a `ConfigError` that names the key.
   */
  static readonly layerConfig: Layer.Layer<Connector, Config.ConfigError, Tub | NegotiationService | HintHandler> =
    Connector.layer.pipe(
      Layer.provide(
        Layer.effect(
          DialDeadline,
          Config.schema(positive, "FOOLSCAP_DIAL_DEADLINE").pipe(Config.withDefault(DialDeadline.defaultValue()))
        )
      )
    )
}
