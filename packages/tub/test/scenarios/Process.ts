/** Processes that are Tubs, with the memory that a scenario needs, and what becomes of their connections. */
import { ApplicationParameters } from "@effect-foolscap/negotiation/ApplicationParameters"
import { ConnectionTable } from "@effect-foolscap/negotiation/ConnectionTable"
import * as LocalTub from "@effect-foolscap/negotiation/LocalTub"
import { LocalTubs } from "@effect-foolscap/negotiation/LocalTubs"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import { NegotiationService } from "@effect-foolscap/negotiation/NegotiationService"
import { NextProtocol } from "@effect-foolscap/negotiation/NextProtocol"
import type { Parameter } from "@effect-foolscap/negotiation/policy/Parameter"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import { assert } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Socket from "effect/socket/Socket"
import { TestClock } from "effect/testing"
import type { ConnectError } from "../../src/ConnectError.ts"
import { Connector } from "../../src/Connector.ts"
import { Links } from "../../src/Links.ts"
import * as Listener from "../../src/Listener.ts"
import { Tub } from "../../src/Tub.ts"
import type { TubIdentity } from "../../src/TubIdentity.ts"
import { hints, network, type Place, type Port } from "../Network.ts"

/** What a process is like, where it is not like any other. */
export interface Nature {
  /** What it says of itself in place of a fresh random value. */
  readonly incarnation?: string
  /** What it says it remembers of every Master, whatever it was told. */
  readonly remembers?: string
  readonly next?: Layer.Layer<NextProtocol>
  readonly parameters?: ReadonlyArray<Parameter<unknown>>
}

const memoryOf = ({ remembers }: Nature): Layer.Layer<ConnectionTable> =>
  remembers === undefined
    ? ConnectionTable.layerMemory
    : Layer.effect(
        ConnectionTable,
        Effect.map(ConnectionTable, (table) => ({ ...table, lastConnection: () => Effect.succeed(remembers) }))
      ).pipe(Layer.provide(ConnectionTable.layerMemory))

const layerOf = (identity: TubIdentity, nature: Nature): Layer.Layer<Tub | NegotiationService | Links> =>
  Layer.unwrap(
    Effect.map(LocalTub.make(identity), (made) => {
      const self = nature.incarnation === undefined ? made : { ...made, incarnation: nature.incarnation }
      return NegotiationService.layer.pipe(
        Layer.provide([LocalTubs.layer({ here: [self] }), memoryOf(nature), nature.next ?? NextProtocol.layerBanana]),
        Layer.provide(Layer.succeed(ApplicationParameters)(nature.parameters ?? [])),
        Layer.merge(Layer.mergeAll(Layer.succeed(Tub)(self), Links.layer))
      )
    })
  )

/** One run of a program that is this Tub, and what hints lead it to. */
export const start = Effect.fnUntraced(function* (
  identity: TubIdentity,
  places: Readonly<Record<string, Place>> = {},
  nature: Nature = {}
) {
  const net = network(places)
  const context = yield* Layer.build(
    Connector.layer.pipe(Layer.provide(net.layer), Layer.provideMerge(layerOf(identity, nature)))
  )
  return {
    identity,
    net,
    incarnation: Context.get(context, Tub).incarnation,

    /** Dials a Tub; without hints, wherever hints lead this process. */
    dial: ({ tubId }: TubIdentity, ...texts: ReadonlyArray<string>) =>
      Context.get(context, Connector).dial({
        tubId,
        hints: hints(...(texts.length === 0 ? Object.keys(places) : texts))
      }),

    /**
     * Answers at a port until the Scope closes or `stop`, and keeps every link. `through` stands between the Listener
     * and the connections that arrive.
     */
    listen: Effect.fnUntraced(function* (
      { endpoint }: Port,
      through: (transport: PlainTransport) => PlainTransport = (transport) => transport
    ) {
      const links = yield* Queue.unbounded<NegotiatedConnection>()
      const failures = yield* Queue.unbounded<NegotiationError | Redirect>()
      const serving = yield* Listener.serve(
        { ...endpoint, run: (handler) => endpoint.run((transport) => handler(through(transport))) },
        {
          connected: (connection) => Effect.andThen(Queue.offer(links, connection), Effect.never),
          failed: (error) => Queue.offer(failures, error)
        }
      ).pipe(Effect.provide(context), Effect.forkScoped)
      return { links, failures, stop: Fiber.interrupt(serving) }
    })
  }
})

/** In which phase a negotiation failed and why, in two words. */
export const briefly = (failure: NegotiationError | Redirect): string =>
  failure._tag === "Redirect" ? failure._tag : `${failure.phase} ${failure.reason._tag}`

/** Why a dial failed: a few words for each hint, in the order in which the hints failed. */
export const reasonsOf = ({ attempts }: ConnectError): ReadonlyArray<string> =>
  attempts.map(({ error }) =>
    error._tag === "NegotiationError" || error._tag === "Redirect" ? briefly(error) : error._tag
  )

/** Asserts that the two ends are one link, on which each side hears the other. To be asked once of a link. */
export const assertAlive = Effect.fnUntraced(function* (here: NegotiatedConnection, there: NegotiatedConnection) {
  for (const [from, to] of [
    [here, there],
    [there, here]
  ] as const) {
    const { write } = yield* from.socket.writer
    yield* write(`from the ${from.side}`)
    const pull = yield* Socket.readerString(to.socket)
    assert.deepStrictEqual(yield* pull, [`from the ${from.side}`])
    assert.strictEqual(from.peer, to.local)
  }
  assert.notStrictEqual(here.role, there.role)
  assert.strictEqual(here.seqnum, there.seqnum)
})

/** Asserts that a link still stands, once all that does not wait for time has happened. */
export const assertStands = Effect.fnUntraced(function* ({ ended }: NegotiatedConnection) {
  const ending = yield* Effect.forkChild(ended)
  yield* TestClock.adjust(0)
  assert.isUndefined(ending.pollUnsafe(), "the link has ended")
  yield* Fiber.interrupt(ending)
})
