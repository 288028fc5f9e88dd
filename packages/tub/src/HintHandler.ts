/**
 * The port that turns a LocationHint into a connected transport, put together from one handler for each kind of hint.
 *
 * ```text
 *   tcp:a:1          ──▶ tcp  ──▶ transport
 *   unix:%2Frun%2Fs  ──▶ unix ──▶ transport
 *   tor:a.onion:1    ──▶ no handler: UnknownHint, and the other hints are tried all the same
 * ```
 *
 * `@effect-foolscap/node/NodeHintHandler` has handlers for `tcp` and `unix`, `@effect-foolscap/node/Socks5` makes one for
 * whatever a proxy reaches.
 *
 * @since 0.1.0
 */
import type { LocationHint } from "@effect-foolscap/furl/LocationHint"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"

/**
 * The first 100 characters or so of a hint, for a message: what a peer wrote may be thousands long.
 *
 * @category formatting
 * @since 0.1.0
 */
export const abbreviate = (hint: string, limit = 100): string =>
  hint.length > limit ? `${hint.slice(0, limit)}...` : hint

// What the usual codes of an operating system mean to somebody who dials.
const advices = {
  ECONNREFUSED: "; nothing listens there: is it running, and is the address right?",
  ENOENT: "; there is no such socket: is it running?",
  EACCES: "; this user may not connect to it",
  ENOTFOUND: "; there is no such name",
  EHOSTUNREACH: "; there is no way to that address",
  ENETUNREACH: "; there is no way to that network"
}

/**
 * Nothing answered at a hint: the name did not resolve, the port was refused, the network unreachable.
 *
 * @category errors
 * @since 0.1.0
 */
export class Unreachable extends Schema.TaggedError<Unreachable>("@effect-foolscap/tub/Unreachable")("Unreachable", {
  /** The hint as it stands in the FURL or in the redirect. */
  hint: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    const said = this.cause instanceof Error ? this.cause.message : String(this.cause)
    const [, advice = ""] = Object.entries(advices).find(([code]) => said.includes(code)) ?? []
    // A system that cannot resolve a name repeats it.
    return `cannot reach ${abbreviate(this.hint)}: ${abbreviate(said, 300)}${advice}`
  }
}

/**
 * The hint is of a kind (`tor`, `i2p` ...) that no handler here knows, or is not well formed for its kind. It is skipped;
 * trying again cannot help.
 *
 * @category errors
 * @since 0.1.0
 */
export class UnknownHint extends Schema.TaggedError<UnknownHint>("@effect-foolscap/tub/UnknownHint")("UnknownHint", {
  /** The hint as it stands in the FURL or in the redirect. */
  hint: Schema.String,
  /** The kinds that there are handlers for, where none fits. */
  kinds: Schema.Array(Schema.String).pipe(Schema.withConstructorDefault(Effect.succeed([]))),
  /** What a hint of this kind looks like, where there is a handler that cannot read this one. */
  form: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const hint = abbreviate(this.hint)
    if (this.form !== undefined) return `${hint} is malformed; a hint of this kind is ${this.form}`
    const only = this.kinds.length === 0 ? "" : `, only to ${inWords.format(this.kinds)} hints`
    return `no handler here connects to ${hint}${only}`
  }
}

const inWords = new Intl.ListFormat("en-GB")

/**
 * Connects to hints of one kind. One that it cannot read fails with an `UnknownHint` that holds the `form` of those it
 * can.
 *
 * The transport belongs to the Scope; interruption abandons the attempt, as it does when the time of the dial is over.
 *
 * @category models
 * @since 0.1.0
 */
export type KindHandler = (hint: LocationHint) => Effect.Effect<PlainTransport, Unreachable | UnknownHint, Scope.Scope>

/**
 * Opens connections to the places that FURLs name.
 *
 * @category services
 * @since 0.1.0
 */
export class HintHandler extends Context.Service<
  HintHandler,
  {
    /**
     * Connects to the hint. The transport belongs to the Scope; interruption abandons the attempt, as it does when the
     * time of the dial is over. A defect ends the whole dial, also where another hint would lead to the Tub.
     */
    readonly connect: KindHandler
  }
>()("@effect-foolscap/tub/HintHandler") {
  /**
   * Hands each hint to the handler for its kind; `tcp` is also the kind of the oldest form, `HOST:PORT`. A hint of a kind
   * that is not among them fails with `UnknownHint`.
   *
   * ```ts
   * import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
   * import * as Socks5 from "@effect-foolscap/node/Socks5"
   * import { HintHandler } from "@effect-foolscap/tub/HintHandler"
   *
   * export const withTor = HintHandler.layer({
   *   ...NodeHintHandler.handlers,
   *   tor: Socks5.handler({ proxy: { host: "127.0.0.1", port: 9050 } })
   * })
   * ```
   */
  static readonly layer = (handlers: Readonly<Record<string, KindHandler>>): Layer.Layer<HintHandler> => {
    // A Map, because a kind is whatever a peer wrote: `constructor` finds nothing here.
    const byKind = new Map(Object.entries(handlers))
    const kinds = [...byKind.keys()]
    return Layer.succeed(HintHandler)({
      connect: (hint) => {
        const connect = byKind.get(hint.kind)
        return connect === undefined ? Effect.fail(new UnknownHint({ hint: hint.text, kinds })) : connect(hint)
      }
    })
  }
}
