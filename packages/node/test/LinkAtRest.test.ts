import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import { Connector } from "@effect-foolscap/tub/Connector"
import type { Endpoint } from "@effect-foolscap/tub/Endpoint"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Certificate from "../src/Certificate.ts"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeTub from "../src/NodeTub.ts"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

/** The names of those that are still in memory. What a turn has touched lives until its end. */
const kept = (named: ReadonlyMap<string, WeakRef<object>>) =>
  Effect.promise(async () => {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(setImmediate)
      collect()
    }
    return [...named].filter(([, ref]) => ref.deref() !== undefined).map(([name]) => name)
  })

describe("A link at rest", () => {
  it.live("keeps nothing of its negotiation in memory: no span, no transport in clear", () =>
    Effect.gen(function* () {
      const seen = new Map<string, WeakRef<object>>()
      const tracer = Tracer.make({
        span: (options) => {
          const span = new Tracer.NativeSpan(options)
          if (span.name.startsWith("Negotiation.")) seen.set(`${span.name} ${span.spanId}`, new WeakRef(span))
          return span
        }
      })
      const listening = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
      const endpoint: Endpoint = {
        ...listening,
        run: (handler) =>
          listening.run((transport) => {
            seen.set("transport", new WeakRef(transport))
            return handler(transport)
          })
      }
      const server = yield* Certificate.generate()
      const arrived = yield* Deferred.make<NegotiatedConnection>()
      const reading = ({ socket }: NegotiatedConnection) =>
        Effect.flatMap(socket.reader, ({ pull }) => Effect.forever(pull)).pipe(Effect.scoped, Effect.ignore)
      yield* Listener.serve(endpoint, {
        connected: (connection) => Effect.andThen(Deferred.succeed(arrived, connection), reading(connection)),
        failed: () => Effect.void
      }).pipe(Effect.provide(Tub.layer(server)), Effect.withTracer(tracer), Effect.forkScoped)
      const { dial } = yield* Connector
      const hints = [LocationHint.tcp("127.0.0.1", listening.address.port)]
      const { connection } = yield* dial({ tubId: server.tubId, hints }).pipe(Effect.withTracer(tracer))
      const theirs = yield* Deferred.await(arrived)

      assert.strictEqual(seen.size, 9, "four spans on either side, and what the server was given")
      assert.deepStrictEqual(yield* kept(seen), [])
      assert.isFalse((yield* connection.hasEnded) || (yield* theirs.hasEnded))
    }).pipe(Effect.provide(NodeTub.layerMemory), Effect.scoped)
  )
})
