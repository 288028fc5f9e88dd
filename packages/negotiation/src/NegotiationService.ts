/**
 * The whole negotiation: the order of the phases, the deadline over them, and what a peer is told when one fails.
 *
 * ```text
 *   client                         server
 *     │  ── GET ─────────────────▶   │    Plaintext
 *     │  ◀───────────────── 101 ──   │
 *     │  ═══════ TLS ════════════    │
 *     │  ── Hello ──▶  ◀── Hello ──  │    Encrypted
 *     │                              │
 *     Master ── Decision ──▶ NonMaster    Deciding
 * ```
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import type * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { ApplicationParameters, ApplicationProtocols } from "./ApplicationParameters.ts"
import type { BlockChannel } from "./BlockChannel.ts"
import { ConnectionTable, type Pair } from "./ConnectionTable.ts"
import * as Farewell from "./Farewell.ts"
import * as LinkSocket from "./LinkSocket.ts"
import { LocalTubs } from "./LocalTubs.ts"
import type { LocalTub } from "./LocalTub.ts"
import type { NegotiatedConnection } from "./NegotiatedConnection.ts"
import { DeadlineExceeded, NegotiationError, type Phase, type Reason } from "./NegotiationError.ts"
import { NextProtocol } from "./NextProtocol.ts"
import * as Deciding from "./phase/Deciding.ts"
import * as Encrypted from "./phase/Encrypted.ts"
import * as Plaintext from "./phase/Plaintext.ts"
import * as Application from "./policy/Application.ts"
import * as ApplicationProtocol from "./policy/ApplicationProtocol.ts"
import type { Role } from "./policy/Master.ts"
import * as Progress from "./Progress.ts"
import type { Redirect } from "./Redirect.ts"
import * as Spans from "./Spans.ts"
import type { PlainTransport, SecureTransport } from "./Transport.ts"
import { Hello } from "./wire/Hello.ts"

/**
 * How long a whole negotiation may take on either side (N27). Two minutes, Foolscap's figure: a cold Tor daemon alone
 * can take 50 seconds. Read when the layer is built.
 *
 * @category references
 * @since 0.1.0
 */
export const Deadline = Context.Reference<Duration.Duration>("@effect-foolscap/negotiation/Deadline", {
  defaultValue: () => Duration.minutes(2)
})

/**
 * Whether `accept` lets in a peer that neither proves nor claims to be anybody: `"refuse"` (Foolscap's rule, and the
 * default), or `"accept"`, which makes us its Master and its connections nobody's duplicates (N16). Nothing limits how
 * many of them there are, and they cost their owner no key. Read when the layer is built.
 *
 * @category references
 * @since 0.1.0
 */
export const AnonymousPeers = Context.Reference<Encrypted.AnonymousPeers>(
  "@effect-foolscap/negotiation/AnonymousPeers",
  { defaultValue: () => "refuse" }
)

/**
 * Turns a connected transport into a negotiated connection, or says why not.
 *
 * Both calls take the transport over: when they fail they begin to close it, and the Scope waits for that; when they
 * succeed it closes with the Scope; when they are interrupted it is dropped.
 *
 * @category services
 * @since 0.1.0
 */
export class NegotiationService extends Context.Service<
  NegotiationService,
  {
    /**
     * What we remember of a peer, for `dial`. Whoever tries several places asks once, before the first: an attempt that
     * belongs to a time before there was a link must not pass for one that comes to replace it (N22).
     */
    readonly lastConnection: (pair: Pair) => Effect.Effect<string>
    /**
     * Asks for the Tub `wanted` on behalf of our Tub `tub`. `host` is what the location hint calls the server. `within`
     * is what is left of the caller's own time, where that is less than `Deadline`. `lastConnection` is what we remembered
     * when the caller began, where that was before now. `protocols` is offered instead of `ApplicationProtocols`. `name`
     * asks for a link beside the one link of the two Tubs (N30).
     *
     * Fails with `Redirect` if the server says that the Tub lives elsewhere; following is the Connector's work.
     */
    readonly dial: (
      transport: PlainTransport,
      options: {
        readonly tub: LocalTub
        readonly wanted: TubId
        readonly host: string
        readonly within?: Duration.Duration
        readonly lastConnection?: string
        readonly protocols?: Arr.NonEmptyReadonlyArray<string>
        readonly name?: string
      }
    ) => Effect.Effect<NegotiatedConnection, NegotiationError | Redirect, Scope.Scope>
    /**
     * Answers a client that has just connected. `protocols` is offered instead of `ApplicationProtocols`. `admit` says
     * whether a peer that has proven who it is may have a link; whoever may not is told so (N31). Fails with `Redirect` if
     * the client was sent elsewhere.
     */
    readonly accept: (
      transport: PlainTransport,
      options?: { readonly protocols?: Arr.NonEmptyReadonlyArray<string>; readonly admit?: Encrypted.Admit }
    ) => Effect.Effect<NegotiatedConnection, NegotiationError | Redirect, Scope.Scope>
  }
>()("@effect-foolscap/negotiation/NegotiationService") {
  /**
   * Negotiates for the Tubs of `LocalTubs`, remembering in `ConnectionTable`, within `Deadline`. What else is to be
   * settled, `ApplicationParameters` and `ApplicationProtocols` say; if these do not fit into a block together, two have
   * the same key, or a protocol has no proper name, building the layer dies.
   */
  static readonly layer: Layer.Layer<NegotiationService, never, ConnectionTable | LocalTubs | NextProtocol> =
    Layer.effect(
      NegotiationService,
      Effect.gen(function* () {
        const connections = yield* ConnectionTable
        const next = yield* NextProtocol
        const tubs = yield* LocalTubs
        // These and no more: the span, the tracer and the clock are those of whoever negotiates. One after the other, because to
        // merge two contexts is to copy both.
        const equipped =
          (scope: Scope.Scope) =>
          (here: Context.Context<never>): Context.Context<ConnectionTable | LocalTubs | NextProtocol | Scope.Scope> =>
            Context.add(here, ConnectionTable, connections).pipe(
              Context.add(LocalTubs, tubs),
              Context.add(NextProtocol, next),
              Context.add(Scope.Scope, scope)
            )
        // What lives as long as a link must not keep the spans that its negotiation runs in.
        const context = yield* Effect.context<never>()
        const deadline = yield* Deadline
        const anonymousPeers = yield* AnonymousPeers
        const others = yield* ApplicationParameters
        const speaking = (protocols: Arr.NonEmptyReadonlyArray<string>): Application.Application => {
          const application = { protocol: ApplicationProtocol.parameter(protocols), others }
          const mistake = Application.mistake(application)
          if (mistake !== undefined) throw new Error(mistake)
          return application
        }
        const usual = yield* Effect.map(ApplicationProtocols, speaking)

        /** ENCRYPTED and DECIDING, which differ in little between the two sides. */
        const settle = Effect.fnUntraced(function* (
          progress: Progress.Progress,
          plaintext: Duration.Duration,
          channel: BlockChannel<SecureTransport>,
          options: {
            readonly tub: LocalTub
            readonly wanted: TubId | undefined
            /** From a client only, as in Foolscap (N13). */
            readonly lastConnection: string | undefined
            readonly linkName: string | undefined
            readonly protocols: Arr.NonEmptyReadonlyArray<string> | undefined
            readonly admit: Encrypted.Admit
          }
        ) {
          const { admit, lastConnection, linkName, protocols, tub, wanted } = options
          const application = protocols === undefined ? usual : speaking(protocols)
          const { side } = progress
          const ours = new Hello({
            tubId: tub.tubId,
            versions: next.versions,
            vocabularies: next.vocabularies,
            incarnation: tub.incarnation,
            ...(lastConnection === undefined ? {} : { lastConnection }),
            ...(linkName === undefined ? {} : { linkName })
          })
          const [encrypted, met] = yield* inPhase(
            "Encrypted",
            Encrypted.run(progress, channel, { ours, application, wanted, anonymousPeers, admit })
          )
          // Only whoever dials says which of several links it means.
          const name = side === "client" ? linkName : met.theirs.linkName
          const [deciding, { link, parameters, role, seqnum }] = yield* inPhase(
            "Deciding",
            Deciding.run(progress, channel, { ...met, side, tub, name, application })
          )
          const connection: NegotiatedConnection = {
            side,
            role,
            local: tub.tubId,
            peer: met.peer,
            name,
            remoteAddress: channel.transport.remoteAddress,
            parameters,
            incarnations: { local: tub.incarnation, remote: met.theirs.incarnation },
            seqnum,
            timings: { plaintext, encrypted, deciding },
            socket: yield* LinkSocket.make(link, { early: channel.rest(), mayBeRefused: role === "Master", context }),
            ended: link.ended,
            hasEnded: Effect.sync(() => link.hasEnded),
            end: link.endWith,
            close: link.close
          }
          return connection
        })

        /** Runs the phases under the deadline. What they registered is taken back at once if a later step fails. */
        const conduct = (
          progress: Progress.Progress,
          limit: Duration.Duration,
          phases: Effect.Effect<
            NegotiatedConnection,
            Reason | Redirect,
            ConnectionTable | LocalTubs | NextProtocol | Scope.Scope
          >
        ): Effect.Effect<NegotiatedConnection, NegotiationError | Redirect, Scope.Scope> =>
          Effect.uninterruptibleMask((restore) =>
            Effect.gen(function* () {
              const parent = yield* Effect.scope
              const scope = yield* Scope.fork(parent)
              const exit = yield* phases.pipe(
                Effect.timeoutOrElse({
                  duration: limit,
                  orElse: () => Effect.fail(new DeadlineExceeded({ after: limit }))
                }),
                Effect.updateContext(equipped(scope)),
                restore,
                Effect.exit
              )
              if (Exit.isSuccess(exit)) {
                yield* Scope.addFinalizer(scope, exit.value.close)
                yield* annotate(progress, { role: exit.value.role })
                return exit.value
              }
              yield* Scope.close(scope, exit)
              yield* Farewell.bid(progress, exit.cause, next, parent)
              yield* annotate(progress, { failure: Option.getOrUndefined(Cause.findErrorOption(exit.cause)) })
              return yield* Effect.failCause(Cause.map(exit.cause, (failure) => locate(progress, failure)))
            })
          )

        return NegotiationService.of({
          lastConnection: connections.lastConnection,
          dial: Effect.fnUntraced(function* (transport, options) {
            const { host, name, protocols, tub, wanted, within = deadline } = options
            const progress = Progress.make("client", transport)
            yield* Spans.annotate({ "tub.side": "client", "tub.local_id": tub.tubId, "server.address": host })
            return yield* conduct(
              progress,
              Duration.min(within, deadline),
              Effect.gen(function* () {
                // What we remember now, at the latest, and not when our Hello goes out.
                const lastConnection =
                  options.lastConnection ??
                  (yield* connections.lastConnection({ local: tub.tubId, remote: wanted, name }))
                const [plaintext, channel] = yield* inPhase(
                  "Plaintext",
                  Plaintext.dial(progress, transport, { tub, wanted, host })
                )
                return yield* settle(progress, plaintext, channel, {
                  tub,
                  wanted,
                  lastConnection,
                  linkName: name,
                  protocols,
                  admit: everybody
                })
              })
            )
          }, Spans.within("Negotiation.dial")),
          accept: Effect.fnUntraced(function* (transport, { admit = everybody, protocols } = {}) {
            const progress = Progress.make("server", transport)
            yield* Spans.annotate({ "tub.side": "server" })
            return yield* conduct(
              progress,
              deadline,
              Effect.gen(function* () {
                const [plaintext, { channel, tub }] = yield* inPhase("Plaintext", Plaintext.accept(progress, transport))
                yield* Spans.annotate({ "tub.local_id": tub.tubId })
                return yield* settle(progress, plaintext, channel, {
                  tub,
                  wanted: undefined,
                  lastConnection: undefined,
                  linkName: undefined,
                  protocols,
                  admit
                })
              })
            )
          }, Spans.within("Negotiation.accept"))
        })
      })
    )
}

/** Runs a phase in a span of its own, and says how long it took. */
const inPhase = <A, E, R>(name: Phase, phase: Effect.Effect<A, E, R>): Effect.Effect<[Duration.Duration, A], E, R> =>
  Effect.timed(Spans.beside(`Negotiation.${name}`)(phase))

const everybody: Encrypted.Admit = () => Effect.succeed(true)

const locate = ({ peer, phase, side }: Progress.Progress, failure: Reason | Redirect): NegotiationError | Redirect =>
  failure._tag === "Redirect"
    ? failure
    : new NegotiationError({ phase, side, ...(peer === undefined ? {} : { peer }), reason: failure })

const annotate = (
  { peer }: Progress.Progress,
  outcome: { readonly role?: Role; readonly failure?: Reason | Redirect | undefined }
): Effect.Effect<void> =>
  Spans.annotate({ "tub.peer_id": peer, "tub.role": outcome.role, "error.type": outcome.failure?._tag })
