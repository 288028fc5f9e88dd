/**
 * Whether the peer is still there: PINGs into its silence, and an end to a silence that lasts too long.
 *
 * ```text
 *   last byte ──── KeepaliveTime ──▶ PING ──── KeepaliveTime ──▶ PING ...
 *   last byte ──────────────── DisconnectTime ────────────────▶ the end
 * ```
 *
 * Any byte is a sign of life. There is one sleeping fiber for each link, which nothing disturbs: when it wakes it looks at
 * when the last byte came, and sleeps for what is left.
 *
 * @since 0.1.0
 */
import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/**
 * How long a peer may be silent before it is sent a PING, and how long until the next one: 240 seconds, Foolscap's figure.
 * `Duration.infinity` for never. Only version 3 of Banana has PINGs. Read when a link is made.
 *
 * @category references
 * @since 0.1.0
 */
export const KeepaliveTime = Context.Reference<Duration.Duration>("@effect-foolscap/broker/KeepaliveTime", {
  defaultValue: () => Duration.seconds(240)
})

/**
 * How long a peer may be silent before the link ends: without limit by default, as in Foolscap. It ends as `KeepaliveLost` if
 * the peer has been asked for a sign of life since, and as `Idle` if not, which is what a time below `KeepaliveTime` leads
 * to. Read when a link is made.
 *
 * @category references
 * @since 0.1.0
 */
export const DisconnectTime = Context.Reference<Duration.Duration>("@effect-foolscap/broker/DisconnectTime", {
  defaultValue: () => Duration.infinity
})

/**
 * How long the peer has been silent, by the monotonic clock.
 *
 * @category models
 * @since 0.1.0
 */
export class Silence {
  private readonly clock: Clock.Clock
  private since: number
  private isListening = true
  /** How many PINGs the silence has been answered with. */
  pings = 0

  constructor(clock: Clock.Clock) {
    this.clock = clock
    this.since = this.now()
  }

  /** In milliseconds. There is none while nobody listens. */
  get length(): number {
    return this.isListening ? this.now() - this.since : 0
  }

  /** It is over: the peer has said something. */
  end(): void {
    this.since = this.now()
    this.pings = 0
  }

  /** Runs `waiting`, during which nothing is read that the peer may say. */
  readonly whileDeaf = <A, E, R>(waiting: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      this.isListening = false
      return Effect.ensuring(
        waiting,
        Effect.sync(() => {
          this.isListening = true
          this.end()
        })
      )
    })

  /**
   * Sleeps for so many milliseconds. When this process gets to run again only later than that, what the peer has said
   * meanwhile may not have been read yet: that time is no part of its silence.
   */
  readonly sleep = Effect.fnUntraced({ self: this }, function* (millis: number) {
    const until = this.now() + millis
    yield* Effect.sleep(Duration.millis(millis))
    const now = this.now()
    this.since = Math.min(now, this.since + Math.max(0, now - until))
  })

  private now(): number {
    return Number(this.clock.monotonicTimeNanosUnsafe()) / 1_000_000
  }
}

/**
 * Breaks the silence with `ping`, and gives up with `end`. Succeeds when it has given up, or when there is nothing to do.
 *
 * @category combinators
 * @since 0.1.0
 */
export const watch = Effect.fnUntraced(function* (
  silence: Silence,
  options: {
    readonly keepaliveTime: Duration.Duration
    readonly disconnectTime: Duration.Duration
    readonly ping: Effect.Effect<void>
    readonly end: (reason: LinkEnd) => Effect.Effect<void>
  }
) {
  const [keepalive, disconnect] = [limitOf(options.keepaliveTime), limitOf(options.disconnectTime)]
  while (Number.isFinite(keepalive) || Number.isFinite(disconnect)) {
    const { length } = silence
    if (length >= disconnect) {
      const after = options.disconnectTime
      return yield* options.end(silence.pings > 0 ? LinkEnd.KeepaliveLost({ after }) : LinkEnd.Idle({ after }))
    }
    if (length >= keepalive * (silence.pings + 1)) {
      silence.pings = Math.floor(length / keepalive)
      yield* options.ping
    }
    yield* silence.sleep(Math.min(keepalive * (silence.pings + 1), disconnect) - length)
  }
})

/** A time that is not above zero is none, as in Foolscap. */
const limitOf = (time: Duration.Duration): number => (Duration.isPositive(time) ? Duration.toMillis(time) : Infinity)
