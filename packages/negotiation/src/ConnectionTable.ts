/**
 * The port to what a Tub remembers of its peers: the live connections, the numbers it gave out as Master, and the last
 * Decision it obeyed (N21). It keeps at most one connection for each pair of Tubs (N22), and beside that one for each
 * name (N30).
 *
 * @since 0.1.0
 */
import type { TubId } from "@effect-foolscap/furl/TubId"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { type Link, LinkEnd } from "./Link.ts"
import { DuplicateConnection, type MalformedBlock } from "./NegotiationError.ts"
import * as Duplicate from "./policy/Duplicate.ts"
import type { Role } from "./policy/Master.ts"
import type { Hello } from "./wire/Hello.ts"

/**
 * Which connection it is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Pair {
  readonly local: TubId
  readonly remote: TubId
  /** The name of a link beside the one link of the two Tubs (N30). `undefined` for that one. */
  readonly name?: string | undefined
}

/**
 * What to do with peers of the first versions, which say too little to decide: `"refuse"` the new connection (Foolscap's
 * default and ours), or let it replace one that is at least this old. Read when the layer is built.
 *
 * @category references
 * @since 0.1.0
 */
export const HandleOldPeers = Context.Reference<Duplicate.HandleOldPeers>(
  "@effect-foolscap/negotiation/ConnectionTable/HandleOldPeers",
  { defaultValue: () => "refuse" }
)

/**
 * Remembers connections.
 *
 * @category services
 * @since 0.1.0
 */
export class ConnectionTable extends Context.Service<
  ConnectionTable,
  {
    /**
     * What a client says it remembers of this peer: `<incarnation> <seqnum>` of the last Decision it obeyed, or
     * `none 0`. Of links with a name nothing is remembered here: whoever dials them does (N30).
     */
    readonly lastConnection: (pair: Pair) => Effect.Effect<string>
    /**
     * The Master's step: compares the offer with the connection there is, ends that one or refuses, registers the new
     * one until the Scope closes, and gives its sequence number. Nothing can come between the comparison and the
     * registration, and an old connection has ended when this succeeds.
     */
    readonly claim: (
      pair: Pair,
      options: {
        readonly link: Link
        readonly offer: Pick<Hello, "incarnation" | "lastConnection">
        /** Our own present incarnation. */
        readonly incarnation: string
      }
    ) => Effect.Effect<number, DuplicateConnection | MalformedBlock, Scope.Scope>
    /**
     * The NonMaster's step: ends the connection there is, because the Master chose another, registers the new one until
     * the Scope closes, and remembers `current-connection` of the Decision.
     */
    readonly obey: (
      pair: Pair,
      options: { readonly link: Link; readonly currentConnection: string | undefined }
    ) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@effect-foolscap/negotiation/ConnectionTable") {
  /**
   * Remembers in memory, as Foolscap does: a restart forgets everything, which a new incarnation tells the peers.
   * Until then it keeps a few hundred bytes for every TubId it has met, as Foolscap does; so an open port remembers
   * everyone who took the trouble to make a certificate.
   */
  static readonly layerMemory: Layer.Layer<ConnectionTable> = Layer.effect(
    ConnectionTable,
    Effect.gen(function* () {
      const handleOldPeers = yield* HandleOldPeers
      const connections = new Map<string, Entry>()
      const given = new Map<string, number>()
      const obeyed = new Map<string, string>()

      const live = (key: string): Entry | undefined => {
        const entry = connections.get(key)
        return entry?.link.hasEnded === false ? entry : undefined
      }
      // From here on both connections are in order: the new one is registered, and the old one is told that it ended.
      const settle = (key: string, entry: Entry, old: Entry | undefined): Effect.Effect<void, never, Scope.Scope> => {
        const forget = Effect.sync(() => {
          if (connections.get(key) === entry) connections.delete(key)
        })
        return Effect.andThen(
          // Not `Effect.addFinalizer`, which would keep the spans of the negotiation for as long as the link.
          Effect.flatMap(Effect.scope, (scope) => Scope.addFinalizer(scope, forget)),
          old === undefined ? Effect.void : old.link.endWith(LinkEnd.Replaced())
        )
      }

      return ConnectionTable.of({
        lastConnection: (pair) => Effect.sync(() => obeyed.get(keyOf(pair, "NonMaster")) ?? "none 0"),

        claim: Effect.fnUntraced(function* (pair, { incarnation, link, offer }) {
          const now = yield* Clock.monotonicTimeNanos
          const key = keyOf(pair, "Master")
          const counted = keyOf({ ...pair, name: undefined }, "Master")
          // Comparing and registering: no `yield*` may come between the two.
          const existing = live(key)
          if (existing !== undefined) {
            const age = Duration.nanos(now - existing.since)
            const judged = Duplicate.judge({ existing: { ...existing, age }, offer, ours: incarnation, handleOldPeers })
            if (Result.isFailure(judged)) return yield* judged.failure
            if (!Duplicate.accepts(judged.success)) return yield* new DuplicateConnection({ row: judged.success })
          }
          // All links of a pair are counted together, so that what a name once stood for need not be remembered.
          const seqnum = (given.get(counted) ?? 0) + 1
          given.set(counted, seqnum)
          const { incarnation: theirs, lastConnection } = offer
          const entry = { link, incarnation: theirs, lastConnection, seqnum, since: now }
          connections.set(key, entry)
          yield* settle(key, entry, existing)
          return seqnum
        }, Effect.uninterruptible),

        obey: Effect.fnUntraced(function* (pair, { currentConnection, link }) {
          const now = yield* Clock.monotonicTimeNanos
          const key = keyOf(pair, "NonMaster")
          const memory = rememberable(currentConnection)
          if (memory !== undefined && pair.name === undefined) obeyed.set(key, memory)
          const existing = live(key)
          const entry = { link, incarnation: undefined, lastConnection: undefined, seqnum: 0, since: now }
          connections.set(key, entry)
          yield* settle(key, entry, existing)
        }, Effect.uninterruptible)
      })
    })
  )
}

interface Entry {
  readonly link: Link
  readonly incarnation: string | undefined
  readonly lastConnection: string | undefined
  readonly seqnum: number
  /** Nanoseconds of the monotonic clock. */
  readonly since: bigint
}

// The role is part of the key for the one Tub that dials itself: there, both ends of a connection live in one table.
const keyOf = ({ local, name = "", remote }: Pair, role: Role): string => `${role} ${local} ${remote} ${name}`

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/**
 * What can be sent back as `last-connection`: two words of moderate length. Foolscap stores whatever it gets.
 *
 * The words are copied, because a part of a text keeps the whole of it in memory, and this is kept for good.
 */
const rememberable = (currentConnection: string | undefined): string | undefined => {
  const [, master, seqnum] = currentConnection?.match(/^\s*(\S{1,64})\s+(\S{1,32})(?:\s|$)/) ?? []
  return seqnum === undefined ? undefined : decoder.decode(encoder.encode(`${master} ${seqnum}`))
}
