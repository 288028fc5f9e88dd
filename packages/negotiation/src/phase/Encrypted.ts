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
  type Reason,
  TubIdMismatch,
  WrongTub
} from "../NegotiationError.ts"
import { NextProtocol } from "../NextProtocol.ts"
import * as Parameters from "../policy/Parameters.ts"
import type { Progress } from "../Progress.ts"
import type { SecureTransport } from "../Transport.ts"
import * as Hello from "../wire/Hello.ts"

/**
 * Who the peer is: the TubId that its certificate proves and its Hello claims (N16). Whoever replays another Tub's
 * Hello still cannot present its certificate.
 */
const identify = (
  claimed: string | undefined,
  proven: TubId | undefined
): Result.Result<TubId, AnonymousPeer | CertificateWithoutClaim | ClaimWithoutCertificate | TubIdMismatch> => {
  if (proven === undefined) {
    return Result.fail(claimed === undefined ? new AnonymousPeer() : new ClaimWithoutCertificate({ claimed }))
  }
  if (claimed === undefined) return Result.fail(new CertificateWithoutClaim({ proven }))
  return claimed === proven ? Result.succeed(proven) : Result.fail(new TubIdMismatch({ claimed, proven }))
}

/**
 * Exchanges Hellos. `wanted` is the Tub that was dialled; a server takes whoever comes.
 *
 * @category phases
 * @since 0.1.0
 */
export const run = Effect.fn("Negotiation.Encrypted")(function* (
  progress: Progress,
  channel: BlockChannel<SecureTransport>,
  options: { readonly ours: Hello.Hello; readonly wanted: TubId | undefined }
): Effect.fn.Return<
  { readonly peer: TubId; readonly theirs: Hello.Hello; readonly version: number },
  Reason,
  NextProtocol
> {
  const { ours, wanted } = options
  progress.phase = "Encrypted"
  progress.peer = channel.transport.proven
  yield* channel.send(Hello.format(ours))
  const theirs = yield* Effect.fromResult(Hello.read(yield* channel.receive("Hello")))

  // The order of these is Foolscap's, so that a peer with several faults hears of the same one (N15).
  const version = yield* Effect.fromResult(Parameters.version(yield* NextProtocol, theirs))
  if (theirs.forced?.toLowerCase() === "true") return yield* new NegotiationForced()
  const peer = yield* Effect.fromResult(identify(theirs.tubId, channel.transport.proven))
  if (wanted !== undefined && peer !== wanted) return yield* new WrongTub({ wanted, proven: peer })
  return { peer, theirs, version }
})
