/** One cell of the table, played: what the fault led to, in the words of the table. */
import { assert } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { ConnectionTable } from "../../src/ConnectionTable.ts"
import type { NegotiatedConnection } from "../../src/NegotiatedConnection.ts"
import * as MemoryTransport from "../../src/testing/MemoryTransport.ts"
import type { PlainTransport } from "../../src/Transport.ts"
import type { Service } from "../Both.ts"
import { textOf } from "../Noise.ts"
import { type Ended, hello, other, underTls } from "../Peer.ts"
import { high, side } from "../Sides.ts"
import { converseToTheEnd } from "../Stalls.ts"
import { describe, type Seen } from "./Outcome.ts"
import { type Position, wordsOf } from "./Points.ts"
import { type Saboteur, type Step, take } from "./Steps.ts"
import * as Trouble from "./Trouble.ts"

/** A table that takes a moment to decide, so that a peer has the time to misbehave meanwhile. */
const deliberate = Layer.effect(
  ConnectionTable,
  Effect.gen(function* () {
    const table = yield* ConnectionTable
    return ConnectionTable.of({
      ...table,
      claim: (pair, options) => Effect.andThen(Effect.sleep("1 millis"), table.claim(pair, options))
    })
  })
).pipe(Layer.provide(ConnectionTable.layerMemory))

/** Counts the fibers that are alive among those started where it is provided. */
const makeCensus = () => {
  let alive = 0
  const count = Effect.provideService(Metric.FiberRuntimeMetrics, {
    recordFiberStart: () => void alive++,
    recordFiberEnd: () => void alive--
  })
  return { alive: () => alive, count }
}

/** Reads what comes over a link until it ends. */
const follow = Effect.fnUntraced(function* ({ ended, socket }: NegotiatedConnection, seen: Seen) {
  const { pull } = yield* socket.reader
  const reading = Effect.forever(
    Effect.map(pull, (chunks) => {
      for (const chunk of chunks) seen.read += typeof chunk === "string" ? chunk : textOf(chunk)
    })
  )
  yield* Effect.ignore(reading)
  seen.end = yield* ended
})

/** Negotiates, and follows what comes of it until `enough`; leaves nothing open. */
const own = Effect.fnUntraced(function* (
  service: Service,
  { on, self }: Position,
  transport: PlainTransport,
  seen: Seen,
  enough: Deferred.Deferred<void>
) {
  const scope = yield* Scope.make()
  const target = { wanted: other(self).tubId, host: "example.org" }
  const negotiating = on === "client" ? service.dial(transport, target) : service.accept(transport)
  const exit: Ended = yield* Effect.exit(Scope.provide(negotiating, scope))
  seen.exit = exit
  seen.at = yield* Clock.currentTimeMillis
  if (Exit.isSuccess(exit)) {
    const following = Effect.ignore(Effect.scoped(follow(exit.value, seen)))
    yield* Effect.raceFirst(Effect.andThen(following, Effect.never), Deferred.await(enough))
  }
  yield* Scope.close(scope, exit)
})

/**
 * Plays `steps` against a service in `position`, of whose writes only the first `leaving` leave. Gives the outcome in
 * the words of the table, and asserts what holds for every cell: it ends, it leaves nothing behind, and the next peer is
 * served.
 */
export const play = Effect.fnUntraced(function* (
  position: Position,
  steps: ReadonlyArray<Step>,
  leaving: number = Infinity
) {
  const { on, self } = position
  const service = yield* side(self, { connections: deliberate })
  const pair = yield* MemoryTransport.makePair()
  const ours = yield* Trouble.make(pair[on], leaving)
  const as = on === "client" ? "server" : "client"
  const peer: Saboteur = {
    as,
    proves: other(self).credentials,
    plain: pair[as],
    transport: pair[as],
    heard: { clear: "", secret: "" },
    said: { clear: "", secret: "" },
    breakOff: ours.breakOff,
    misbehavedAt: undefined
  }
  const seen: Seen = { read: "" }
  const enough = yield* Deferred.make<void>()
  const census = makeCensus()

  const playing = yield* Effect.forkChild(take(steps, peer))
  // Detached, because a test waits for its children, and one that hangs should fail instead.
  const owning = yield* Effect.forkDetach(own(service, position, ours.transport, seen, enough)).pipe(census.count)
  yield* TestClock.adjust("5 minutes")
  yield* Deferred.succeed(enough, undefined)
  yield* TestClock.adjust("5 seconds") // what a gentle close may take
  const outcome = describe(seen, position, peer, ours.unsent)

  const closed = owning.pollUnsafe()
  assert.isTrue(closed !== undefined && Exit.isSuccess(closed), `the Scope closes: ${outcome}`)
  assert.isTrue(ours.isDropped(), `the connection is dropped: ${outcome}`)
  assert.strictEqual(census.alive(), 0, `fibers are left: ${outcome}`)
  assert.isDefined(playing.pollUnsafe(), `the peer learns of the end: ${outcome}`)

  const theirs = hello(other(self)) + wordsOf(position).decision
  const next = yield* converseToTheEnd(service, on, underTls(on, self, other(self).credentials, theirs))
  const served = `connected as ${self === high ? "Master" : "NonMaster"}`
  assert.strictEqual(next.outcome, served, `the next peer is served: ${outcome}`)
  return outcome
})
