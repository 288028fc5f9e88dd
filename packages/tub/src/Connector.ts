/**
 * Connector: finds a Tub at one of the places its FURL names, or at one that it is sent on to from there.
 *
 * ```text
 *   connect   the one link of the two Tubs: the one there is, or one dial for everyone who waits
 *   dial      a link of the caller's own
 * ```
 *
 * @since 0.1.0
 */
import { type LocationHint, OtherHint } from "@effect-foolscap/furl/LocationHint"
import type { TubId } from "@effect-foolscap/furl/TubId"
import { DeadlineExceeded, NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import * as Spans from "@effect-foolscap/negotiation/Spans"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import type * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { type ConnectError, GaveUp } from "./ConnectError.ts"
import * as Dialling from "./Dialling.ts"
import type { HintStatus } from "./HintStatus.ts"
import { HintHandler, type UnknownHint, type Unreachable } from "./HintHandler.ts"
import { Links, type NobodyListens, type PeerLink } from "./Links.ts"
import * as SharedDial from "./SharedDial.ts"
import type { Target } from "./Target.ts"
import { Tub } from "./Tub.ts"

/**
 * How long a dial may take over all its hints and all redirects: two minutes, Foolscap's figure. Read when the layer is
 * built; `Settings.layerConfig` takes it from the configuration.
 *
 * @category references
 * @since 0.1.0
 */
export const DialDeadline = Context.Reference<Duration.Duration>("@effect-foolscap/tub/DialDeadline", {
  defaultValue: () => Duration.minutes(2)
})

/**
 * How long a link that `connect` has made stays open when nobody holds it any more: not at all by default. After a longer
 * time it ends as `Idle`. Read when the layer is built.
 *
 * @category references
 * @since 0.1.0
 */
export const LinkIdleTime = Context.Reference<Duration.Duration>("@effect-foolscap/tub/LinkIdleTime", {
  defaultValue: () => Duration.zero
})

/**
 * Where a Tub finds itself, in place of the hints of its FURL.
 *
 * @category constants
 * @since 0.1.0
 */
export const loopback: LocationHint = OtherHint.make({ text: "loopback" })

/**
 * A link beside the one link of two Tubs (N30).
 *
 * @category models
 * @since 0.1.0
 */
export interface NamedLink {
  readonly name: string
  /** What it may speak, the preferred protocol first (N29). */
  readonly protocols: Arr.NonEmptyReadonlyArray<string>
  /** What is remembered of the last link of that name, as `<incarnation> <seqnum>` (N21). */
  readonly lastConnection?: string
}

/**
 * Connects to Tubs by TubId and location hints.
 *
 * Where a server answers with a redirect (N11) a dial goes on to the places named there, asking for the same Tub: no place
 * twice, at most `Itinerary.maxRedirects` one after another, and from the redirects behind each hint of the FURL at most
 * `Itinerary.maxLocations` places. The Tub itself is reached within the process, where one of its Listeners runs, whatever
 * the hints.
 *
 * A dial fails when every place has failed, or at `DialDeadline`, with the list of what was tried. A defect of `redirected`,
 * or of the `HintHandler`, ends the whole dial.
 *
 * @category services
 * @since 0.1.0
 */
export class Connector extends Context.Service<
  Connector,
  {
    /**
     * The one link with this Tub, which everyone who asks for it shares: the one there is, whoever dialled it, or one that
     * is dialled now, or one that the other Tub makes meanwhile. Whoever waits for the same Tub waits for the same dial, to
     * which the hints are added; the last one to go away ends it.
     *
     * What is shared is the link, not its socket: that has one reader, and the end of one writer is everyone's. Let one part
     * of the program speak the protocol, and the others ask that.
     *
     * The link stays open for as long as the Scope of anyone who asked for it; `LinkIdleTime` is for the time after that.
     * Closing the Connector's own Scope closes it.
     */
    readonly connect: (
      target: Target,
      options?: {
        /** Hears how far a dial has come at each of its places, now and whenever that changes. `connect` waits for it. */
        readonly watch?: (hints: ReadonlyArray<HintStatus>) => Effect.Effect<void>
      }
    ) => Effect.Effect<PeerLink, ConnectError, Scope.Scope>
    /**
     * A new link, which belongs to the Scope: with `link` one beside the one link of the two Tubs. Without, it is an attempt
     * at that one: where there is one already it takes its place, or is refused as a duplicate, as the Master sees it
     * (N22); and it goes to the hints even where those are the Tub's own. Whoever calls `connect` finds such a link, too,
     * and loses it when this Scope closes.
     *
     * Tries all hints at once; the first that is negotiated wins, and the others are closed.
     */
    readonly dial: (
      target: Target,
      options?: { readonly link?: NamedLink; readonly redirected?: Dialling.Redirected }
    ) => Effect.Effect<Dialling.Connected, ConnectError, Scope.Scope>
  }
>()("@effect-foolscap/tub/Connector") {
  /** Dials on behalf of `Tub` wherever `HintHandler` reaches. */
  static readonly layer: Layer.Layer<Connector, never, Tub | NegotiationService | Links | HintHandler> = Layer.effect(
    Connector,
    Effect.gen(function* () {
      const tub = yield* Tub
      const negotiation = yield* NegotiationService
      const handler = yield* HintHandler
      const links = yield* Links
      const deadline = yield* DialDeadline
      const idleTime = yield* LinkIdleTime

      const open = (
        hint: LocationHint,
        protocols: ReadonlyArray<string> | undefined
      ): Effect.Effect<PlainTransport, Unreachable | UnknownHint | NobodyListens, Scope.Scope> =>
        hint === loopback ? links.loopback(tub.tubId, protocols) : handler.connect(hint)

      // Whatever is late fails by itself, so that it says how far it got and tells its peer. `left` is what is left of the
      // time of the whole dial; what is told is the whole, which somebody has set.
      const reach =
        (wanted: TubId, lastConnection: string, link: NamedLink | undefined): Dialling.Reach =>
        (hint, left, negotiating) =>
          Effect.gen(function* () {
            const after = yield* left
            const tooLate = Effect.suspend(() => Effect.fail(new GaveUp({ after, deadline })))
            if (Duration.isZero(after)) return yield* tooLate
            const opening = open(hint, link?.protocols)
            const transport = yield* Effect.timeoutOrElse(opening, { duration: after, orElse: () => tooLate })
            yield* negotiating
            const host = hostOf(hint)
            const within = yield* left
            const named = link === undefined ? {} : { name: link.name, protocols: link.protocols }
            const dialling = negotiation.dial(transport, { tub, wanted, host, within, lastConnection, ...named })
            return yield* Effect.mapError(dialling, (error) => {
              if (error._tag !== "NegotiationError" || error.reason._tag !== "DeadlineExceeded") return error
              // The `Deadline` of each negotiation may be shorter.
              if (!Duration.equals(error.reason.after, within)) return error
              const { peer, phase, side } = error
              const reason = new DeadlineExceeded({ after: deadline })
              return new NegotiationError({ phase, side, ...(peer === undefined ? {} : { peer }), reason })
            })
          })

      // A Tub is always where it is itself.
      const whereIs = ({ hints, tubId }: Target): Target => ({ tubId, hints: tubId === tub.tubId ? [loopback] : hints })

      const begin = Effect.fnUntraced(function* (
        tubId: TubId,
        { link, redirected }: Parameters<Connector["Service"]["dial"]>[1] = {}
      ) {
        // A name may take long to be found, and a redirect leads on later still: a link that came up meanwhile is not one
        // that this dial knew.
        const lastConnection =
          link === undefined
            ? yield* negotiation.lastConnection({ local: tub.tubId, remote: tubId })
            : (link.lastConnection ?? "none 0")
        return yield* Dialling.make({ tubId, reach: reach(tubId, lastConnection, link), deadline, redirected })
      })

      const dial: Connector["Service"]["dial"] = Effect.fnUntraced(function* (target, options) {
        yield* Spans.annotate({ "tub.local_id": tub.tubId, "tub.peer_id": target.tubId })
        const scope = yield* Scope.fork(yield* Effect.scope)
        const dialling = Effect.gen(function* () {
          const { hints, tubId } = options?.link === undefined ? target : whereIs(target)
          const { add, outcome } = yield* begin(tubId, options)
          yield* add(hints)
          const connected = yield* outcome
          // Whoever else needs the one link of the two Tubs shares it.
          if (options?.link === undefined) yield* links.share(connected.connection)
          return connected
        })
        return yield* Scope.provide(dialling, scope).pipe(
          // A link that came in the very moment of an interruption must not stay open behind its caller's back.
          Effect.onExit((exit) => (Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void))
        )
      }, Spans.within("Connector.dial"))

      const connect = yield* SharedDial.make({ local: tub.tubId, links, begin, idleTime })

      return Connector.of({ connect: (target, options) => connect(whereIs(target), options?.watch), dial })
    })
  )
}

// Of a hint such as `tor:HOST:PORT` too.
const hostOf = (hint: LocationHint): string =>
  hint._tag === "TcpHint" ? hint.host : (/^[^:]*:(.+):\d+$/.exec(hint.text)?.[1] ?? hint.text)
