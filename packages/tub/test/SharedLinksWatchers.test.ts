import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import { PeerIdentity } from "../src/PeerIdentity.ts"
import { host, target } from "./Dialling.ts"
import { high, low, middle, network, type Place, port, tub } from "./Network.ts"

const connector = Effect.fnUntraced(function* (places: Readonly<Record<string, Place>>) {
  const net = network(places)
  const context = yield* tub(low, net)
  return { ...Context.get(context, Connector), context, net }
})

const stuck = { watch: () => Effect.never }

describe("Whoever watches a dial", () => {
  it.effect("and is stuck holds up no other caller, neither of the same Tub nor of another", () =>
    Effect.gen(function* () {
      const [atMiddle, atHigh] = [yield* port, yield* port]
      const { connect } = yield* connector({ "tcp:middle:1": atMiddle.place, "tcp:high:1": atHigh.place })
      const ask = (who: typeof middle, hint: string, options?: typeof stuck) =>
        Effect.forkChild(Effect.scoped(connect(target(who, hint), options)))
      yield* ask(middle, "tcp:middle:1")
      yield* TestClock.adjust("1 second")
      yield* ask(middle, "tcp:middle:1", stuck)
      yield* TestClock.adjust("1 second")
      const others = [yield* ask(middle, "tcp:middle:1"), yield* ask(high, "tcp:high:1")]
      yield* host(middle, atMiddle)
      yield* host(high, atHigh)
      yield* TestClock.adjust("1 second")
      for (const other of others) {
        const exit = other.pollUnsafe()
        assert.isTrue(exit !== undefined && Exit.isSuccess(exit))
      }
    })
  )

  it.effect("and is stuck may be interrupted, which ends its watching", () =>
    Effect.gen(function* () {
      const { connect, net } = yield* connector({ "tcp:blackhole:1": Effect.never })
      const asking = yield* Effect.forkChild(Effect.scoped(connect(target(high, "tcp:blackhole:1"), stuck)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(asking)
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("and dies of it gets the link all the same, and so does everybody else", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { connect, net } = yield* connector({ "tcp:a:1": there.place })
      const scope = yield* Scope.make()
      const dying = { watch: () => Effect.die(new Error("watching went wrong")) }
      const asking = yield* Effect.forEach([undefined, dying], (options) =>
        Effect.forkChild(Scope.provide(connect(target(high, "tcp:a:1"), options), scope))
      )
      yield* TestClock.adjust("1 second")
      yield* host(high, there)
      const [one, other] = yield* Effect.forEach(asking, (each) => Fiber.join(each))
      assert.strictEqual(one, other)
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(net.open, [])
    })
  )

  it.effect("hears of the last of it before it has the link", () =>
    Effect.gen(function* () {
      const there = yield* port
      yield* host(high, there)
      const { connect } = yield* connector({ "tcp:a:1": there.place })
      const heard: Array<string> = []
      const watch = (hints: ReadonlyArray<{ readonly _tag: string }>) =>
        Effect.delay(
          Effect.sync(() => heard.push(hints.map(({ _tag }) => _tag).join())),
          "1 second"
        )
      const asking = yield* Effect.forkChild(connect(target(high, "tcp:a:1"), { watch }))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(asking)
      assert.strictEqual(heard.at(-1), "Negotiating")
    })
  )
})

describe("A link of a Tub with itself", () => {
  it.effect("is served with the services of its Listener, not of whoever dials", () =>
    Effect.gen(function* () {
      const context = yield* tub(low)
      const { endpoint } = yield* port
      const seen: Array<Option.Option<unknown>> = []
      yield* Listener.serve(endpoint, {
        connected: ({ ended }) =>
          Effect.serviceOption(PeerIdentity).pipe(
            Effect.map((identity) => seen.push(identity)),
            Effect.andThen(ended)
          ),
        failed: () => Effect.void
      }).pipe(Effect.provideContext(context), Effect.forkScoped)
      yield* TestClock.adjust(0)
      const link = yield* Context.get(context, Connector).connect(target(low))
      const serving = { tubId: high.tubId, connection: link }
      yield* link.close
      yield* Effect.provideService(Context.get(context, Connector).connect(target(low)), PeerIdentity, serving)
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(seen, [Option.none(), Option.none()])
    })
  )
})

describe("Closing a Connector", () => {
  it.effect("takes as long as the slowest of its peers, not as all of them", () =>
    Effect.gen(function* () {
      const [scope, holding] = [yield* Scope.make(), yield* Scope.make()]
      const places: Record<string, Place> = {}
      for (const self of [middle, high]) {
        const there = yield* port
        yield* host(self, there)
        places[`tcp:${self.tubId}:1`] = Effect.map(there.place, (transport) => ({
          ...transport,
          startTls: (options) => Effect.map(transport.startTls(options), (tls) => ({ ...tls, close: Effect.never }))
        }))
      }
      const { connect } = yield* Scope.provide(connector(places), scope)
      for (const self of [middle, high]) yield* Scope.provide(connect(target(self, `tcp:${self.tubId}:1`)), holding)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* TestClock.adjust("5 seconds")
      assert.isDefined(closing.pollUnsafe())
    })
  )
})
