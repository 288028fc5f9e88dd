import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as SimulatedNetwork from "@effect-foolscap/negotiation/testing/SimulatedNetwork"
import { closeLimit } from "@effect-foolscap/negotiation/Transport"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import { HintHandler } from "../src/HintHandler.ts"
import * as Listener from "../src/Listener.ts"
import * as SimulatedHost from "../src/testing/SimulatedHost.ts"
import { Tub } from "../src/Tub.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import { target } from "./Dialling.ts"
import { high, hints, identity, low, middle } from "./Network.ts"

const stranger = identity("5b633fkrmh5ljnyzrd43joa4f6gkcpz6")

type Net = SimulatedNetwork.SimulatedNetwork

/** An application on a host of its own name: a Tub that dials and listens. */
const program = Effect.fnUntraced(function* (net: Net, host: string, self: TubIdentity) {
  const links = yield* Queue.unbounded<NegotiatedConnection>()
  const listener = Listener.layer(SimulatedHost.listen(net, host, 4711), {
    connected: (connection) => Effect.andThen(Queue.offer(links, connection), Effect.never),
    failed: () => Effect.void
  })
  const services = listener.pipe(
    Layer.provideMerge(Connector.layer),
    Layer.provide(SimulatedHost.layerHintHandler(net, host)),
    Layer.provideMerge(Tub.layer(self))
  )
  const scope = yield* Scope.make()
  const { connect } = Context.get(yield* Layer.buildWithScope(services, scope), Connector)
  return { connect, links, close: Scope.close(scope, Exit.void) }
})

/** Runs it while a second goes by. */
const inASecond = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkScoped(effect)
    yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })

/** An application that has dialled a friend, and that a guest has dialled. */
const meeting = Effect.fnUntraced(function* (net: Net) {
  const app = yield* program(net, "app", middle)
  const friend = yield* program(net, "friend", high)
  const guest = yield* program(net, "guest", low)
  const dialled = yield* inASecond(app.connect(target(high, "tcp:friend:4711")))
  const dialledBy = yield* inASecond(guest.connect(target(middle, "tcp:app:4711")))
  const answered = yield* Queue.take(app.links)
  return { app, ours: [dialled, answered], theirs: [yield* Queue.take(friend.links), dialledBy] }
})

/** Tries to come to a port of the application. */
const come = Effect.fnUntraced(function* (net: Net) {
  const { connect } = Context.get(yield* Layer.build(SimulatedHost.layerHintHandler(net, "guest")), HintHandler)
  const [hint] = hints("tcp:app:4711")
  assert.isDefined(hint)
  return yield* Effect.scoped(Effect.flip(connect(hint)))
})

const tagsOf = (links: ReadonlyArray<NegotiatedConnection>) =>
  Effect.forEach(links, ({ ended }) => Effect.map(ended, ({ _tag }) => _tag))

const town = { hosts: ["app", "friend", "guest"], seed: 1, way: { latency: "10 millis" } } as const

describe("Listener.layer", () => {
  it.effect("serves from when it is built, also the Tub itself", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { connect, links } = yield* program(net, "app", middle)
        const link = yield* connect(target(middle))
        assert.strictEqual(link.seqnum, (yield* Queue.take(links)).seqnum)
      })
    )
  )
})

describe("An application whose Scope closes", () => {
  it.effect("ends every link in good order, those it has dialled and those it has answered", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { app, ours, theirs } = yield* meeting(net)
        yield* inASecond(app.close)
        assert.deepStrictEqual(yield* tagsOf(ours), ["Closed", "Closed"])
        assert.deepStrictEqual(yield* tagsOf(theirs), ["ClosedByPeer", "ClosedByPeer"])
      })
    )
  )

  it.effect("frees its port first, then closes the links it has answered, then those it has dialled", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { app, ours } = yield* meeting(net)
        const events: Array<string> = []
        const note = (event: string) => Effect.sync(() => void events.push(event))
        const [dialled, answered] = ours
        assert.isDefined(dialled)
        assert.isDefined(answered)
        yield* Effect.forkScoped(Effect.andThen(dialled.ended, note("the link it has dialled")))
        yield* Effect.forkScoped(Effect.andThen(answered.ended, note("the link it has answered")))
        // Its guest is out of reach and takes no leave, which gives time to look.
        yield* net.partition("app", "guest")
        const closing = yield* Effect.forkScoped(app.close)
        yield* TestClock.adjust(0)
        yield* Effect.scoped(SimulatedHost.listen(net, "app", 4711))
        assert.deepStrictEqual(events, ["the link it has answered"])
        yield* TestClock.adjust(Duration.millis(Duration.toMillis(closeLimit) - 1))
        assert.deepStrictEqual(events, ["the link it has answered"])
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(events, ["the link it has answered", "the link it has dialled"])
        yield* Fiber.join(closing)
      })
    )
  )

  it.effect("lets nobody in who comes while the links are closed", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { app } = yield* meeting(net)
        yield* net.partition("app", "friend")
        const closing = yield* Effect.forkScoped(app.close)
        yield* TestClock.adjust("1 second")
        assert.isUndefined(closing.pollUnsafe())
        const refused = yield* inASecond(come(net))
        assert.include(refused.message, "ECONNREFUSED")
      })
    )
  )

  it.effect("ends what is only under way, and is done when peers take no leave for 5 s", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { app, theirs } = yield* meeting(net)
        yield* net.partition("app", "friend")
        yield* net.partition("app", "guest")
        const waiting = yield* Effect.forkScoped(Effect.exit(app.connect(target(stranger, "tcp:guest:1"))))
        yield* TestClock.adjust("1 second")
        assert.isUndefined(waiting.pollUnsafe())
        const closing = yield* Effect.forkScoped(app.close)
        yield* TestClock.adjust(Duration.times(closeLimit, 2))
        yield* Fiber.join(closing)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.join(waiting)))
        // Nobody has told them.
        for (const { hasEnded } of theirs) assert.isFalse(yield* hasEnded)
      })
    )
  )

  it.effect("gives its port to the next program at once, which its peers take for a restart", () =>
    SimulatedNetwork.within(
      town,
      Effect.fn(function* (net) {
        const { app, theirs } = yield* meeting(net)
        yield* inASecond(app.close)
        const again = yield* program(net, "app", middle)
        const link = yield* inASecond(again.connect(target(high, "tcp:friend:4711")))
        assert.isFalse(yield* link.hasEnded)
        assert.deepStrictEqual(yield* tagsOf(theirs), ["ClosedByPeer", "ClosedByPeer"])
        yield* inASecond(again.close)
      })
    )
  )
})
