/**
 * Two Tubs that send each other values: the server answers every order with its price. Foolscap's `Banana` reads the same
 * bytes as `('coffee', 2)` and `{'order': 1, 'price': Decimal('11.90')}`; a Tub of Foolscap would drop them, since it takes calls
 * only.
 *
 *     npx node --conditions=@effect-foolscap/source packages/examples/src/banana.ts
 */
import { Decimal, Integer, Struct, Text, TupleOf } from "@effect-foolscap/banana/ConstraintSchema"
import { Decimal as Amount } from "@effect-foolscap/banana/value/Decimal"
import * as BananaLink from "@effect-foolscap/broker/BananaLink"
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import * as Certificate from "@effect-foolscap/node/Certificate"
import * as NodeEndpoint from "@effect-foolscap/node/NodeEndpoint"
import * as NodeHintHandler from "@effect-foolscap/node/NodeHintHandler"
import { Connector } from "@effect-foolscap/tub/Connector"
import * as Listener from "@effect-foolscap/tub/Listener"
import { Tub } from "@effect-foolscap/tub/Tub"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"

/** What may come is checked token by token: an article of a megabyte is refused before its first byte is stored. */
const Order = TupleOf([Text({ maxLength: 40 }), Integer()])
const Price = Struct({ order: Integer(), price: Decimal })

/**
 * Answers what comes until the peer has gone. To wait for `send` here slows a client down that does not take its answers; a
 * client that waited for it too, before it takes them, could wait for ever.
 */
const serve = (connection: NegotiatedConnection) =>
  Effect.gen(function* () {
    const link = yield* BananaLink.make(connection, { schema: Order })
    let order = 0
    while (true) {
      const arrival = yield* link.receive
      if (arrival._tag === "Violated") {
        yield* Console.log(`refused: ${arrival.violation.message}`)
        continue
      }
      const [article, count] = arrival.value
      yield* Console.log(`${count} x ${article} for ${connection.peer}`)
      order++
      const cents = (595n * BigInt(count)).toString().padStart(3, "0")
      const price = Amount.fromText(`${cents.slice(0, -2)}.${cents.slice(-2)}`) ?? Amount.fromBigInt(0n)
      yield* link.send(yield* Schema.encodeEffect(Price)({ order, price }))
    }
  }).pipe(
    Effect.scoped,
    Effect.catch(({ message }) => Console.log(message))
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
    const link = yield* BananaLink.make(yield* connect({ tubId: server.tubId, hints }), { schema: Price })
    yield* link.send("no order at all")
    yield* link.send(yield* Schema.encodeEffect(Order)(["coffee", 2]))
    const arrival = yield* link.receive
    if (arrival._tag === "Delivered") {
      yield* Console.log(`order ${arrival.value.order} costs ${arrival.value.price.text}`)
    }
  }).pipe(Effect.scoped, Effect.provide(reach))
}).pipe(Effect.scoped)

NodeRuntime.runMain(program)
