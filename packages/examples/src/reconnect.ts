/**
 * An application watches itself reconnect, through a partition of five minutes and a link that breaks, without a socket and
 * without a second going by.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/reconnect.ts
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import * as Reconnector from "@effect-foolscap/tub/Reconnector"
import * as ReconnectorState from "@effect-foolscap/tub/ReconnectorState"
import * as SimulatedHost from "@effect-foolscap/tub/testing/SimulatedHost"
import { Tub } from "@effect-foolscap/tub/Tub"
import { NodeRuntime } from "@effect/platform-node"
import { Console, DateTime, Effect, Fiber, Layer, Random, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"

const shop = SimulatedHost.identity(TubId.make("p34dey6aut5fvfk7jekonycc7apozbhf"))
const phone = SimulatedHost.identity(TubId.make("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet"))
const furl = { tubId: shop.tubId, hints: [LocationHint.tcp("shop", 4711)] }

const say = Effect.fn(function* (words: string) {
  const now = yield* DateTime.now
  yield* Console.log(`${DateTime.formatIso(now).slice(11, 19)}  ${words}`)
})

/** The application: it keeps a link to the shop, and shows how that is getting on. */
const reachShop = Effect.gen(function* () {
  const { state } = yield* Reconnector.make(furl, {
    connected: (link) => say(`link ${link.seqnum} with the shop: what the phone wants to know can be asked now`)
  })
  const show = Effect.fn(function* (now: ReconnectorState.ReconnectorState) {
    yield* say(ReconnectorState.describe(now, yield* DateTime.now))
  })
  yield* Stream.runForEach(SubscriptionRef.changes(state), show)
})

const town = { hosts: ["shop", "phone"], seed: 1, way: { latency: "80 millis" } } as const

const test = Effect.fn(function* (network: SimulatedNetwork.SimulatedNetwork) {
  const endpoint = yield* SimulatedHost.listen(network, "shop", 4711)
  yield* Listener.serve(endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
    Effect.provide(Tub.layer(shop)),
    Effect.forkScoped
  )
  const services = Connector.layer.pipe(
    Layer.provide(SimulatedHost.layerHintHandler(network, "phone")),
    Layer.provideMerge(Tub.layer(phone))
  )

  yield* network.partition("shop", "phone")
  const reaching = yield* Effect.forkChild(Effect.scoped(Effect.provide(reachShop, yield* Layer.build(services))))
  yield* TestClock.adjust("5 minutes")
  yield* network.heal("shop", "phone")
  yield* TestClock.adjust("5 minutes")
  yield* network.reset("shop", "phone")
  yield* TestClock.adjust("5 minutes")
  yield* Fiber.interrupt(reaching)
})

const program = SimulatedNetwork.within(town, test).pipe(Random.withSeed("shop"), Effect.provide(TestClock.layer()))

NodeRuntime.runMain(program)
