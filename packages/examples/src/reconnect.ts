/**
 * An application tests its own way of reconnecting, through a partition of ten minutes, without a socket and without a
 * second going by.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/reconnect.ts
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { TubId } from "@effect-foolscap/furl/TubId"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import * as SimulatedHost from "@effect-foolscap/tub/testing/SimulatedHost"
import { Tub } from "@effect-foolscap/tub/Tub"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Duration, Effect, Fiber, Layer, Schedule } from "effect"
import { TestClock } from "effect/testing"

const shop = SimulatedHost.identity(TubId.make("p34dey6aut5fvfk7jekonycc7apozbhf"))
const phone = SimulatedHost.identity(TubId.make("bkwv3voln2kkwhxhkj5bhsjw7n7qvlet"))
const furl = { tubId: shop.tubId, hints: [LocationHint.tcp("shop", 4711)] }

/** What is under test: the application's own idea of how to reach the shop. */
const reachShop = Effect.gen(function* () {
  const { dial } = yield* Connector
  return yield* dial(furl).pipe(Effect.retry(Schedule.spaced("20 seconds")))
})

const town = { hosts: ["shop", "phone"], seed: 1, way: { latency: "80 millis" } } as const

const test = Effect.fn(function* (network: SimulatedNetwork.SimulatedNetwork) {
  const endpoint = yield* SimulatedHost.listen(network, "shop", 4711)
  yield* Listener.serve(endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
    Effect.provide(Tub.layer(shop)),
    Effect.forkScoped
  )
  const connector = Connector.layer.pipe(
    Layer.provide([Tub.layer(phone), SimulatedHost.layerHintHandler(network, "phone")])
  )

  yield* network.partition("shop", "phone")
  const reaching = yield* Effect.forkChild(Effect.timed(reachShop).pipe(Effect.provide(connector)))
  yield* TestClock.adjust("10 minutes")
  yield* network.heal("shop", "phone")
  yield* TestClock.adjust("2 minutes")

  const [took] = yield* Fiber.join(reaching)
  const after = Duration.format(Duration.subtract(took, Duration.minutes(10)))
  yield* Console.log(`the phone was back in the shop ${after} after the network was`)
})

NodeRuntime.runMain(SimulatedNetwork.within(town, test).pipe(Effect.provide(TestClock.layer())))
