/**
 * The PLAINTEXT phase: the client asks for a Tub, the server finds it, and both go on under TLS.
 *
 * ```text
 *   client ── GET /id/<TubId> ──────────▶ server
 *   client ◀── 101 Switching Protocols ── server
 *   client ◀═══════════ TLS ════════════▶ server
 * ```
 *
 * Ends with a transport that knows what certificate the peer has proven. Who that makes the peer is judged in the next
 * phase.
 *
 * @since 0.1.0
 */
import { TubId } from "@effect-foolscap/furl/TubId"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BlockChannel } from "../BlockChannel.ts"
import { LocalTubs } from "../LocalTubs.ts"
import type { LocalTub } from "../LocalTub.ts"
import { EarlyPlaintext, type Reason, TransportFailed, UnknownTubId } from "../NegotiationError.ts"
import type { Side } from "../policy/Master.ts"
import type { Progress } from "../Progress.ts"
import { Redirect } from "../Redirect.ts"
import type { PlainTransport, SecureTransport } from "../Transport.ts"
import * as Location from "../wire/Location.ts"
import * as Upgrade from "../wire/Upgrade.ts"

const isTubId = Schema.is(TubId)

const startTls = (
  progress: Progress,
  channel: BlockChannel<PlainTransport>,
  side: Side,
  { credentials }: LocalTub
): Effect.Effect<BlockChannel<SecureTransport>, TransportFailed> => {
  // Bytes that came too early are the TLS engine's to judge (N10), and while it works nothing can be said.
  progress.expected = "nothing"
  return channel.transport.startTls({ side, credentials, early: channel.rest() }).pipe(
    Effect.mapError((cause) => new TransportFailed({ cause })),
    Effect.map((transport) => {
      progress.transport = transport
      progress.expected = "block"
      return new BlockChannel(transport)
    })
  )
}

/**
 * The client's part: asks for the Tub `wanted` on behalf of our `tub`.
 *
 * @category phases
 * @since 0.1.0
 */
export const dial = Effect.fnUntraced(function* (
  progress: Progress,
  transport: PlainTransport,
  options: { readonly tub: LocalTub; readonly wanted: TubId; readonly host: string }
): Effect.fn.Return<BlockChannel<SecureTransport>, Reason | Redirect> {
  const { host, tub, wanted } = options
  const channel = new BlockChannel(transport)
  yield* channel.send(Upgrade.request(wanted, host))
  const answer = yield* Effect.fromResult(Upgrade.readAnswer(yield* channel.receive("answer", Upgrade.notAnAnswer)))
  if (answer._tag === "Redirected") {
    const hints = yield* Effect.fromResult(Location.read(wanted, answer.location))
    return yield* new Redirect({ side: "client", tubId: wanted, hints })
  }
  // The server speaks TLS only after our ClientHello, so whatever came with the 101 is not TLS (N10).
  if (channel.hasMore) return yield* new EarlyPlaintext()
  return yield* startTls(progress, channel, "client", tub)
})

/**
 * The server's part: finds the Tub that the client asks for.
 *
 * @category phases
 * @since 0.1.0
 */
export const accept = Effect.fnUntraced(function* (
  progress: Progress,
  transport: PlainTransport
): Effect.fn.Return<
  { readonly channel: BlockChannel<SecureTransport>; readonly tub: LocalTub },
  Reason | Redirect,
  LocalTubs
> {
  const tubs = yield* LocalTubs
  const channel = new BlockChannel(transport)
  progress.expected = "http"
  const asked = yield* Effect.fromResult(Upgrade.readRequest(yield* channel.receive("request", Upgrade.notARequest)))
  // TubIds are looked up as they are written: `<id>/` and upper case are other names (N8).
  if (!isTubId(asked)) return yield* new UnknownTubId({ asked })
  const found = yield* tubs.find(asked)
  switch (found._tag) {
    case "Here":
      progress.expected = "nothing"
      yield* channel.send(Upgrade.switching)
      return { channel: yield* startTls(progress, channel, "server", found.tub), tub: found.tub }
    case "Elsewhere": {
      progress.expected = "nothing"
      yield* channel.send(Upgrade.redirect(Location.format(asked, found.hints)))
      return yield* new Redirect({ side: "server", tubId: asked, hints: found.hints })
    }
    case "Unknown":
      return yield* new UnknownTubId({ asked })
  }
})
