/**
 * Connector: finds a Tub at one of the places its FURL names.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { Attempt, ConnectError, GaveUp } from "./ConnectError.ts"
import { HintHandler } from "./HintHandler.ts"
import { Tub } from "./Tub.ts"

/**
 * How long a dial may take over all its hints: two minutes, Foolscap's figure. Read when the layer is built.
 *
 * @category references
 * @since 0.1.0
 */
export const DialDeadline = Context.Reference<Duration.Duration>("@effect-foolscap/tub/DialDeadline", {
  defaultValue: () => Duration.minutes(2)
})

/**
 * A link, and the hint that led to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Connected {
  readonly connection: NegotiatedConnection
  readonly hint: LocationHint
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
     * Fails when every hint has failed, or at `DialDeadline`, with the list of what was tried.
     */
    readonly dial: (target: {
      readonly tubId: TubId
      readonly hints: ReadonlyArray<LocationHint>
    }) => Effect.Effect<Connected, ConnectError, Scope.Scope>
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

      // Whatever is late fails by itself, so that it says how far it got and tells its peer.
      const reach = Effect.fnUntraced(function* (hint: LocationHint, wanted: TubId) {
        const [spent, transport] = yield* handler
          .connect(hint)
          .pipe(
            Effect.timeoutOrElse({ duration: deadline, orElse: () => Effect.fail(new GaveUp({ after: deadline })) }),
            Effect.timed
          )
        const host = hint._tag === "TcpHint" ? hint.host : hint.text
        return yield* negotiation.dial(transport, { tub, wanted, host, within: Duration.subtract(deadline, spent) })
      })

      const dial: Connector["Service"]["dial"] = Effect.fn("Connector.dial")(function* ({ hints, tubId }) {
        yield* Effect.annotateCurrentSpan({ "tub.local_id": tub.tubId, "tub.peer_id": tubId })
        const scope = yield* Scope.fork(yield* Effect.scope)
        const winner = yield* Deferred.make<Connected>()
        const attempts: Array<Attempt> = []

        // Each attempt has a Scope of its own, which stays open for the winner alone.
        const attempt = (hint: LocationHint) =>
          Effect.uninterruptibleMask(
            Effect.fnUntraced(function* (restore) {
              const own = yield* Scope.fork(scope)
              const [after, exit] = yield* restore(Scope.provide(reach(hint, tubId), own)).pipe(
                Effect.result,
                Effect.exit,
                Effect.timed
              )
              if (Exit.isSuccess(exit)) {
                if (exit.value._tag === "Failure") {
                  attempts.push(new Attempt({ hint: hint.text, after, error: exit.value.failure }))
                } else if (yield* Deferred.succeed(winner, { connection: exit.value.success, hint })) return
              }
              // Taking leave of a peer may last for as long as `closeLimit`, and the winner need not wait for that.
              yield* Effect.forkIn(Scope.close(own, Exit.void), scope, { startImmediately: true })
              if (Exit.isFailure(exit)) return yield* exit
            })
          )

        // A hint that stands in a FURL twice is still one place.
        const places = new Map(hints.map((hint) => [hint.text, hint]))
        const all = Effect.forEach([...places.values()], attempt, { concurrency: "unbounded", discard: true })
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
}
