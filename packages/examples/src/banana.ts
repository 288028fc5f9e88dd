/**
 * Two Tubs that send each other values: the server answers every order with what it costs. Nothing but values travels, and
 * Python's Foolscap would read the same bytes.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/banana.ts
 */
import { Decimal } from "@effect-foolscap/banana/value/Decimal"
import { Dict } from "@effect-foolscap/banana/value/Dict"
import { Tuple } from "@effect-foolscap/banana/value/Tuple"
import type { Value } from "@effect-foolscap/banana/value/Value"
import * as BananaLink from "@effect-foolscap/broker/BananaLink"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"

/** A dict of the order's number and the price: a Python program would get `{'order': 7, 'price': Decimal('11.90')}`. */
const answer = (order: Value): Value =>
  Dict.from<Value, Value>([
    ["order", order instanceof Tuple ? (order.items[0] ?? null) : null],
    ["price", Decimal.fromText("11.90") ?? null]
  ])

/**
 * Answers what comes until the peer has gone. A value that was refused has a place and a reason. To wait for `send` here slows a
 * client down that does not take its answers; a client that waited for it too, before it takes them, could wait for ever.
 */
const serve = (connection: NegotiatedConnection) =>
  Effect.gen(function* () {
    const link = yield* BananaLink.make(connection)
    yield* Effect.forever(
      Effect.flatMap(link.receive, (arrival) =>
        arrival._tag === "Delivered" ? link.send(answer(arrival.value)) : Console.log(arrival.violation.message)
      )
    )
  }).pipe(
    Effect.scoped,
    Effect.catchTag("LinkEnded", ({ message }) => Console.log(message)),
    Effect.catchTag("Violation", ({ message }) => Console.log(message))
  )

const program = Effect.gen(function* () {
  const server = yield* Certificate.generate()
  const endpoint = yield* NodeEndpoint.listen({ host: "127.0.0.1", port: 0 })
  yield* Listener.serve(endpoint, {
    connected: serve,
    failed: ({ message }) => Console.log(message)
  }).pipe(Effect.provide(Tub.layer(server)), Effect.forkScoped)

  const client = yield* Certificate.generate()
  const reach = Connector.layer.pipe(Layer.provide([Tub.layer(client), NodeHintHandler.layer]))
  yield* Effect.gen(function* () {
    const { connect } = yield* Connector
    const hints = [LocationHint.tcp("127.0.0.1", endpoint.address.port)]
    const link = yield* BananaLink.make(yield* connect({ tubId: server.tubId, hints }))
    yield* link.send(Tuple.of(7, "coffee", 2))
    const arrival = yield* link.receive
    if (arrival._tag === "Delivered" && arrival.value instanceof Dict) {
      yield* Console.log(`order ${arrival.value.get("order")} costs ${arrival.value.get("price")}`)
    }
  }).pipe(Effect.scoped, Effect.provide(reach))
}).pipe(Effect.scoped)

NodeRuntime.runMain(program)
