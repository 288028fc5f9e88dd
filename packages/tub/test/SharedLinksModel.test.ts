import type { LinkEnd } from "@effect-foolscap/negotiation/Link"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import { Tub } from "../src/Tub.ts"
import { target } from "./Dialling.ts"
import { high, low } from "./Network.ts"

const Side = Schema.Literals(["low", "high"])
const Place = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 }))

/** What may happen next. `which` counts those who hold or wait, from the oldest. */
const Step = Schema.Union([
  Schema.TaggedStruct("Connect", { side: Side }),
  Schema.TaggedStruct("LetGo", { which: Place }),
  Schema.TaggedStruct("Close", { which: Place }),
  Schema.TaggedStruct("Wait", { millis: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 })) }),
  Schema.TaggedStruct("Partition", {}),
  Schema.TaggedStruct("Heal", {}),
  Schema.TaggedStruct("Rest", {})
])

/** Somebody who has asked for the link, until it is let go. */
interface Holder {
  readonly side: typeof Side.Type
  readonly fiber: Fiber.Fiber<unknown, unknown>
  link: NegotiatedConnection | undefined
  readonly heard: Array<LinkEnd>
}

const play = Effect.fnUntraced(function* (
  net: SimulatedNetwork.SimulatedNetwork,
  steps: ReadonlyArray<typeof Step.Type>
) {
  const everyLink = new Set<NegotiatedConnection>()
  const start = Effect.fnUntraced(function* (side: typeof Side.Type) {
    const listener = Listener.layer(SimulatedHost.listen(net, side, 4711), {
      connected: (link) =>
        Effect.andThen(
          Effect.sync(() => everyLink.add(link)),
          Effect.never
        ),
      failed: () => Effect.void
    })
    const services = Layer.merge(listener, Connector.layer).pipe(
      Layer.provide(SimulatedHost.layerHintHandler(net, side)),
      Layer.provide(Tub.layer(side === "low" ? low : high))
    )
    return Context.get(yield* Layer.build(services), Connector).connect
  })
  const connect = { low: yield* start("low"), high: yield* start("high") }
  const holders: Array<Holder> = []

  const hold = Effect.fnUntraced(function* (side: typeof Side.Type) {
    const there = side === "low" ? target(high, "tcp:high:4711") : target(low, "tcp:low:4711")
    const heard: Array<LinkEnd> = []
    const fiber: Fiber.Fiber<unknown, unknown> = yield* Effect.gen(function* () {
      const link = yield* connect[side](there)
      holder.link = link
      everyLink.add(link)
      heard.push(yield* link.ended)
      yield* Effect.never
    }).pipe(Effect.scoped, Effect.forkScoped)
    const holder: Holder = { side, fiber, link: undefined, heard }
    holders.push(holder)
  })

  // Those who hold a link know whether it is there, and both Tubs mean the same one.
  const rest = Effect.gen(function* () {
    yield* net.heal("low", "high")
    yield* TestClock.adjust("5 minutes")
    const open = new Set<number | undefined>()
    for (const { fiber, heard, link } of holders) {
      assert.isTrue(link !== undefined || fiber.pollUnsafe() !== undefined, "somebody waits for ever")
      if (link === undefined) continue
      const hasEnded = yield* link.hasEnded
      assert.lengthOf(heard, hasEnded ? 1 : 0)
      if (!hasEnded) open.add(link.seqnum)
    }
    for (const link of everyLink) if (!(yield* link.hasEnded)) open.add(link.seqnum)
    assert.isAtMost(open.size, 1, "there is more than one link")
  })

  const take = (which: number): Holder | undefined => holders[which % Math.max(1, holders.length)]
  for (const step of steps) {
    switch (step._tag) {
      case "Connect":
        yield* hold(step.side)
        break
      case "LetGo": {
        const holder = take(step.which)
        if (holder === undefined) break
        holders.splice(holders.indexOf(holder), 1)
        holder.fiber.interruptUnsafe()
        break
      }
      case "Close":
        yield* Effect.forkScoped(take(step.which)?.link?.close ?? Effect.void)
        break
      case "Wait":
        yield* TestClock.adjust(step.millis)
        break
      case "Partition":
        yield* net.partition("low", "high")
        break
      case "Heal":
        yield* net.heal("low", "high")
        break
      case "Rest":
        yield* rest
    }
  }
  for (const { fiber } of holders.splice(0)) fiber.interruptUnsafe()
  yield* rest
  for (const link of everyLink) assert.isTrue(yield* link.hasEnded, "a link is left that nobody holds")
})

describe("The one link of two Tubs", () => {
  it.effect.prop(
    "is one, known to all who hold it, and gone when nobody does, whatever happens",
    [Schema.Array(Step).check(Schema.isMinLength(15), Schema.isMaxLength(30)), Schema.Int],
    ([steps, seed]) =>
      SimulatedNetwork.within(
        { hosts: ["low", "high"], seed, way: { latency: "10 millis", jitter: "20 millis" } },
        (net) => play(net, steps)
      ),
    { arbitrary: { runs: 200 } }
  )
})
