import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import { Tub } from "../src/Tub.ts"
import { high, hints, low, middle, network, port, type Port, tub } from "./Network.ts"

const serve = Effect.fnUntraced(function* (there: Port, context: Effect.Success<ReturnType<typeof tub>>) {
  const links = yield* Queue.unbounded<NegotiatedConnection>()
  yield* Listener.serve(there.endpoint, {
    connected: (connection) => Effect.andThen(Queue.offer(links, connection), Effect.never),
    failed: () => Effect.void
  }).pipe(Effect.provideContext(context), Effect.forkScoped)
  return links
})

describe("Tub", () => {
  it.effect("is a new incarnation each time it is built, 16 hex digits long", () =>
    Effect.gen(function* () {
      const built = yield* Effect.forEach([low, low, low], (self) =>
        Effect.map(tub(self), (context) => Context.get(context, Tub))
      )
      for (const { incarnation, tubId } of built) {
        assert.strictEqual(tubId, low.tubId)
        assert.match(incarnation, /^[0-9a-f]{16}$/)
      }
      assert.strictEqual(new Set(built.map(({ incarnation }) => incarnation)).size, 3)
    })
  )

  it.effect("tells its peers its incarnation", () =>
    Effect.gen(function* () {
      const there = yield* port
      const server = yield* tub(high)
      const links = yield* serve(there, server)
      const client = yield* tub(low, network({ "tcp:high:1": there.place }))
      const { connection } = yield* Context.get(client, Connector).dial({
        tubId: high.tubId,
        hints: hints("tcp:high:1")
      })
      const ours = Context.get(client, Tub).incarnation
      const theirs = Context.get(server, Tub).incarnation
      assert.deepStrictEqual(connection.incarnations, { local: ours, remote: theirs })
      assert.deepStrictEqual((yield* Queue.take(links)).incarnations, { local: theirs, remote: ours })
    })
  )

  it.effect("has one memory of its peers for its Listener and its Connector", () =>
    Effect.gen(function* () {
      const [atHigh, atLow] = [yield* port, yield* port]
      const everywhere = network({ "tcp:high:1": atHigh.place, "tcp:low:1": atLow.place })
      const [higher, lower] = [yield* tub(high, everywhere), yield* tub(low, everywhere)]
      const arrived = yield* serve(atHigh, higher)
      yield* serve(atLow, lower)

      const toHigh = { tubId: high.tubId, hints: hints("tcp:high:1") }
      const toLow = { tubId: low.tubId, hints: hints("tcp:low:1") }
      yield* Context.get(lower, Connector).dial(toHigh)
      const link = yield* Queue.take(arrived)
      assert.strictEqual(link.seqnum, 1)

      // What the Listener accepted, the Connector knows of.
      const error = yield* Effect.flip(Context.get(higher, Connector).dial(toLow))
      assert.include(error.message, "Duplicate connection")
      yield* link.close
      const { connection } = yield* Context.get(higher, Connector).dial(toLow)
      assert.strictEqual(connection.seqnum, 2)
    })
  )

  it.effect("is none other in the same program, whichever layers both are built with", () =>
    Effect.gen(function* () {
      const [atHigh, atMiddle] = [yield* port, yield* port]
      const listening = ({ endpoint }: Port) =>
        Layer.effectDiscard(
          Effect.forkScoped(Listener.serve(endpoint, { connected: () => Effect.never, failed: () => Effect.void }))
        )
      yield* Layer.build(
        Layer.mergeAll(
          listening(atHigh).pipe(Layer.provide(Tub.layer(high))),
          listening(atMiddle).pipe(Layer.provide(Tub.layer(middle)))
        )
      )
      const client = yield* tub(low, network({ "tcp:high:1": atHigh.place, "tcp:middle:1": atMiddle.place }))
      const { connect } = Context.get(client, Connector)
      for (const [{ tubId }, hint] of [
        [high, "tcp:high:1"],
        [middle, "tcp:middle:1"]
      ] as const) {
        assert.strictEqual((yield* connect({ tubId, hints: hints(hint) })).peer, tubId)
      }
    })
  )

  it.effect("that was built anew replaces the link of its former life", () =>
    Effect.gen(function* () {
      const there = yield* port
      const links = yield* serve(there, yield* tub(high))
      const net = network({ "tcp:high:1": there.place })
      for (const seqnum of [1, 2]) {
        const { dial } = Context.get(yield* tub(low, net), Connector)
        const { connection } = yield* dial({ tubId: high.tubId, hints: hints("tcp:high:1") })
        assert.strictEqual(connection.seqnum, seqnum)
      }
      const [former, present] = yield* Queue.takeN(links, 2)
      assert.isDefined(former)
      assert.strictEqual((yield* former.ended)._tag, "Replaced")
      assert.strictEqual(present?.seqnum, 2)
    })
  )
})
