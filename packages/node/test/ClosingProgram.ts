/**
 * A program that uses everything a Tub can have open, closes its Scope, and has to end by itself. Prints what Node has open
 * at the start, then in use, then at the end, each as a line of JSON.
 */
import * as LocationHint from "@effect-foolscap/furl/LocationHint"
import { Connector, LinkIdleTime } from "@effect-foolscap/tub/Connector"
import type { TcpAddress } from "@effect-foolscap/tub/Endpoint"
import * as Listener from "@effect-foolscap/tub/Listener"
import type { TubIdentity } from "@effect-foolscap/tub/TubIdentity"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import assert from "node:assert"
import { writeSync } from "node:fs"
import * as NodeEndpoint from "../src/NodeEndpoint.ts"
import * as NodeTransport from "../src/NodeTransport.ts"
import * as NodeTub from "../src/NodeTub.ts"
import { foolscapIdentity } from "./Fixtures.ts"

const loopback = { host: "127.0.0.1", port: 0 }
// Not by `console`, which would open a stream of its own.
const say = (line: unknown) => Effect.sync(() => writeSync(1, `${JSON.stringify(line)}\n`))
const turn = Effect.promise(() => new Promise(setImmediate))
// What was closed a moment ago needs a turn of the event loop to go.
const resources = Effect.andThen(
  Effect.repeat(turn, { times: 2 }),
  Effect.sync(() => process.getActiveResourcesInfo())
)

/** A Tub that listens and dials, and keeps its links for an hour after their use. */
const start = Effect.fnUntraced(function* (identity: TubIdentity) {
  const scope = yield* Scope.make()
  const opened = yield* Deferred.make<TcpAddress>()
  const endpoint = Effect.tap(NodeEndpoint.listen(loopback), ({ address }) => Deferred.succeed(opened, address))
  const services = Listener.layer(endpoint, { connected: () => Effect.never, failed: () => Effect.void }).pipe(
    Layer.provideMerge(NodeTub.layer(identity)),
    Layer.provide(Layer.succeed(LinkIdleTime)(Duration.hours(1)))
  )
  const context = yield* Layer.buildWithScope(services, scope)
  const address = yield* Deferred.await(opened)
  return {
    scope,
    address,
    connect: Context.get(context, Connector).connect,
    at: { tubId: identity.tubId, hints: [LocationHint.tcp(address.host, address.port)] }
  }
})

const program = Effect.gen(function* () {
  // Node opens it by itself as soon as a socket is destroyed.
  assert(process.stderr.writable)
  yield* say({ atStart: yield* resources })
  const [app, friend, other] = [
    yield* start(foolscapIdentity(0)),
    yield* start(foolscapIdentity(1)),
    yield* start(foolscapIdentity(2))
  ]
  const silent = yield* Scope.make()
  const { address: wall } = yield* Scope.provide(NodeEndpoint.listen(loopback), silent)
  const { address: nobody } = yield* Effect.scoped(NodeEndpoint.listen(loopback))

  // A link in use, one that only waits to be used again, and one of the Tub with itself.
  const link = yield* Scope.provide(app.connect(friend.at), app.scope)
  const answered = yield* Scope.provide(friend.connect(app.at), friend.scope)
  yield* Effect.scoped(app.connect(other.at))
  yield* Scope.provide(app.connect(app.at), app.scope)
  // A dial that nobody answers, and one that waits to be tried again.
  const elsewhere = foolscapIdentity(3).tubId
  const dialAt = ({ host, port }: TcpAddress, tubId = elsewhere) =>
    Effect.scoped(app.connect({ tubId, hints: [LocationHint.tcp(host, port)] }))
  yield* Effect.forkIn(Effect.exit(dialAt(wall)), app.scope)
  yield* dialAt(nobody, foolscapIdentity(4).tubId).pipe(
    Effect.retry(Schedule.spaced("1 hour")),
    Effect.exit,
    Effect.forkIn(app.scope)
  )
  yield* Effect.repeat(turn, { times: 20 })
  yield* say({ inUse: yield* resources, shared: link.seqnum === answered.seqnum })

  yield* Scope.close(app.scope, Exit.void)
  const refused = yield* Effect.scoped(Effect.flip(NodeTransport.connect(app.address)))
  yield* say({ refused: refused.message.replace(/\d+$/, "PORT"), ends: [yield* link.ended, yield* answered.ended] })
  for (const { scope } of [friend, other, { scope: silent }]) yield* Scope.close(scope, Exit.void)
  yield* say({ atEnd: yield* resources })
})

await Effect.runPromise(program)
