import { LocalTubs } from "@effect-foolscap/negotiation/LocalTubs"
import type { NegotiatedConnection } from "@effect-foolscap/negotiation/NegotiatedConnection"
import type { NegotiationError } from "@effect-foolscap/negotiation/NegotiationError"
import type { Redirect } from "@effect-foolscap/negotiation/Redirect"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import { TestClock } from "effect/testing"
import { Connector } from "../src/Connector.ts"
import * as Listener from "../src/Listener.ts"
import { Tub } from "../src/Tub.ts"
import { high, hints, identity, low, middle, network, port, type Port, tub } from "./Network.ts"

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** `high`, serving a port. `connected` is what it does with a link after noting it. */
const listening = Effect.fnUntraced(function* (
  there: Port,
  connected: (connection: NegotiatedConnection) => Effect.Effect<void> = () => Effect.never
) {
  const links = yield* Queue.unbounded<NegotiatedConnection>()
  const failures = yield* Queue.unbounded<NegotiationError | Redirect>()
  const serving = yield* Listener.serve(there.endpoint, {
    connected: (connection) => Effect.andThen(Queue.offer(links, connection), connected(connection)),
    failed: (error) => Queue.offer(failures, error)
  }).pipe(Effect.provide(yield* tub(high)), Effect.forkScoped)
  return { links, failures, serving }
})

/** Dials `high` at the port. */
const dial = Effect.fnUntraced(function* (there: Port, self = low) {
  const context = yield* tub(self, network({ "tcp:there:1": there.place }))
  const dialled = Context.get(context, Connector).dial({ tubId: high.tubId, hints: hints("tcp:there:1") })
  return (yield* dialled).connection
})

/** Reads until the link ends, and says how. */
const endOf = (connection: NegotiatedConnection) =>
  Effect.gen(function* () {
    const { pull } = yield* connection.socket.reader
    return yield* Effect.forever(pull)
  }).pipe(Effect.scoped, Effect.ignore, Effect.andThen(connection.ended))

describe("Listener.serve", () => {
  it.effect("serves a client that connected before it began", () =>
    Effect.gen(function* () {
      const there = yield* port
      const dialling = yield* Effect.forkChild(dial(there))
      yield* Effect.yieldNow
      const { links } = yield* listening(there)
      assert.strictEqual((yield* Queue.take(links)).peer, low.tubId)
      assert.strictEqual((yield* Fiber.join(dialling)).peer, high.tubId)
    })
  )

  it.effect("hears from every client that does not get in why, and serves the others meanwhile", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { failures, links } = yield* listening(there)
      const silent = yield* there.place
      for (const said of ["GET / HTTP/1.1\r\n\r\n", `GET /id/${low.tubId} HTTP/1.1\r\nUpgrade: TLS/1.0\r\n\r\n`, ""]) {
        const client = yield* there.place
        if (said === "") yield* client.destroy
        else yield* client.write(bytesOf(said))
      }
      const error = yield* Effect.flip(dial(there, identity(low.tubId, middle.tubId)))
      assert.include(error.message, "TubID mismatch")
      yield* dial(there)
      assert.strictEqual((yield* Queue.take(links)).peer, low.tubId)

      const heard = yield* Queue.takeN(failures, 4)
      assert.sameMembers(
        heard.map((failure) => (failure._tag === "Redirect" ? failure._tag : failure.reason._tag)),
        ["NotATubPath", "UnknownTubId", "PeerClosed", "TubIdMismatch"]
      )
      // The client that says nothing is still waited for, and has cost nobody anything.
      assert.strictEqual(yield* Queue.size(failures), 0)
      yield* silent.destroy
      assert.include((yield* Queue.take(failures)).message, "before its request was complete")
    })
  )

  it.effect("waits two minutes for a client that says nothing", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { failures } = yield* listening(there)
      yield* there.place
      yield* TestClock.adjust("119999 millis")
      assert.strictEqual(yield* Queue.size(failures), 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Queue.take(failures)).message, "Plaintext: not negotiated within 2m")
    })
  )

  it.effect("hears of a client that was sent elsewhere", () =>
    Effect.gen(function* () {
      const there = yield* port
      const failures = yield* Queue.unbounded<NegotiationError | Redirect>()
      const [hint] = hints("tcp:elsewhere:1")
      assert.isDefined(hint)
      const tubs = LocalTubs.layer({ here: [], elsewhere: new Map([[high.tubId, [hint]]]) })
      yield* Listener.serve(there.endpoint, {
        connected: () => Effect.void,
        failed: (error) => Queue.offer(failures, error)
      }).pipe(Effect.provide(Layer.provide(Tub.layerNegotiation, tubs)), Effect.forkScoped)
      const client = yield* there.place
      yield* client.write(bytesOf(`GET /id/${high.tubId} HTTP/1.1\r\nUpgrade: TLS/1.0\r\n\r\n`))
      const failure = yield* Queue.take(failures)
      assert.strictEqual(failure._tag, "Redirect")
      assert.include(failure.message, "tcp:elsewhere:1")
    })
  )

  it.effect("keeps a link for as long as its handler runs, and closes it in good order then", () =>
    Effect.gen(function* () {
      const there = yield* port
      const enough = yield* Deferred.make<void>()
      yield* listening(there, () => Deferred.await(enough))
      const connection = yield* dial(there)
      const ending = yield* Effect.forkChild(endOf(connection))
      yield* TestClock.adjust("1 hour")
      assert.isUndefined(ending.pollUnsafe())

      yield* Deferred.succeed(enough, undefined)
      assert.strictEqual((yield* Fiber.join(ending))._tag, "ClosedByPeer")
    })
  )

  it.effect("loses nothing but one link when its handler dies of a defect", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { serving } = yield* listening(there, ({ peer }) =>
        peer === low.tubId ? Effect.die("ouch") : Effect.never
      )
      const staying = yield* Effect.forkChild(endOf(yield* dial(there, middle)))
      assert.strictEqual((yield* endOf(yield* dial(there, low)))._tag, "ClosedByPeer")
      yield* dial(there, identity("5b633fkrmh5ljnyzrd43joa4f6gkcpz6"))
      assert.isUndefined(staying.pollUnsafe())
      assert.isUndefined(serving.pollUnsafe())
    })
  )

  it.effect("ends every link and every negotiation when it is interrupted", () =>
    Effect.gen(function* () {
      const there = yield* port
      const { failures, links, serving } = yield* listening(there)
      const negotiating = yield* there.place
      yield* negotiating.write(bytesOf("GET /id/"))
      const ends = yield* Effect.forEach([low, middle], (self) =>
        Effect.flatMap(dial(there, self), (connection) => Effect.forkChild(endOf(connection)))
      )
      yield* Queue.takeN(links, 2)

      yield* Fiber.interrupt(serving)
      for (const end of ends) assert.strictEqual((yield* Fiber.join(end))._tag, "ClosedByPeer")
      assert.strictEqual((yield* Effect.flip(negotiating.pull)).kind, "eof")
      assert.strictEqual(yield* Queue.size(failures), 0)
    })
  )
})
