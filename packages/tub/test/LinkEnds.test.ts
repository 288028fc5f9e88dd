import { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { Admit } from "@effect-foolscap/negotiation/phase/Encrypted"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector, LinkIdleTime } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import { Tub } from "../src/Tub.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import { target } from "./Dialling.ts"
import { high, low } from "./Network.ts"

const town = { hosts: ["home", "away"], seed: 1, way: { latency: "10 millis" } } as const

const layerOf = ({ tubId }: TubIdentity) => Tub.layer(SimulatedHost.identity(tubId))

/** A Tub at home that has dialled one away. Two hold the link, and note how it ends. */
const meeting = Effect.fnUntraced(function* (
  net: SimulatedNetwork.SimulatedNetwork,
  [self, other]: readonly [TubIdentity, TubIdentity],
  admit: Admit = () => Effect.succeed(true)
) {
  const answered = yield* Queue.unbounded<NegotiatedConnection>()
  const listener = Listener.layer(SimulatedHost.listen(net, "away", 4711), {
    connected: (connection) => Effect.andThen(Queue.offer(answered, connection), Effect.never),
    failed: () => Effect.void,
    admit
  })
  yield* Layer.build(Layer.provide(listener, layerOf(other)))
  const program = yield* Scope.make()
  const services = Connector.layer.pipe(
    Layer.provide(SimulatedHost.layerHintHandler(net, "home")),
    Layer.provide(layerOf(self)),
    Layer.provide(Layer.succeed(LinkIdleTime)(Duration.seconds(10)))
  )
  const { connect, dial } = Context.get(yield* Layer.buildWithScope(services, program), Connector)
  const there = target(other, "tcp:away:4711")
  const heard: Array<LinkEnd> = []
  const holders = yield* Scope.make()
  const hold = Effect.gen(function* () {
    const link = yield* Scope.provide(connect(there), holders)
    yield* Effect.forkScoped(
      Effect.tap(link.ended, (end) => Effect.sync(() => heard.push(end))),
      { startImmediately: true }
    )
    return link
  })
  const holding = yield* Effect.forkScoped(Effect.all([hold, hold], { concurrency: "unbounded" }))
  yield* TestClock.adjust("1 second")
  const [link] = yield* Fiber.join(holding)
  return {
    net,
    link,
    heard,
    answered: Queue.take(answered),
    dialAnew: dial(there),
    letGo: Scope.close(holders, Exit.void),
    closeProgram: Scope.close(program, Exit.void)
  }
})

type Meeting = Effect.Success<ReturnType<typeof meeting>>

const upwards = [low, high] as const
const downwards = [high, low] as const

const nobody: Admit = () => Effect.succeed(false)

/** What makes a link end, as whom, and for what reason. */
const causes: ReadonlyArray<{
  readonly when: string
  readonly happens: (meeting: Meeting) => Effect.Effect<unknown, unknown, Scope.Scope>
  readonly end: LinkEnd["_tag"]
  readonly tubs?: readonly [TubIdentity, TubIdentity]
  readonly admit?: Admit
}> = [
  {
    when: "the peer closes",
    happens: ({ answered }) => Effect.flatMap(answered, ({ close }) => close),
    end: "ClosedByPeer"
  },
  { when: "the connection is reset", happens: ({ net }) => net.reset("home", "away"), end: "Lost" },
  { when: "a newer one takes its place", happens: ({ dialAnew }) => dialAnew, end: "Replaced" },
  { when: "nobody has held it for LinkIdleTime", happens: ({ letGo }) => letGo, end: "Idle" },
  {
    when: "its protocol misses a sign of life",
    happens: ({ link }) => link.end(LinkEnd.KeepaliveLost({ after: Duration.minutes(4) })),
    end: "KeepaliveLost"
  },
  {
    when: "the peer refuses what its Master had decided (N25)",
    happens: () => Effect.void,
    end: "RefusedByPeer",
    tubs: downwards,
    admit: nobody
  },
  { when: "it is closed", happens: ({ link }) => link.close, end: "Closed" },
  { when: "the Scope of its Connector closes", happens: ({ closeProgram }) => closeProgram, end: "Closed" }
]

describe("A link", () => {
  for (const { admit, end, happens, tubs = upwards, when } of causes) {
    it.effect(`ends as ${end}, which each of its holders hears once, when ${when}`, () =>
      SimulatedNetwork.within(
        town,
        Effect.fn(function* (net) {
          const met = yield* meeting(net, tubs, admit)
          if (end !== "RefusedByPeer") assert.deepStrictEqual(met.heard, [])
          yield* Effect.forkChild(Effect.exit(happens(met)))
          yield* TestClock.adjust("1 minute")
          assert.deepStrictEqual(
            met.heard.map(({ _tag }) => _tag),
            [end, end]
          )
          assert.isTrue(yield* met.link.hasEnded)
          assert.strictEqual((yield* met.link.ended)._tag, end)
        })
      )
    )
  }

  const End = Schema.Literals(["Idle", "KeepaliveLost", "close", "the peer closes", "reset", "the program ends"])

  const bring: Record<
    typeof End.Type,
    { readonly end: LinkEnd["_tag"]; readonly by: (met: Meeting) => Effect.Effect<unknown> }
  > = {
    Idle: { end: "Idle", by: ({ link }) => link.end(LinkEnd.Idle({ after: Duration.seconds(1) })) },
    KeepaliveLost: {
      end: "KeepaliveLost",
      by: ({ link }) => link.end(LinkEnd.KeepaliveLost({ after: Duration.seconds(1) }))
    },
    close: { end: "Closed", by: ({ link }) => link.close },
    "the peer closes": { end: "ClosedByPeer", by: ({ answered }) => Effect.flatMap(answered, ({ close }) => close) },
    reset: { end: "Lost", by: ({ net }) => net.reset("home", "away") },
    "the program ends": { end: "Closed", by: ({ closeProgram }) => closeProgram }
  }

  it.effect.prop("keeps the first reason, whatever comes after it", [End, End], ([first, second]) =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const met = yield* meeting(net, upwards)
        yield* Effect.forkChild(bring[first].by(met))
        // Word of it takes 10 ms.
        yield* TestClock.adjust("15 millis")
        yield* Effect.forkChild(bring[second].by(met))
        yield* TestClock.adjust("1 minute")
        const { end } = bring[first]
        assert.deepStrictEqual([...met.heard.map(({ _tag }) => _tag), (yield* met.link.ended)._tag], [end, end, end])
      })
    )
  )
})
