/** Acquaintance: a memory of peers that were met before and have gone, filled by what a negotiation fills it by. */
import { Link } from "@effect-foolscap/negotiation/Link"
import type { LocalTub } from "@effect-foolscap/negotiation/LocalTub"
import { roleOf } from "@effect-foolscap/negotiation/policy/Master"
import * as MemoryTransport from "@effect-foolscap/negotiation/testing/MemoryTransport"
import * as Effect from "effect/Effect"
import type { Memory } from "./Program.ts"

export type Peer = Pick<LocalTub, "incarnation" | "tubId">

/**
 * One negotiation with each of them. Where we are the Master, the number that it got stays, where we are not, what we were
 * told: for about one half of them each.
 */
export const meet = Effect.fnUntraced(function* (memory: Memory, ours: Peer, peers: Iterable<Peer>) {
  const link = yield* anyLink
  for (const { incarnation, tubId } of peers) {
    const pair = { local: ours.tubId, remote: tubId }
    const offer = { incarnation, lastConnection: "none 0" }
    // The Scope is that of the link.
    yield* Effect.scoped(
      roleOf("server", ours.tubId, tubId) === "Master"
        ? Effect.asVoid(memory.claim(pair, { link, offer, incarnation: ours.incarnation }))
        : memory.obey(pair, { link, currentConnection: `${incarnation} 1` })
    )
  }
})

/** Nobody uses it: it is what is registered. */
const anyLink = Effect.gen(function* () {
  const { client, server } = yield* MemoryTransport.makePair()
  const options = { credentials: MemoryTransport.anonymous, early: new Uint8Array() }
  const [transport] = yield* Effect.all(
    [client.startTls({ side: "client", ...options }), server.startTls({ side: "server", ...options })],
    { concurrency: 2 }
  )
  return yield* Link.make(transport)
})
