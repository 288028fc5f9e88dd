/** Links whose owners are busy with other things than reading, over real sockets. */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeHintHandler from "../src/NodeHintHandler.ts"
import { foolscapIdentity } from "./Fixtures.ts"

const [low, high] = [foolscapIdentity(0), foolscapIdentity(1)]

const servicesOf = (identity: TubIdentity) =>
  Layer.build(Connector.layer.pipe(Layer.provideMerge([NodeHintHandler.layer, Tub.layer(identity)])))

/** `there` listens and does this with its links; `here` can dial it. */
const dialler = Effect.fnUntraced(function* (
  here: TubIdentity,
  there: TubIdentity,
  connected: (connection: NegotiatedConnection) => Effect.Effect<void>
) {
  const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
  yield* Listener.serve(endpoint, { connected, failed: () => Effect.void }).pipe(
    Effect.provideContext(yield* servicesOf(there)),
    Effect.forkScoped
  )
  const { dial } = Context.get(yield* servicesOf(here), Connector)
  return dial({ tubId: there.tubId, hints: [LocationHint.tcp("127.0.0.1", endpoint.address.port)] })
})

describe("A link that nobody reads", () => {
  it.live("ends when the peer closes it", () =>
    Effect.gen(function* () {
      const end = yield* Deferred.make<string>()
      const dial = yield* dialler(low, high, ({ ended }) =>
        Effect.flatMap(ended, ({ _tag }) => Effect.asVoid(Deferred.succeed(end, _tag)))
      )
      const { connection } = yield* dial
      yield* connection.close
      assert.strictEqual(yield* Deferred.await(end), "ClosedByPeer")
    })
  )

  it.live("does not make the Master take its own next dial for a duplicate", () =>
    Effect.gen(function* () {
      const dial = yield* dialler(high, low, () => Effect.void)
      const { connection } = yield* dial
      assert.strictEqual((yield* connection.ended)._tag, "ClosedByPeer")
      assert.strictEqual((yield* dial).connection.seqnum, 2)
    })
  )
})
