import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import { assert, it, describe } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Certificate from "../src/Certificate.ts"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeHintHandler from "../src/NodeHintHandler.ts"

const services = (identity: TubIdentity) =>
  Layer.build(Connector.layer.pipe(Layer.provideMerge([NodeHintHandler.layer, Tub.layer(identity)])))
const sorted = Effect.map(
  Effect.all([Certificate.generate(), Certificate.generate()]),
  ([a, b]): [TubIdentity, TubIdentity] => (a.tubId < b.tubId ? [a, b] : [b, a])
)

describe("A link that nobody reads", () => {
  it.live("ends when the peer closes it", () =>
    Effect.gen(function* () {
      const [low, high] = yield* sorted
      const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
      const over = yield* Deferred.make<string>()
      yield* Listener.serve(endpoint, {
        connected: ({ ended }) => Effect.flatMap(ended, (end) => Effect.asVoid(Deferred.succeed(over, end._tag))),
        failed: (e) => Effect.log(e.message)
      }).pipe(Effect.provideContext(yield* services(high)), Effect.forkScoped)
      const { connection } = yield* Context.get(yield* services(low), Connector).dial({
        tubId: high.tubId,
        hints: [LocationHint.tcp("127.0.0.1", endpoint.address.port)]
      })
      yield* connection.close
      const heard = yield* Effect.timeoutOption(Deferred.await(over), "3 seconds")
      assert.deepStrictEqual(heard._tag === "Some" ? heard.value : undefined, "ClosedByPeer")
    })
  )

  it.live("does not make the Master refuse its own next dial after the peer closed", () =>
    Effect.gen(function* () {
      const [low, high] = yield* sorted
      const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
      yield* Listener.serve(endpoint, { connected: () => Effect.void, failed: () => Effect.void }).pipe(
        Effect.provideContext(yield* services(low)),
        Effect.forkScoped
      )
      const target = { tubId: low.tubId, hints: [LocationHint.tcp("127.0.0.1", endpoint.address.port)] }
      const connector = Context.get(yield* services(high), Connector)
      const { connection } = yield* connector.dial(target)
      const { write } = yield* connection.socket.writer
      // The write fails again and again, and still the link counts as alive.
      yield* Effect.sleep("500 millis")
      assert.strictEqual((yield* Effect.exit(write(new Uint8Array(1))))._tag, "Failure")
      yield* connector.dial(target)
    })
  )
})
