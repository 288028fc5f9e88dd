/**
 * The ENCRYPTED phase: both sides speak at once, each sends one Hello.
 *
 * ```text
 *   client ── Hello ──▶ server
 *   client ◀── Hello ── server
 * ```
 *
 * Ends with the peer's Hello, the proof that it is the peer's own, and a version that both sides speak.
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { BlockChannel } from "../BlockChannel.ts"
import {
  AnonymousPeer,
  CertificateWithoutClaim,
  ClaimWithoutCertificate,
  NegotiationForced,
  NotAdmitted,
  type Reason,
  TubIdMismatch,
  WrongTub
} from "../NegotiationError.ts"
import { NextProtocol } from "../NextProtocol.ts"
import * as Application from "../policy/Application.ts"
import * as Parameters from "../policy/Parameters.ts"
import type { Progress } from "../Progress.ts"
import type { SecureTransport } from "../Transport.ts"
import * as Block from "../wire/Block.ts"
import * as Hello from "../wire/Hello.ts"

/**
 * Whether a peer is accepted that neither proves nor claims to be anybody (N16).
 *
 * @category models
 * @since 0.1.0
 */
export type AnonymousPeers = "refuse" | "accept"

/**
 * Whether a peer that has proven who it is may have a link; `undefined` is an anonymous one.
 *
 * @category models
 * @since 0.1.0
 */
export type Admit = (peer: TubId | undefined) => Effect.Effect<boolean>

/**
 * Who the peer is: the TubId that its certificate proves and its Hello claims, `undefined` if it is anonymous and may be
 * (N16). Whoever replays another Tub's Hello still cannot present its certificate.
 */
const identify = (
  claimed: string | undefined,
  proven: TubId | undefined,
  anonymousPeers: AnonymousPeers
): Result.Result<
  TubId | undefined,
  AnonymousPeer | CertificateWithoutClaim | ClaimWithoutCertificate | TubIdMismatch
> => {
  if (proven === undefined) {
    if (claimed !== undefined) return Result.fail(new ClaimWithoutCertificate({ claimed }))
    return anonymousPeers === "accept" ? Result.succeed(undefined) : Result.fail(new AnonymousPeer())
  }
  if (claimed === undefined) return Result.fail(new CertificateWithoutClaim({ proven }))
  return claimed === proven ? Result.succeed(proven) : Result.fail(new TubIdMismatch({ claimed, proven }))
}

/**
 * What this phase learns of the peer.
 *
 * @category models
 * @since 0.1.0
 */
export interface Met {
  /** Who the peer is. Only a server meets peers that are nobody. */
  readonly peer: TubId | undefined
  readonly theirs: Hello.Hello
  /** The whole of the peer's Hello, for what the application has to settle. */
  readonly theirHello: Block.Block
  readonly version: number
}

/**
 * Exchanges Hellos. `wanted` is the Tub that was dialled; a server takes whoever comes, as far as `anonymousPeers` goes.
 *
 * @category phases
 * @since 0.1.0
 */
export const run = Effect.fnUntraced(function* (
  progress: Progress,
  channel: BlockChannel<SecureTransport>,
  options: {
    readonly ours: Hello.Hello
    readonly application: Application.Application
    readonly wanted: TubId | undefined
    readonly anonymousPeers: AnonymousPeers
    readonly admit: Admit
  }
): Effect.fn.Return<Met, Reason, NextProtocol> {
  const { admit, anonymousPeers, application, ours, wanted } = options
  progress.phase = "Encrypted"
  progress.peer = channel.transport.proven
  yield* channel.send(Hello.format(ours, Application.offers(application)))
  const theirHello = yield* Effect.fromResult(Block.parse(yield* channel.receive("Hello")))
  const theirs = yield* Effect.fromResult(Hello.read(theirHello))

  // The order of these is Foolscap's, so that a peer with several faults hears of the same one (N15).
  const version = yield* Effect.fromResult(Parameters.version(yield* NextProtocol, theirs))
  if (theirs.forced?.toLowerCase() === "true") return yield* new NegotiationForced()
  const peer = yield* Effect.fromResult(identify(theirs.tubId, channel.transport.proven, anonymousPeers))
  if (wanted !== undefined && peer !== wanted) {
    // Whoever dials has somebody in mind, who cannot be nobody.
    return yield* peer === undefined ? new AnonymousPeer() : new WrongTub({ wanted, proven: peer })
  }
  if (!(yield* admit(peer))) return yield* new NotAdmitted({ ...(peer === undefined ? {} : { peer }) })
  yield* Effect.fromResult(Application.check(application, theirHello))
  return { peer, theirs, theirHello, version }
})
