import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import type { NegotiatedConnection } from "../src/NegotiatedConnection.ts"
import type { PlainTransport } from "../src/Transport.ts"
import { attempt, type Ends } from "./Both.ts"
import { outcomeOf } from "./Peer.ts"
import { high, low, side } from "./Sides.ts"

/** Lets others go first, a number of times, before it reads. */
const hesitating =
  (times: number) =>
  (transport: PlainTransport): PlainTransport => {
    const hesitate = Effect.forEach(Array.from({ length: times }), () => Effect.yieldNow, { discard: true })
    return {
      ...transport,
      pull: Effect.andThen(hesitate, transport.pull),
      startTls: (options) =>
        Effect.map(transport.startTls(options), (secure) => ({
          ...secure,
          pull: Effect.andThen(hesitate, secure.pull)
        }))
    }
  }

/** Whether a link has ended, once all that does not wait for time has happened. */
const hasEnded = Effect.fnUntraced(function* ({ ended }: NegotiatedConnection) {
  const ending = yield* Effect.forkChild(ended)
  yield* TestClock.adjust(1)
  return ending.pollUnsafe() !== undefined
})

const turns = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 12 }))
const Attempt = Schema.Struct({
  dials: Schema.Literals(["one", "two"]),
  /** How often each end lets the others go first before it reads. */
  client: turns,
  server: turns
})
const Crowd = Schema.NonEmptyArray(Attempt).check(Schema.isMaxLength(6))

const isRefused = ({ client, server }: Effect.Success<ReturnType<typeof attempt>>): boolean =>
  [outcomeOf(client), outcomeOf(server)].toSorted().join() === "Deciding DuplicateConnection,Deciding PeerRefused"

describe("Of any crowd of attempts at once", () => {
  for (const [who, first, second] of [
    ["between two Tubs", low, high],
    ["of a Tub to reach itself", high, high]
  ] as const) {
    it.effect.prop(
      `${who}, one link stands: the newest, and all else was refused or replaced (N17, N22)`,
      [Crowd],
      ([crowd]) =>
        Effect.gen(function* () {
          const one = yield* side(first)
          const two = first === second ? one : yield* side(second)
          const ends = yield* Effect.forEach(
            crowd,
            ({ client, dials, server }) => {
              const through = { client: hesitating(client), server: hesitating(server) }
              return dials === "one" ? attempt(one, two, through) : attempt(two, one, through)
            },
            { concurrency: "unbounded" }
          )
          const links: Array<Ends<NegotiatedConnection>> = []
          for (const { client, server } of ends) {
            if (Exit.isSuccess(client) && Exit.isSuccess(server))
              links.push({ client: client.value, server: server.value })
          }
          assert.strictEqual(links.length + ends.filter(isRefused).length, crowd.length)
          links.sort((a, b) => (a.server.seqnum ?? 0) - (b.server.seqnum ?? 0))
          const newest = links.pop() ?? assert.fail("no link")
          // An attempt that set out when there was a link already may have taken its place.
          for (const { client, server } of links) {
            assert.isTrue((yield* hasEnded(client)) && (yield* hasEnded(server)))
          }
          assert.deepStrictEqual([yield* hasEnded(newest.client), yield* hasEnded(newest.server)], [false, false])
        }).pipe(Effect.scoped)
    )
  }
})
