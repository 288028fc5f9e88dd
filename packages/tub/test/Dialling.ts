/** Tubs that are dialled on the network in memory, servers that send a dialler elsewhere, and what the dialler tells. */
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { PlainTransport } from "@effect-foolscap/negotiation/Transport"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { Attempt } from "../src/ConnectError.ts"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import { Tub } from "../src/Tub.ts"
import type { TubIdentity } from "../src/TubIdentity.ts"
import { hints, low, middle, network, type Place, port, type Port, tub } from "./Network.ts"

/** A Tub that answers at a port and keeps its links until the Scope closes. Gives these links. */
export const host = Effect.fnUntraced(function* (self: TubIdentity, { endpoint }: Port) {
  const links = yield* Queue.unbounded<NegotiatedConnection>()
  yield* Listener.serve(endpoint, {
    connected: (connection) => Effect.andThen(Queue.offer(links, connection), Effect.never),
    failed: () => Effect.void
  }).pipe(Effect.provide(yield* tub(self)), Effect.forkScoped)
  return links
})

/** A place where `middle` answers, and sends whoever asks for `wanted` to these hints. */
export const redirector = Effect.fnUntraced(function* ({ tubId }: TubIdentity, ...texts: ReadonlyArray<string>) {
  const there = yield* port
  const locations = hints(...texts)
  const elsewhere = new Map(Arr.isReadonlyArrayNonEmpty(locations) ? [[tubId, locations]] : [])
  yield* Listener.serve(there.endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
    Effect.provide(Tub.layer(middle, { elsewhere })),
    Effect.forkScoped
  )
  return there.place
})

/** `self` on a network with these places. */
export const dialler = (places: Readonly<Record<string, Place>>, self = low) =>
  Effect.gen(function* () {
    const net = network(places)
    const { dial } = Context.get(yield* tub(self, net), Connector)
    return { net, dial }
  })

export const target = ({ tubId }: TubIdentity, ...texts: ReadonlyArray<string>) => ({ tubId, hints: hints(...texts) })

/** What a server reads until the connection ends, and how it ends. */
export const heard = Effect.fnUntraced(function* (transport: PlainTransport) {
  let text = ""
  while (true) {
    const bytes = yield* Effect.result(transport.pull)
    if (bytes._tag === "Failure") return { text, end: bytes.failure.kind }
    text += Buffer.from(bytes.success).toString("latin1")
  }
})

/** Of every attempt where it was, why it failed, and after how many milliseconds. */
export const reasons = (attempts: ReadonlyArray<Attempt>) =>
  attempts.map(({ after, error, hint, via }) => [
    [...via, hint].join(" -> "),
    error._tag === "NegotiationError" ? error.reason._tag : error._tag,
    Duration.toMillis(after)
  ])
